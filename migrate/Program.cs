using System.CommandLine;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.S3;
using Photos.Album;
using Photos.Migrate;

const int SomeRefused = 1;
const int CouldNotRun = 2;

var users = new Option<FileInfo>("--users") { Description = "A file with a line IDENTITY-ID,SUB for each user.", Required = true };
var source = new Option<string>("--from-bucket") { Description = "The old bucket, with the keys private/IDENTITY-ID/NAME.", Required = true };
var bucket = new Option<string>("--to-bucket") { Description = "The stack's output PhotoBucketName.", Required = true };
var table = new Option<string>("--table") { Description = "The stack's output PhotoTableName.", Required = true };
var command = new RootCommand("Copies photos to a stack. Exits with 1 if it has refused an object, with 2 if it could not run.") { users, source, bucket, table };
command.SetAction(MigrateAsync);

try
{
    ParseResult arguments = command.Parse(args);
    int exitCode = await arguments.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return arguments.Errors.Count > 0 ? CouldNotRun : exitCode;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or HttpRequestException or AmazonServiceException or AmazonClientException)
{
    await Console.Error.WriteLineAsync($"{e.Message} The command can be repeated; it goes on where it stopped.");
    return CouldNotRun;
}

async Task<int> MigrateAsync(ParseResult arguments, CancellationToken cancellationToken)
{
    List<(string Identity, UserId User)> map = UserMap.Read(await File.ReadAllLinesAsync(arguments.GetRequiredValue(users).FullName, cancellationToken));
    using var s3 = new AmazonS3Client();
    using var dynamoDb = new AmazonDynamoDBClient();
    var migration = new PhotoMigration(
        s3, dynamoDb, arguments.GetRequiredValue(source), arguments.GetRequiredValue(bucket), arguments.GetRequiredValue(table), Console.Out);
    foreach ((string identity, UserId user) in map)
    {
        await migration.CopyAsync(identity, user, cancellationToken);
    }

    Console.WriteLine($"{migration.Copied} photos copied, {migration.Present} were there already, {migration.Refused} objects refused, of {map.Count} users.");
    return migration.Refused > 0 ? SomeRefused : 0;
}

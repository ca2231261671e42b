using System.Collections.Concurrent;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Amazon.Runtime;
using Photos.Album;
using Photos.Local;
using Photos.Ops;

const int FoundSomething = 1;
const int CouldNotRun = 2;

var stack = new Option<string?>("--stack") { Description = "The CloudFormation stack, such as photos-prod. Without it, the command uses the local host." };
var port = new Option<int>("--port") { Description = "The port of the local host's API.", DefaultValueFactory = _ => 3000 };
var functions = new Option<string?>("--functions") { Description = "The folder with the functions that the local host runs, as FUNCTION/bootstrap." };
var user = new Option<string?>("--user") { Description = "The user whose album is rendered: the claim sub of the tokens. Without it, the command renders every album." };
var erased = new Option<string>("--user") { Description = "The user to erase: the claim sub of the tokens.", Required = true };
var removed = new Option<DateTimeOffset?>("--removed")
{
    Description = "When the user was removed from the user pool, in UTC, such as 2026-11-26T06:00:00Z. Without it, the command assumes that it was now.",
    CustomParser = ParseTime,
};
var confirm = new Option<bool>("--confirm") { Description = "Erases the user. Without it, the command only counts what is stored of the user." };
var repair = new Option<bool>("--repair") { Description = "Deletes the objects and renditions that no item names and that are older than ten days." };

var audit = new Command("audit", "Compares the table with the bucket. Exits with 0 if nothing is wrong, with 1 if something is wrong, with 2 if it could not run.") { stack, port, repair };
audit.SetAction(AuditAsync);
var replay = new Command("replay", "Replays discarded stream records. Exits with 0 if none remain, with 1 if some remain, with 2 if it could not run.") { stack, port, functions };
replay.SetAction(ReplayAsync);
var render = new Command("render", "Has the photos rendered that have no thumbnail yet. Exits with 0 if all were handled, with 1 if some failed, with 2 if it could not run.") { stack, port, functions, user };
render.SetAction(RenderAsync);
var erase = new Command("erase", "Erases a user who was removed from the user pool. Exits with 0 if nothing is left of the user, with 1 if something is left, with 2 if it could not run.") { stack, port, erased, removed, confirm };
erase.SetAction(EraseAsync);

try
{
    ParseResult command = new RootCommand("The operators' commands of the Photos back end.") { audit, replay, render, erase }.Parse(args);
    int exitCode = await command.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return command.Errors.Count > 0 ? CouldNotRun : exitCode;
}
catch (HttpRequestException e)
{
    await Console.Error.WriteLineAsync($"The table and the bucket are not reachable ({e.Message}). Start the local host with make run, or check the network.");
    return CouldNotRun;
}
catch (Exception e) when (e is OpsException or LocalHostException or AmazonServiceException or AmazonClientException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return CouldNotRun;
}

async Task<int> AuditAsync(ParseResult arguments, CancellationToken cancellationToken)
{
    await using Deployment deployment = await OpenAsync(arguments, cancellationToken);
    var counts = new ConcurrentDictionary<FindingKind, int>();
    var comparison = new BucketAudit(deployment, arguments.GetValue(repair), finding =>
    {
        counts.AddOrUpdate(finding.Kind, 1, (_, count) => count + 1);
        Console.WriteLine(finding);
    });
    await comparison.RunAsync(cancellationToken);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
        Compared {comparison.Photos} listed photos with {comparison.Objects} objects and {comparison.Renditions} renditions.
        {Count(FindingKind.MissingObject)} listed photos have no object, {Count(FindingKind.MissingRenditions)} lack renditions.
        {Count(FindingKind.UnnamedObject)} objects are named by no item; {Count(FindingKind.Repaired)} more were, and are deleted.
        {Count(FindingKind.ForeignObject)} objects do not have the key of a photo.
        {Count(FindingKind.DeletedPhoto)} objects belong to deleted photos, which is not an error.
        """));
    return counts.Keys.Any(Finding.IsWrong) ? FoundSomething : 0;

    int Count(FindingKind kind) => counts.GetValueOrDefault(kind);
}

async Task<int> ReplayAsync(ParseResult arguments, CancellationToken cancellationToken)
{
    await using Deployment deployment = await OpenAsync(arguments, cancellationToken);
    return await new RecordReplay(deployment, Console.Out).RunAsync(cancellationToken) > 0 ? FoundSomething : 0;
}

async Task<int> RenderAsync(ParseResult arguments, CancellationToken cancellationToken)
{
    await using Deployment deployment = await OpenAsync(arguments, cancellationToken);
    string? album = arguments.GetValue(user) is { Length: > 0 } chosen ? chosen : null;
    return await new PhotoRendering(deployment, Console.Out).RunAsync(album, cancellationToken) > 0 ? FoundSomething : 0;
}

async Task<int> EraseAsync(ParseResult arguments, CancellationToken cancellationToken)
{
    string name = arguments.GetRequiredValue(erased);
    if (!UserId.TryParse(name, out UserId chosen))
    {
        throw new OpsException("--user is not a user id. Give the claim sub of the user's tokens: 1 to 128 letters, digits, hyphens, underscores and colons.");
    }

    await using Deployment deployment = await OpenAsync(arguments, cancellationToken);
    TimeSpan tokenLifetime = arguments.GetValue(stack) is { Length: > 0 } deployed ? await Stack.TokenLifetimeAsync(deployed, cancellationToken) : LocalStack.TokenLifetime;
    DateTimeOffset since = arguments.GetValue(removed) ?? DateTimeOffset.UtcNow;
    var erasure = new AlbumErasure(deployment, chosen, since, tokenLifetime, TimeProvider.System, Console.Out);
    bool isConfirmed = arguments.GetValue(confirm);
    if (isConfirmed)
    {
        await erasure.RunAsync(cancellationToken);
    }

    Remains remains = await erasure.CountAsync(cancellationToken);
    Console.WriteLine($"Left of {chosen}: {remains}.");
    if (!remains.IsEmpty)
    {
        Console.WriteLine(isConfirmed
            ? "Something was added meanwhile. Repeat the command."
            : string.Create(CultureInfo.InvariantCulture, $"Nothing was changed. To erase the user for good, repeat the command with --confirm. It ends after {erasure.EndOfUploads:u}."));
    }

    return remains.IsEmpty ? 0 : FoundSomething;
}

static DateTimeOffset? ParseTime(ArgumentResult argument)
{
    string text = argument.Tokens[0].Value;
    if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time))
    {
        return time;
    }

    argument.AddError($"--removed {text} is not a time. Give a time in UTC, such as 2026-11-26T06:00:00Z.");
    return null;
}

async Task<Deployment> OpenAsync(ParseResult arguments, CancellationToken cancellationToken) => arguments.GetValue(stack) is { Length: > 0 } name
    ? await Stack.OpenAsync(name, cancellationToken)
    : LocalStack.Open(arguments.GetRequiredValue(port), arguments.GetValue(functions));

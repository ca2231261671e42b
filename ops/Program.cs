using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using Amazon.Runtime;
using Photos.Local;
using Photos.Ops;

const int FoundSomething = 1;
const int CouldNotRun = 2;

var stack = new Option<string?>("--stack") { Description = "The CloudFormation stack, such as photos-prod. Without it, the command uses the local host." };
var port = new Option<int>("--port") { Description = "The port of the local host's API.", DefaultValueFactory = _ => 3000 };
var functions = new Option<string?>("--functions") { Description = "The folder with the functions that the local host runs, as FUNCTION/bootstrap." };
var user = new Option<string?>("--user") { Description = "The user whose album is rendered: the claim sub of the tokens. Without it, the command renders every album." };
var repair = new Option<bool>("--repair") { Description = "Deletes the objects and renditions that no item names and that are older than ten days." };

var audit = new Command("audit", "Compares the table with the bucket. Exits with 0 if nothing is wrong, with 1 if something is wrong, with 2 if it could not run.") { stack, port, repair };
audit.SetAction(AuditAsync);
var replay = new Command("replay", "Replays discarded stream records. Exits with 0 if none remain, with 1 if some remain, with 2 if it could not run.") { stack, port, functions };
replay.SetAction(ReplayAsync);
var render = new Command("render", "Has the photos rendered that have no thumbnail yet. Exits with 0 if all were handled, with 1 if some failed, with 2 if it could not run.") { stack, port, functions, user };
render.SetAction(RenderAsync);

try
{
    ParseResult command = new RootCommand("The operators' commands of the Photos back end.") { audit, replay, render }.Parse(args);
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

async Task<Deployment> OpenAsync(ParseResult arguments, CancellationToken cancellationToken) => arguments.GetValue(stack) is { Length: > 0 } name
    ? await Stack.OpenAsync(name, cancellationToken)
    : LocalStack.Open(arguments.GetRequiredValue(port), arguments.GetValue(functions));

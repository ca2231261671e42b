using System.Runtime.Versioning;

namespace Photos.Tests.Bench;

/// <summary>
/// <c>bench/cloud.sh</c> with an <c>aws</c> and a <c>curl</c> that record their arguments instead of running.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class CloudBenchTests : IDisposable
{
    private const string Aws = """
        #!/bin/sh
        echo "aws $*" >>"$CALLS"
        case $* in
            *describe-stacks*) echo https://api.example/dev ;;
            *describe-stack-resource*WritePhoto*) echo photos-WritePhoto-1 ;;
            *describe-stack-resource*DeletePhoto*) echo photos-DeletePhoto-1 ;;
            *describe-stack-resource*) echo photos-ListPhotos-1 ;;
            *get-alias*) [ -n "$ALIAS" ] && echo "$ALIAS" ;;
            *publish-version*) grep -c publish-version "$CALLS" ;;
            *delete-function*) exit "$DELETE_EXIT" ;;
            *MemorySize*) printf '512\t/aws/lambda/photos\n' ;;
            *get-function-configuration*) printf '{\n    "Variables": {\n        "PHOTO_TABLE": "photos"\n    }\n}\n' ;;
            *update-function-configuration*) for word; do case $word in file://*) tr -d ' \n' <"${word#file://}" >>"$CALLS"; echo >>"$CALLS" ;; esac; done ;;
            *filter-log-events*) cat "$LOG" ;;
        esac
        """;

    private const string Curl = """
        #!/bin/sh
        echo "curl $* $(cat)" >>"$CALLS"
        case $* in
            *"-X GET"*) printf "$GET_STATUS" ;;
            *"-X POST"*) printf 410 ;;
            *) printf 404 ;;
        esac
        """;

    private static readonly string[] s_functions = ["ListPhotos", "WritePhoto", "DeletePhoto"];

    private readonly TemporaryFolder _folder = new();

    public CloudBenchTests()
    {
        Add("aws", Aws);
        Add("curl", Curl);
    }

    private string CallsFile => Path.Combine(_folder.Path, "calls");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ADryRunPrintsEveryCommandInOrderAndRunsNone()
    {
        ToolResult run = await RunAsync(token: "", "--dry-run", "--stack", "photos", "--region", "eu-west-1", "--runs", "2", "--memory", "256,1024");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("", run.Error);
        Assert.False(File.Exists(CallsFile));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "tmp")));
        string[] commands = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                "describe-stacks",
                .. s_functions.SelectMany(_ => (string[])["describe-stack-resource", "get-function-configuration", "get-alias", "get-function-configuration"]),
                .. Measured("256"), .. Measured("1024"), .. Measured("256"), .. Measured("1024"),
                "filter-log-events", "filter-log-events", "filter-log-events",
                "awk",
                .. s_functions.SelectMany(_ => (string[])
                [
                    "update-alias LIVE_VERSION", "wait", "update-function-configuration MEMORY",
                    .. Enumerable.Repeat("delete-function VERSION", 4),
                ]),
            ],
            commands.Select(Verb));
        Assert.All(commands.Where(command => command.StartsWith("aws ", StringComparison.Ordinal)), command =>
            Assert.StartsWith("aws --region eu-west-1 ", command, StringComparison.Ordinal));
        Assert.All(commands.Where(command => command.StartsWith("curl ", StringComparison.Ordinal)), command =>
            Assert.EndsWith(" <<<\"Authorization: $TOKEN\"", command, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ARunChangesMeasuresAndRestoresEachFunction()
    {
        ToolResult run = await RunAsync(token: "the-token", "--stack", "photos", "--runs", "1", "--memory", "256");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("ListPhotos         512      3  44.90 / 60.00", run.Output, StringComparison.Ordinal);
        string[] calls = File.ReadAllLines(CallsFile);
        Assert.Equal(
            [
                "256 {\"Variables\":{\"PHOTOS_BENCH\":\"1-256\",\"PHOTO_TABLE\":\"photos\"}}",
                "256 {\"Variables\":{\"PHOTOS_BENCH\":\"1-256\",\"PHOTO_TABLE\":\"photos\"}}",
                "256 {\"Variables\":{\"PHOTOS_BENCH\":\"1-256\",\"PHOTO_TABLE\":\"photos\"}}",
                "512 {\"Variables\":{\"PHOTO_TABLE\":\"photos\"}}",
                "512 {\"Variables\":{\"PHOTO_TABLE\":\"photos\"}}",
                "512 {\"Variables\":{\"PHOTO_TABLE\":\"photos\"}}",
            ],
            calls.Index().Where(call => Verb(call.Item).StartsWith("update-function-configuration ", StringComparison.Ordinal))
                .Select(call => $"{Verb(call.Item).Split(' ')[1]} {calls[call.Index + 1]}"));
        string[] requests = [.. calls.Where(call => call.StartsWith("curl ", StringComparison.Ordinal))];
        Assert.Equal(6, requests.Length);
        Assert.All(requests, request => Assert.EndsWith(" Authorization: the-token", request, StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "tmp")));
    }

    [Fact]
    public async Task ARejectedTokenIsReportedAndEveryFunctionIsRestored()
    {
        ToolResult run = await RunAsync(token: "old", getStatus: "401", arguments: ["--stack", "photos", "--runs", "1"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the API rejects TOKEN (401)", run.Error, StringComparison.Ordinal);
        string[] calls = File.ReadAllLines(CallsFile);
        Assert.Equal(3, calls.TakeLast(13).Count(call => call == "{\"Variables\":{\"PHOTO_TABLE\":\"photos\"}}"));
        Assert.Equal(3, calls.TakeLast(13).Count(call => Verb(call) == "update-alias 7"));
        Assert.Equal(["delete-function 1"], calls.Select(Verb).Where(verb => verb.StartsWith("delete", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task TheAliasPointsAtEachNewVersionAndThenAtTheStacksAgain()
    {
        ToolResult run = await RunAsync(token: "the-token", "--stack", "photos", "--runs", "2");

        Assert.Equal(0, run.ExitCode);
        string[] calls = File.ReadAllLines(CallsFile);
        Assert.All(s_functions.Index(), function => Assert.Equal(
            [
                $"update-alias {function.Index + 1}", $"update-alias {function.Index + 4}", "update-alias 7",
                $"delete-function {function.Index + 1}", $"delete-function {function.Index + 4}",
            ],
            calls.Where(call => call.Contains($"photos-{function.Item}-1 ", StringComparison.Ordinal)).Select(Verb)
                .Where(verb => verb.StartsWith("update-alias", StringComparison.Ordinal) || verb.StartsWith("delete", StringComparison.Ordinal))));
    }

    /// <summary>Lambda does not publish an unchanged function again. It returns the stack's own version.</summary>
    [Fact]
    public async Task TheStacksVersionIsNeverDeleted()
    {
        ToolResult run = await RunAsync(token: "the-token", alias: "1\t0", ["--stack", "photos", "--runs", "1"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            ["delete-function 2", "delete-function 3"],
            File.ReadAllLines(CallsFile).Select(Verb).Where(verb => verb.StartsWith("delete", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AVersionThatCannotBeDeletedIsReported()
    {
        ToolResult run = await RunAsync(token: "the-token", deleteExit: 1, arguments: ["--stack", "photos", "--runs", "1"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("bench/cloud.sh: version 2 of photos-WritePhoto-1 could not be deleted. Delete it.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7\t1", "a deployment of ListPhotos is in progress. Try again when live points at a single version.")]
    [InlineData("", "ListPhotos has no alias live, which the API calls. Deploy the current template first.")]
    public async Task AFunctionWithoutASingleLiveVersionIsNotChanged(string alias, string problem)
    {
        ToolResult run = await RunAsync(token: "the-token", alias: alias, ["--stack", "photos", "--runs", "1"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"bench/cloud.sh: {problem}", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadAllLines(CallsFile), call => Verb(call).StartsWith("update", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--stack is required", "--runs", "1")]
    [InlineData("--runs must be a whole number from 1 to 9999", "--stack", "photos", "--runs", "0")]
    [InlineData("--memory must be a comma-separated list of sizes in MB, such as 256,512,1024", "--stack", "photos", "--memory", "256;512")]
    [InlineData("unknown option --fast; see --help", "--stack", "photos", "--fast")]
    [InlineData("TOKEN must be the ID token of a user; see --help for how to get one", "--stack", "photos")]
    public async Task InvalidArgumentsAreReportedInOneLineAndRunNothing(string problem, params string[] arguments)
    {
        ToolResult run = await RunAsync(token: "", arguments);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"bench/cloud.sh: {problem}", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.False(File.Exists(CallsFile));
    }

    private static IEnumerable<string> Measured(string memory) =>
    [
        .. s_functions.Select(_ => $"update-function-configuration {memory}"),
        .. ((string[])["GET", "POST", "DELETE"]).SelectMany(method => (string[])
        [
            "wait", "publish-version", "wait VERSION", "update-alias VERSION", method, method,
        ]),
    ];

    /// <summary>The method of a request, or the operation of an AWS CLI command with its memory size or version.</summary>
    private static string Verb(string command)
    {
        string[] words = command.Split(' ');
        int value = Array.FindIndex(words, word => word is "--memory-size" or "--function-version" or "--qualifier");
        return words[0] switch
        {
            "aws" => words[words[1] == "--region" ? 4 : 2] + (value < 0 ? "" : $" {words[value + 1]}"),
            "curl" => words[Array.IndexOf(words, "-X") + 1],
            string other => other,
        };
    }

    private Task<ToolResult> RunAsync(string token, params string[] arguments) => RunAsync(token, "7\t0", arguments);

    private Task<ToolResult> RunAsync(string token, string alias = "7\t0", string[]? arguments = null, string getStatus = "200", int deleteExit = 0)
    {
        string temporary = Directory.CreateDirectory(Path.Combine(_folder.Path, "tmp")).FullName;
        return Tool.RunAsync(
            "bash",
            [Path.Combine(Repository.Root, "bench", "cloud.sh"), .. arguments ?? []],
            ("PATH", $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}"),
            ("TMPDIR", temporary),
            ("TOKEN", token),
            ("GET_STATUS", getStatus),
            ("ALIAS", alias),
            ("DELETE_EXIT", $"{deleteExit}"),
            ("CALLS", CallsFile),
            ("LOG", Path.Combine(Repository.Root, "tests", "Bench", "report-lines.txt")));
    }

    private void Add(string tool, string script)
    {
        string path = Path.Combine(_folder.Path, tool);
        File.WriteAllText(path, script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}

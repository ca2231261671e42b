using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Local.Engines;
using Photos.Ops;

namespace Photos.Tests.Ops;

/// <summary>The commands on a stack, with an <c>aws</c> that records its arguments and describes a stack on the engines.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StackTests : IAsyncLifetime
{
    private const string Alias = "arn:aws:lambda:us-east-1:123456789012:function:photos-prod-SweepPhoto-1:live";
    private const string RenderAlias = "arn:aws:lambda:us-east-1:123456789012:function:photos-prod-RenderPhoto-1:live";

    private const string Aws = """
        #!/bin/sh
        echo "$*" >>"$CALLS"
        for last; do case $last in file://*) cat "${last#file://}" >>"$CALLS.events"; echo >>"$CALLS.events" ;; esac; done
        case $* in
            *describe-stacks*) cat "$STACK_FILE" ;;
            *export-credentials*) printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s"}' "$KEY" "$SECRET" ;;
            *list-user-pool-clients*) printf '%s' "$CLIENTS" ;;
            *describe-user-pool-client*) eval "printf '%s' \"\$CLIENT_$last\"" ;;
            *invoke*) printf '%s' "$RESPONSE" >"$last"; printf '{"StatusCode":200%s}' "$FUNCTION_ERROR" ;;
        esac
        """;

    private readonly TemporaryFolder _folder = new();
    private OpsAlbum? _album;

    private OpsAlbum Album => _album!;

    private string CallsFile => Path.Combine(_folder.Path, "calls");

    private (string Key, string Value)[] Outputs =>
    [
        ("PhotoTableName", Album.Direct.Table), ("PhotoBucketName", Album.Direct.Bucket), ("SweepFailuresName", Album.Direct.FailureBucket),
        ("SweepPhotoAlias", Alias), ("RenderPhotoAlias", RenderAlias),
    ];

    private IEnumerable<string> Calls => File.ReadLines(CallsFile);

    public async ValueTask InitializeAsync()
    {
        _album = await OpsAlbum.StartAsync();
        string program = Path.Combine(_folder.Path, "aws");
        await File.WriteAllTextAsync(program, Aws, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Describe(Outputs);
        Album.Variables.AddRange(
        [
            ("PATH", $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}"),
            ("CALLS", CallsFile),
            ("STACK_FILE", Path.Combine(_folder.Path, "stack.json")),

            // The commands get their credentials from the AWS CLI only.
            ("AWS_ACCESS_KEY_ID", "none"),
            ("KEY", LocalEngines.AccessKeyId),
            ("SECRET", LocalEngines.SecretAccessKey),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await (_album?.DisposeAsync() ?? default);
        _folder.Dispose();
    }

    [Fact]
    public async Task AnAuditFindsTheTableAndTheBucketOfTheStack()
    {
        string key = OpsAlbum.KeyOf(OpsAlbum.NewId());
        await Album.PutObjectAsync(key, BucketAudit.RepairAge + TimeSpan.FromHours(1));

        ToolResult found = await Album.RunAsync("audit", "--stack", "photos-prod");
        ToolResult repaired = await Album.RunAsync("audit", "--stack", "photos-prod", "--repair");

        Assert.Equal((1, ""), (found.ExitCode, found.Error));
        Assert.StartsWith($"{key}: no item names this object. It is 10.0 days old.\n", found.Output, StringComparison.Ordinal);
        Assert.Equal((0, false), (repaired.ExitCode, Album.HasObject(key)));
        Assert.Contains("cloudformation describe-stacks --stack-name photos-prod --output json", Calls);
        Assert.DoesNotContain(Calls, call => call.Contains("invoke", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AReplayInvokesTheAliasWithTheRecords()
    {
        await PutRecordAsync();
        Album.Variables.Add(("RESPONSE", """{"batchItemFailures":[]}"""));

        ToolResult replay = await Album.RunAsync("replay", "--stack", "photos-prod");

        Assert.Equal((0, "aws/lambda/one: replayed and deleted.\n1 discarded batches were replayed, 0 remain.\n"), (replay.ExitCode, replay.Output));
        Assert.Empty(await Album.DiscardedAsync());
        string invoke = Assert.Single(Calls, call => call.StartsWith("lambda invoke ", StringComparison.Ordinal));
        Assert.StartsWith($"lambda invoke --function-name {Alias} --cli-binary-format raw-in-base64-out --cli-read-timeout 0 --payload file:///", invoke, StringComparison.Ordinal);
        Assert.Equal("""{"Records":[{"dynamodb":{"SequenceNumber":"1"}},{"dynamodb":{"SequenceNumber":"2"}}]}""", Assert.Single(File.ReadLines($"{CallsFile}.events")));
    }

    [Fact]
    public async Task EachRecordIsReplayedToItsOwnFunction()
    {
        string[] records =
        [
            """{"dynamodb":{"SequenceNumber":"1","NewImage":{"state":{"S":"deleted"}}}}""",
            """{"dynamodb":{"SequenceNumber":"2","NewImage":{"name":{"S":"a"}}}}""",
            """{"dynamodb":{"SequenceNumber":"3","OldImage":{"state":{"S":"granted"}}}}""",
        ];
        await Album.PutDiscardedAsync("aws/lambda/one", JsonSerializer.Serialize(new { payload = $$"""{"Records":[{{string.Join(',', records)}}]}""" }));
        Album.Variables.Add(("RESPONSE", """{"batchItemFailures":[]}"""));

        ToolResult replay = await Album.RunAsync("replay", "--stack", "photos-prod");

        Assert.Equal(0, replay.ExitCode);
        Assert.Equal([Alias, RenderAlias], Calls.Where(call => call.StartsWith("lambda invoke ", StringComparison.Ordinal)).Select(call => call.Split(' ')[3]));
        Assert.Equal([$$"""{"Records":[{{records[0]}},{{records[2]}}]}""", $$"""{"Records":[{{records[1]}}]}"""], File.ReadLines($"{CallsFile}.events"));
    }

    [Fact]
    public async Task RenderInvokesTheAliasWithThePhotosThatWereNotLookedAt()
    {
        string[] ids = [.. Enumerable.Range(0, 3).Select(_ => OpsAlbum.NewId())];
        await Album.PutItemAsync(ids[0]);
        await Album.PutItemAsync(ids[1], PhotoItem.Granted);
        Dictionary<string, AttributeValue> ready = OpsAlbum.ItemOf(ids[2], state: null);
        ready[PhotoItem.Rendered] = new(PhotoItem.Ready);
        ready[PhotoItem.TakenUtc] = new("2026-11-24T05:00:00.000Z");
        await Album.Direct.DynamoDb.PutItemAsync(Album.Direct.Table, ready, TestContext.Current.CancellationToken);
        Album.Variables.Add(("RESPONSE", """{"batchItemFailures":[]}"""));

        ToolResult all = await Album.RunAsync("render", "--stack", "photos-prod");
        ToolResult album = await Album.RunAsync("render", "--stack", "photos-prod", "--user", "ops");
        ToolResult other = await Album.RunAsync("render", "--stack", "photos-prod", "--user", "op");

        string keys = $$$"""{"id":{"S":"ops"},"photoId":{"S":"{{{ids[0]}}}"}}""";
        string streamEvent = $$$"""{"Records":[{"eventName":"MODIFY","dynamodb":{"SequenceNumber":"0","Keys":{{{keys}}},"NewImage":{{{keys}}}}}]}""";
        Assert.Equal((0, "1 photos were handled.\n"), (all.ExitCode, all.Output));
        Assert.Equal((0, "1 photos were handled.\n"), (album.ExitCode, album.Output));
        Assert.Equal((0, "0 photos were handled.\n"), (other.ExitCode, other.Output));
        Assert.Equal([streamEvent, streamEvent], File.ReadLines($"{CallsFile}.events"));
        Assert.All(Calls.Where(call => call.StartsWith("lambda invoke ", StringComparison.Ordinal)), call => Assert.Equal(RenderAlias, call.Split(' ')[3]));
    }

    /// <summary>A photo of a release that did not write the time.</summary>
    [Fact]
    public async Task RenderInvokesTheAliasWithARenderedPhotoThatIsNotInTheIndex()
    {
        string id = OpsAlbum.NewId();
        Dictionary<string, AttributeValue> ready = OpsAlbum.ItemOf(id, state: null);
        ready[PhotoItem.Rendered] = new(PhotoItem.Ready);
        await Album.Direct.DynamoDb.PutItemAsync(Album.Direct.Table, ready, TestContext.Current.CancellationToken);
        Album.Variables.Add(("RESPONSE", """{"batchItemFailures":[]}"""));

        ToolResult render = await Album.RunAsync("render", "--stack", "photos-prod");

        Assert.Equal((0, "1 photos were handled.\n"), (render.ExitCode, render.Output));
        Assert.Contains(id, Assert.Single(File.ReadLines($"{CallsFile}.events")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APhotoThatFailsIsCountedAndTheOthersAreTried()
    {
        await Album.PutItemAsync(OpsAlbum.NewId());
        await Album.PutItemAsync(OpsAlbum.NewId());
        Album.Variables.Add(("RESPONSE", """{"batchItemFailures":[{"itemIdentifier":"0"}]}"""));

        ToolResult render = await Album.RunAsync("render", "--stack", "photos-prod");

        Assert.Equal(1, render.ExitCode);
        Assert.EndsWith("0 photos were handled, 2 failed. Find the cause in RenderPhoto's log, then repeat the command.\n", render.Output, StringComparison.Ordinal);
        Assert.Contains("""{"SequenceNumber":"1",""", File.ReadLines($"{CallsFile}.events").Last(), StringComparison.Ordinal);
    }

    /// <summary>The function reports the first record. The second one has not been tried, and is sent alone.</summary>
    [Fact]
    public async Task ARecordThatFailsAgainStays()
    {
        await PutRecordAsync();
        Album.Variables.Add(("RESPONSE", """{"batchItemFailures":[{"itemIdentifier":"1"}]}"""));

        ToolResult replay = await Album.RunAsync("replay", "--stack", "photos-prod");

        Assert.Equal(1, replay.ExitCode);
        Assert.StartsWith("aws/lambda/one: SweepPhoto failed again with 1, 1; see its log.", replay.Output, StringComparison.Ordinal);
        Assert.Equal(["aws/lambda/one"], (await Album.DiscardedAsync()).Keys);
        Assert.Equal("""{"Records":[{"dynamodb":{"SequenceNumber":"2"}}]}""", File.ReadLines($"{CallsFile}.events").Last());
    }

    [Fact]
    public async Task ARecordStaysWhenTheFunctionFails()
    {
        await PutRecordAsync();
        Album.Variables.AddRange([("RESPONSE", """{"errorType":"Runtime.ExitError"}"""), ("FUNCTION_ERROR", ""","FunctionError":"Unhandled" """)]);

        ToolResult replay = await Album.RunAsync("replay", "--stack", "photos-prod");

        Assert.Equal(1, replay.ExitCode);
        Assert.StartsWith("""aws/lambda/one: SweepPhoto failed again: {"errorType":"Runtime.ExitError"}.""", replay.Output, StringComparison.Ordinal);
        Assert.Equal(["aws/lambda/one"], (await Album.DiscardedAsync()).Keys);
    }

    [Fact]
    public async Task AStackOfAnEarlierReleaseIsRefused()
    {
        Describe([("PhotoTableName", Album.Direct.Table), ("PhotoBucketName", Album.Direct.Bucket)]);

        ToolResult audit = await Album.RunAsync("audit", "--stack", "photos-prod");

        Assert.Equal((2, ""), (audit.ExitCode, audit.Output));
        Assert.StartsWith("The stack photos-prod has no output SweepPhotoAlias.", audit.Error, StringComparison.Ordinal);
    }

    /// <summary>The API accepts the tokens of each app client of its user pool.</summary>
    [Theory]
    [InlineData("""{"ClientId":"one"}""", "01:00:00Z")]
    [InlineData("""{"ClientId":"one","IdTokenValidity":3}""", "03:00:00Z")]
    [InlineData("""{"ClientId":"one","IdTokenValidity":90,"TokenValidityUnits":{"AccessToken":"days","IdToken":"minutes"}}""", "01:30:00Z")]
    [InlineData("""{"ClientId":"one","IdTokenValidity":600,"TokenValidityUnits":{"IdToken":"seconds"}}""", "00:20:00Z")]
    [InlineData("""{"ClientId":"one","IdTokenValidity":1,"TokenValidityUnits":{"IdToken":"days"}}""", "24:00:00Z")]
    public async Task AnErasureWaitsForTheTokensOfEachAppClient(string client, string lifetime)
    {
        await Album.PutItemAsync(OpsAlbum.NewId());
        Describe([.. Outputs, ("UserPoolId", "us-east-1_Pool")]);
        Album.Variables.AddRange(
        [
            ("CLIENTS", """{"UserPoolClients":[{"ClientId":"one"},{"ClientId":"two"}]}"""),
            ("CLIENT_one", $$"""{"UserPoolClient":{{client}}}"""),
            ("CLIENT_two", """{"UserPoolClient":{"ClientId":"two","IdTokenValidity":20,"TokenValidityUnits":{"IdToken":"minutes"}}}"""),
        ]);

        ToolResult counted = await Album.RunAsync("erase", "--stack", "photos-prod", "--user", "ops", "--removed", "2026-01-01T00:00:00Z");

        DateTimeOffset end = new DateTimeOffset(2026, 1, 1, 0, 36, 0, TimeSpan.Zero) + TimeSpan.FromHours(int.Parse(lifetime[..2], CultureInfo.InvariantCulture)) + TimeSpan.FromMinutes(int.Parse(lifetime[3..5], CultureInfo.InvariantCulture));
        Assert.Equal((1, ""), (counted.ExitCode, counted.Error));
        Assert.Contains($"It ends after {end:u}.", counted.Output, StringComparison.Ordinal);
        Assert.Contains("cognito-idp list-user-pool-clients --region us-east-1 --user-pool-id us-east-1_Pool --output json", Calls);
        Assert.Contains("cognito-idp describe-user-pool-client --region us-east-1 --user-pool-id us-east-1_Pool --output json --client-id two", Calls);
    }

    [Fact]
    public async Task AStackWithAnotherUserPoolIsErasedByTheTokensOfThatPool()
    {
        Describe(Outputs, ("UserPoolArn", "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Other"));
        Album.Variables.AddRange([("CLIENTS", """{"UserPoolClients":[{"ClientId":"one"}]}"""), ("CLIENT_one", """{"UserPoolClient":{"ClientId":"one"}}""")]);

        ToolResult counted = await Album.RunAsync("erase", "--stack", "photos-prod", "--user", "ops");

        Assert.Equal((0, "", "Left of ops: 0 items, 0 versions of objects, 0 versions of renditions.\n"), (counted.ExitCode, counted.Error, counted.Output));
        Assert.Contains("cognito-idp list-user-pool-clients --region eu-west-1 --user-pool-id eu-west-1_Other --output json", Calls);
    }

    [Fact]
    public async Task AnErrorOfTheAwsCliIsPrinted()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "aws"), "#!/bin/sh\necho 'No such stack' >&2; exit 254\n", TestContext.Current.CancellationToken);

        ToolResult audit = await Album.RunAsync("audit", "--stack", "photos-prod");

        Assert.Equal((2, ""), (audit.ExitCode, audit.Output));
        Assert.Equal("`aws cloudformation describe-stacks` failed. Fix this error, then try again: No such stack\n", audit.Error);
    }

    [Fact]
    public async Task TheCommandsNeedThePermissionsOfTheSecurityPageAndNoOthers()
    {
        await PutRecordAsync();
        await Album.PutItemAsync(OpsAlbum.NewId());
        await Album.PutObjectAsync(OpsAlbum.KeyOf(OpsAlbum.NewId()), BucketAudit.RepairAge + TimeSpan.FromHours(1));
        await Album.PutObjectAsync($"renditions/ops/{OpsAlbum.NewId()}/preview", BucketAudit.RepairAge + TimeSpan.FromHours(1));
        Album.Variables.Add(("RESPONSE", """{"batchItemFailures":[]}"""));

        Assert.Equal(Documented("all", "make audit"), await PermissionsAsync("audit"));
        Assert.Equal(Documented("all", "make audit", "make audit ARGS=--repair"), await PermissionsAsync("audit", "--repair"));
        Assert.Equal(Documented("all", "make replay"), await PermissionsAsync("replay"));
        await Album.PutItemAsync(OpsAlbum.NewId());
        Assert.Equal(Documented("all", "make render"), await PermissionsAsync("render"));
        await Album.PutObjectAsync(OpsAlbum.KeyOf(OpsAlbum.NewId()));
        Describe([.. Outputs, ("UserPoolId", "us-east-1_Pool")]);
        Album.Variables.AddRange([("CLIENTS", """{"UserPoolClients":[{"ClientId":"one"}]}"""), ("CLIENT_one", """{"UserPoolClient":{"ClientId":"one"}}""")]);
        Assert.Equal(Documented("all", "make erase"), await PermissionsAsync("erase", "--user", "ops", "--removed", "2026-01-01T00:00:00Z", "--confirm"));
        await Album.PutItemAsync(OpsAlbum.NewId());
        Assert.Equal(Documented("all", "make render", "make render SUB=alice").Where(action => action != "dynamodb:Scan"), await PermissionsAsync("render", "--user", "ops"));
    }

    /// <summary>The actions that SECURITY.md lists for commands, in order.</summary>
    private static List<string> Documented(params string[] commands)
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "SECURITY.md"));
        SortedSet<string> actions = new(StringComparer.Ordinal);
        string command = "";
        foreach (string[] row in page.Split("\n| Command | Actions |")[1].Split("\n\n")[0].Split('\n').Skip(2).Select(line => line.Split('|')))
        {
            command = row[1].Trim() is { Length: > 0 } named ? named.Trim('`') : command;
            if (commands.Contains(command, StringComparer.Ordinal))
            {
                actions.UnionWith(row[2].Split('`').Where((_, index) => index % 2 == 1));
            }
        }

        return [.. actions];
    }

    /// <summary>The actions that the requests of a command need, in order.</summary>
    /// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html</remarks>
    private async Task<List<string>> PermissionsAsync(params string[] arguments)
    {
        var actions = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        Album.Interceptor = (request, forward, _) =>
        {
            actions[(request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase), request.Method) switch
            {
                (string target, _) => $"dynamodb:{target.Split('.')[1]}",
                (null, "GET") when request.Target.Contains("list-type=2", StringComparison.Ordinal) => "s3:ListBucket",
                (null, "GET") when request.Target.Contains("versions", StringComparison.Ordinal) => "s3:ListBucketVersions",
                (null, "GET" or "HEAD") => "s3:GetObject",
                (null, "DELETE") when request.Target.Contains("versionId", StringComparison.Ordinal) => "s3:DeleteObjectVersion",
                (null, "DELETE") => "s3:DeleteObject",
                (null, "POST") when request.Target.Contains("?delete", StringComparison.Ordinal) && request.Text.Contains("<VersionId>", StringComparison.Ordinal) => "s3:DeleteObjectVersion",
                _ => $"{request.Method} {request.Target}",
            }] = true;
            return forward();
        };
        File.Delete(CallsFile);
        await Album.RunAsync([.. arguments, "--stack", "photos-prod"]);

        foreach (string call in Calls.Where(call => !call.StartsWith("configure ", StringComparison.Ordinal)))
        {
            actions[call.Split(' ') is ["cloudformation", "describe-stacks", ..] ? "cloudformation:DescribeStacks"
                : call.Split(' ') is ["lambda", "invoke", ..] ? "lambda:InvokeFunction"
                : call.Split(' ') is ["cognito-idp", "list-user-pool-clients", ..] ? "cognito-idp:ListUserPoolClients"
                : call.Split(' ') is ["cognito-idp", "describe-user-pool-client", ..] ? "cognito-idp:DescribeUserPoolClient"
                : call] = true;
        }

        return [.. actions.Keys.Order(StringComparer.Ordinal)];
    }

    private Task PutRecordAsync() => Album.PutDiscardedAsync(
        "aws/lambda/one",
        JsonSerializer.Serialize(new { payload = """{"Records":[{"dynamodb":{"SequenceNumber":"1"}},{"dynamodb":{"SequenceNumber":"2"}}]}""" }));

    private void Describe((string Key, string Value)[] outputs, params (string Key, string Value)[] parameters)
    {
        var stack = new JsonObject
        {
            ["StackId"] = "arn:aws:cloudformation:us-east-1:123456789012:stack/photos-prod/1",
            [nameof(Outputs)] = Values("Output", outputs),
            ["Parameters"] = Values("Parameter", parameters),
        };
        File.WriteAllText(Path.Combine(_folder.Path, "stack.json"), new JsonObject { ["Stacks"] = new JsonArray(stack) }.ToJsonString());
    }

    private static JsonArray Values(string kind, (string Key, string Value)[] values) =>
        new([.. values.Select(one => new JsonObject { [$"{kind}Key"] = one.Key, [$"{kind}Value"] = one.Value })]);
}

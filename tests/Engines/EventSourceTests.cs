using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;
using Photos.Local;
using Photos.Local.Engines;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Tests.Engines;

/// <summary>The event source mapping of the template, on the built-in engines.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class EventSourceTests : IAsyncLifetime
{
    private static readonly InvocationReport s_report = new("the request", 1, 1, null, 1);

    private readonly TemporaryFolder _data = new();
    private readonly StackDefinition _stack = TemplateReader.Read(Repository.Template, "us-east-1");
    private readonly StringWriter _output = new();
    private readonly List<JsonObject> _events = [];
    private readonly List<(string Function, int Records, InvocationResult Result)> _invoked = [];
    private Func<JsonObject, InvocationResult> _function = _ => Succeeded("""{"batchItemFailures":[]}""");
    private LocalEngines? _engines;
    private AmazonDynamoDBClient? _dynamoDb;
    private AmazonS3Client? _s3;

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private AmazonDynamoDBClient DynamoDb => _dynamoDb!;

    private AmazonS3Client S3 => _s3!;

    private EventSourceDefinition Source => _stack.EventSources[0] with { BatchingWindow = TimeSpan.Zero };

    private List<string> Handled
    {
        get
        {
            lock (_events)
            {
                return [.. _events.SelectMany(Ids)];
            }
        }
    }

    public async ValueTask InitializeAsync()
    {
        var options = new EngineOptions(
            _stack, Path.Combine(Repository.Root, "local", "Engines"), _data.Path, IPAddress.Loopback, FirstPort: 0, DynamoDb: null, S3: null, LocalEngines.BuiltInCredentials)
        {
            TimeToLiveInterval = TimeSpan.FromMilliseconds(200),
        };
        _engines = await LocalEngines.StartAsync(options, _output, Canceled);
        _dynamoDb = new AmazonDynamoDBClient(LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = _engines.DynamoDb.AbsoluteUri });
        _s3 = new AmazonS3Client(
            LocalEngines.BuiltInCredentials,
            new AmazonS3Config { ServiceURL = _engines.S3.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
    }

    public async ValueTask DisposeAsync()
    {
        _s3?.Dispose();
        _dynamoDb?.Dispose();
        if (_engines is not null)
        {
            await _engines.DisposeAsync();
        }

        _data.Dispose();
    }

    [Fact]
    public async Task OnlyDeletedAndExpiredPhotosReachTheFunctionInOrder()
    {
        await using EventSources sources = Start(Source);
        await PutAsync("listed");
        await PutAsync("deleted", state: "granted");
        await PutAsync("deleted", state: "deleted");
        await PutAsync("removed");
        await DynamoDb.DeleteItemAsync(_stack.Table.Name, Key("removed"), Canceled);
        await PutAsync("expired", state: "granted", expires: -10);

        await WaitAsync(() => Handled.Count >= 2);

        Assert.Equal(["deleted", "expired"], Handled);
        JsonNode record = _events[^1]["Records"]!.AsArray()[^1]!;
        Assert.Equal("Service", record["userIdentity"]!["type"]!.GetValue<string>());
        Assert.Equal("granted", record["dynamodb"]!["OldImage"]!["state"]!["S"]!.GetValue<string>());
        Assert.Equal(_engines!.StreamArn, record["eventSourceARN"]!.GetValue<string>());
        Assert.All(_invoked, one => Assert.Equal("SweepPhoto", one.Function));
        Assert.Equal(2, _invoked.Sum(one => one.Records));
    }

    [Fact]
    public async Task RecordsThatWereWrittenWhileTheHostWasStoppedAreHandledOnce()
    {
        await using (EventSources sources = Start(Source))
        {
            await DeleteAsync("1");
            await WaitAsync(() => Handled.Count == 1);
        }

        await DeleteAsync("2");
        await using (EventSources sources = Start(Source))
        {
            await WaitAsync(() => Handled.Count == 2);
            await DeleteAsync("3");
            await WaitAsync(() => Handled.Count == 3);
        }

        await using (EventSources sources = Start(Source))
        {
            await DeleteAsync("4");
            await WaitAsync(() => Handled.Count >= 4);
        }

        Assert.Equal(["1", "2", "3", "4"], Handled);
    }

    /// <summary>The records of one photo stay in order, whatever other photos' invocations do.</summary>
    [Fact]
    public async Task PhotosAreHandledAtTheSameTimeAndTheRecordsOfOneInOrder()
    {
        const int Photos = 20;
        const int Changes = 3;
        int running = 0;
        int most = 0;
        _function = _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Thread.Sleep(20);
            Interlocked.Decrement(ref running);
            return Succeeded("""{"batchItemFailures":[]}""");
        };
        for (int change = 0; change < Changes; change++)
        {
            for (int photo = 0; photo < Photos; photo++)
            {
                await PutAsync($"{photo}", state: "deleted", expires: 1_000_000 + change);
            }
        }

        await using EventSources sources = Start(_stack.EventSources[1] with { BatchSize = 1, Filters = [] });
        await WaitAsync(() => Handled.Count == Photos * Changes);

        Assert.InRange(most, 2, 10);
        List<JsonObject> handled;
        lock (_events)
        {
            handled = [.. _events];
        }

        Assert.All(handled.GroupBy(one => Ids(one).Single()), photo =>
        {
            string[] changes = [.. photo.Select(one => one["Records"]![0]!["dynamodb"]!["NewImage"]!["expires"]!["N"]!.GetValue<string>())];
            Assert.Equal(changes.Order(StringComparer.Ordinal), changes);
            Assert.Equal(Changes, changes.Length);
        });
    }

    [Fact]
    public async Task ABatchHasAtMostItsSizeAndIsGatheredForItsWindow()
    {
        await using EventSources sources = Start(Source with { BatchSize = 3, BatchingWindow = TimeSpan.FromSeconds(2) });
        for (int i = 0; i < 7; i++)
        {
            await DeleteAsync($"{i}");
        }

        await WaitAsync(() => Handled.Count == 7);

        Assert.Equal([3, 3, 1], _events.Select(one => Ids(one).Count()));
    }

    [Fact]
    public async Task ADiscardedBatchReachesTheFailureDestinationAsInLambda()
    {
        string bucket = Source.FailureBucket!;
        _function = one => Ids(one).Contains("bad", StringComparer.Ordinal)
            ? new InvocationResult.FunctionError(s_report, "{}"u8.ToArray())
            : Succeeded("{}");
        await using EventSources sources = Start(Source with { MaxRetries = 1 });
        await DeleteAsync("bad");
        await WaitAsync(() => Output.Contains("SweepPhotoSource discarded", StringComparison.Ordinal));
        await DeleteAsync("good");
        await WaitAsync(() => Handled.Contains("good", StringComparer.Ordinal));

        (string key, JsonObject record) = Assert.Single(await FailuresAsync(bucket));

        Assert.Matches(Key(), key);
        var info = (JsonObject)record["DDBStreamBatchInfo"]!;
        JsonObject bad = _events.First(one => Ids(one).Contains("bad", StringComparer.Ordinal));
        string number = bad["Records"]![0]!["dynamodb"]!["SequenceNumber"]!.GetValue<string>();
        string context = """{"requestId":"the request","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:SweepPhoto","condition":"RetryAttemptsExhausted","approximateInvokeCount":2}""";
        Assert.Equal(context, record["requestContext"]!.ToJsonString());
        Assert.Equal("""{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"}""", record["responseContext"]!.ToJsonString());
        Assert.Equal("1.0", record["version"]!.GetValue<string>());
        Assert.InRange(DateTimeOffset.Parse(record["timestamp"]!.GetValue<string>(), CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Equal((number, number, 1), (Text("startSequenceNumber"), Text("endSequenceNumber"), info["batchSize"]!.GetValue<int>()));
        Assert.Equal(_engines!.StreamArn, Text("streamArn"));
        Assert.Contains($"/{Text("shardId")}/", key, StringComparison.Ordinal);
        Assert.EndsWith("Z", Text("approximateArrivalOfFirstRecord"), StringComparison.Ordinal);
        Assert.Equal(Text("approximateArrivalOfFirstRecord"), Text("approximateArrivalOfLastRecord"));

        // Whoever replays it invokes the function with the payload.
        Assert.True(JsonNode.DeepEquals(bad, JsonNode.Parse(record["payload"]!.GetValue<string>())));

        string Text(string name) => info[name]!.GetValue<string>();
    }

    [Fact]
    public async Task AnOldRecordReachesTheFailureDestinationWithoutAFunctionError()
    {
        _function = _ => Succeeded("""{"batchItemFailures":[{"itemIdentifier":""}]}""");
        await using EventSources sources = Start(Source with { MaxRecordAgeSeconds = 2 });
        await DeleteAsync("bad");

        await WaitAsync(() => Output.Contains("SweepPhotoSource discarded", StringComparison.Ordinal));

        JsonObject record = Assert.Single(await FailuresAsync(Source.FailureBucket!)).Record;
        Assert.Equal("RecordAgeExceeded", record["requestContext"]!["condition"]!.GetValue<string>());
        Assert.Equal("""{"statusCode":200,"executedVersion":"$LATEST"}""", record["responseContext"]!.ToJsonString());
    }

    [Fact]
    public void AnInvalidFilterPatternIsReported()
    {
        LocalHostException error = Assert.Throws<LocalHostException>(() => Start(Source with { Filters = ["{}"] }));

        Assert.Contains("The filter pattern {}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATableWithoutAStreamIsReported()
    {
        LocalHostException error = Assert.Throws<LocalHostException>(() => Start(Source, streamArn: null));

        Assert.Contains("Give the table a StreamSpecification", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The binary that is deployed, from the change of the item to the deleted object.</summary>
    [Fact]
    public async Task SweepPhotoDeletesTheObjectsOfPhotosThatWereDeletedOrNeverWritten()
    {
        FunctionDefinition function = Assert.Single(_stack.Functions, function => function.Name == "SweepPhoto");
        var variables = new Dictionary<string, string>
        {
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ACCESS_KEY_ID"] = LocalEngines.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = LocalEngines.SecretAccessKey,
            ["AWS_ENDPOINT_URL_DYNAMODB"] = _engines!.DynamoDb.AbsoluteUri.TrimEnd('/'),
            ["AWS_ENDPOINT_URL_S3"] = _engines.S3.AbsoluteUri.TrimEnd('/'),
        };
        await using var pool = new FunctionPool(function, Path.Combine(Repository.Functions, function.Name), variables, _output);
        string deleted = NewId();
        string expired = NewId();
        string listed = NewId();
        string granted = NewId();
        foreach (string id in (string[])[deleted, expired, listed, granted])
        {
            await S3.PutObjectAsync(new PutObjectRequest { BucketName = _stack.Bucket.Name, Key = $"private/u/{id}", ContentBody = "photo", UseChunkEncoding = false }, Canceled);
        }

        await PutAsync(listed);
        await PutAsync(granted, state: "granted", expires: 3600);
        await PutAsync(deleted);
        await PutAsync(deleted, state: "deleted", expires: 3600);
        await PutAsync(expired, state: "granted", expires: -10);
        await using EventSources sources = EventSources.Start(
            Options(Source, _engines.StreamArn) with { Invoke = (_, payload, cancellationToken) => pool.InvokeAsync(payload, cancellationToken) },
            _output);

        await WaitAsync(() => Exists(deleted) || Exists(expired) ? null : "swept");

        Assert.True(Exists(listed) && Exists(granted), Output);
        await sources.StopAsync();

        bool Exists(string id) => Directory.EnumerateFiles(Path.Combine(_data.Path, "s3"), $"{id}*", SearchOption.AllDirectories).Any();
    }

    [GeneratedRegex("^aws/lambda/[-0-9a-f]{36}/[^/]+/[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}\\.[0-9]{2}\\.[0-9]{2}-[-0-9a-f]{36}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();

    private string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    private static string NewId() => PhotoId.Create(DateTimeOffset.UtcNow).Value;

    private static InvocationResult.Succeeded Succeeded(string response) => new(s_report, Encoding.UTF8.GetBytes(response));

    private static IEnumerable<string> Ids(JsonObject one) =>
        one["Records"]!.AsArray().Select(record => record!["dynamodb"]!["Keys"]!["photoId"]!["S"]!.GetValue<string>());

    private static Dictionary<string, AttributeValue> Key(string id) => new() { ["id"] = new("u"), ["photoId"] = new(id) };

    private EventSources Start(EventSourceDefinition source) => Start(source, _engines!.StreamArn);

    private EventSources Start(EventSourceDefinition source, string? streamArn) => EventSources.Start(Options(source, streamArn), _output);

    private EventSourceOptions Options(EventSourceDefinition source, string? streamArn) => new(
        [source],
        _engines!.DynamoDb,
        _engines.S3,
        LocalEngines.BuiltInCredentials,
        "us-east-1",
        streamArn,
        Path.Combine(_data.Path, "event-sources"),
        InvokeAsync,
        (function, records, result) =>
        {
            lock (_invoked)
            {
                _invoked.Add((function, records, result));
            }
        })
    {
        Delays = new EventSourceDelays(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)),
    };

    private Task<InvocationResult> InvokeAsync(string function, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var one = (JsonObject)JsonNode.Parse(payload.Span)!;
        lock (_events)
        {
            _events.Add(one);
        }

        return Task.Run(() => _function(one), CancellationToken.None);
    }

    private async Task DeleteAsync(string id)
    {
        await PutAsync(id, state: "granted");
        await PutAsync(id, state: "deleted");
    }

    private async Task PutAsync(string id, string? state = null, long? expires = null)
    {
        Dictionary<string, AttributeValue> item = Key(id);
        if (state is not null)
        {
            item["state"] = new AttributeValue(state);
        }
        else
        {
            item["name"] = new AttributeValue("a");
            item["date"] = new AttributeValue("2026-11-23T12:00:00.000Z");
            item["size"] = new AttributeValue { N = "5" };
            item["contentType"] = new AttributeValue("image/jpeg");
        }

        if (expires is { } seconds)
        {
            item["expires"] = new AttributeValue { N = DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) };
        }

        await DynamoDb.PutItemAsync(_stack.Table.Name, item, Canceled);
    }

    private async Task<List<(string Key, JsonObject Record)>> FailuresAsync(string bucket)
    {
        string folder = Path.Combine(_data.Path, "s3", bucket);
        const string Suffix = "._S3rver_object";
        List<(string, JsonObject)> failures = [];
        foreach (string file in Directory.EnumerateFiles(folder, $"*{Suffix}", SearchOption.AllDirectories))
        {
            string key = Path.GetRelativePath(folder, file)[..^Suffix.Length];
            using GetObjectResponse response = await S3.GetObjectAsync(bucket, key, Canceled);
            failures.Add((key, (JsonObject)(await JsonNode.ParseAsync(response.ResponseStream, cancellationToken: Canceled))!));
        }

        return failures;
    }

    private Task WaitAsync(Func<bool> isDone) => WaitAsync(() => isDone() ? "done" : null);

    private async Task WaitAsync(Func<string?> result)
    {
        for (long end = Environment.TickCount64 + 30_000; result() is null;)
        {
            Assert.True(Environment.TickCount64 < end, Output);
            await Task.Delay(20, Canceled);
        }
    }
}

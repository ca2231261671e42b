using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Local;
using Photos.Local.Engines;
using Photos.Local.Template;

namespace Photos.Tests.Engines;

/// <summary>Tests the built-in engines, which npm installs. Requires Node.js 20.</summary>
public sealed class EnginesTests : IDisposable
{
    private const string Bucket = "photos-dev";
    private const string Table = "devPhotoUsers";

    private static readonly HttpClient s_http = new();

    private static readonly string s_engines = Path.Combine(Repository.Root, "local", "Engines");

    private readonly string _data = Directory.CreateTempSubdirectory("photos-engines-").FullName;
    private readonly StringWriter _output = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task OnlyOneOfTwentyCreateOnlyUploadsSucceeds()
    {
        await using LocalEngines engines = await StartAsync();
        string url = Presign(engines, HttpVerb.PUT, "private/u/1", createOnly: true);
        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PutAsync(url, $"photo {i}", createOnly: true)));
        int winner = Assert.Single(Enumerable.Range(0, 20), i => responses[i].StatusCode == HttpStatusCode.OK);
        foreach (HttpResponseMessage response in responses.Where((_, i) => i != winner))
        {
            Assert.Equal(HttpStatusCode.PreconditionFailed, response.StatusCode);
            Assert.Equal("PreconditionFailed", XDocument.Parse(await response.Content.ReadAsStringAsync(Token)).Root!.Element("Code")!.Value);

            // Without this header a browser does not let a page of another origin read the 412.
            Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        }

        Assert.Equal($"photo {winner}", await s_http.GetStringAsync(Presign(engines, HttpVerb.GET, "private/u/1"), Token));
    }

    [Fact]
    public async Task AnInterruptedUploadLeavesNothing()
    {
        await using LocalEngines engines = await StartAsync();
        string url = Presign(engines, HttpVerb.PUT, "private/u/1", createOnly: true);
        using (var disconnect = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            using HttpRequestMessage request = Put(url, new StreamContent(new StallingStream(disconnect)), createOnly: true);
            request.Content!.Headers.ContentLength = 1000;
            await Assert.ThrowsAnyAsync<Exception>(() => s_http.SendAsync(request, disconnect.Token));
        }

        using HttpResponseMessage response = await PutAsync(url, "photo", createOnly: true);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task ARequestWithoutAValidSignatureIsRejectedWhetherTheObjectExistsOrNot()
    {
        await using LocalEngines engines = await StartAsync();
        string existing = Presign(engines, HttpVerb.PUT, "private/u/1", createOnly: true);
        string missing = Presign(engines, HttpVerb.PUT, "private/u/2", createOnly: true);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(existing, "photo", createOnly: true)).StatusCode);
        foreach (string url in new[] { existing, missing })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(url[..^1] + "g", "photo", createOnly: true)).StatusCode);
            string unsigned = url[..url.IndexOf('?', StringComparison.Ordinal)];
            Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(unsigned, "photo", createOnly: true)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await s_http.GetAsync(unsigned, Token)).StatusCode);
        }
    }

    [Fact]
    public async Task ABrowserMaySendTheHeadersThatAGrantSigns()
    {
        await using LocalEngines engines = await StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, Presign(engines, HttpVerb.PUT, "private/u/1", createOnly: true));
        preflight.Headers.Add("Origin", "http://localhost:3000");
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type,if-none-match,x-amz-tagging");
        using HttpResponseMessage response = await s_http.SendAsync(preflight, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("PUT", response.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        Assert.Equal(
            "content-type, if-none-match, x-amz-tagging",
            Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
    }

    [Fact]
    public async Task TheTagsOfAnUploadAreKeptUntilTheyAreCleared()
    {
        await using LocalEngines engines = await StartAsync();
        using AmazonS3Client s3 = S3(engines);
        using HttpRequestMessage request = Put(Presign(engines, HttpVerb.PUT, "private/u/1", tagging: "photos-upload=unfinished"), new StringContent("photo"));
        request.Headers.Add("x-amz-tagging", "photos-upload=unfinished");
        Assert.Equal(HttpStatusCode.OK, (await s_http.SendAsync(request, Token)).StatusCode);
        var tags = new GetObjectTaggingRequest { BucketName = Bucket, Key = "private/u/1" };
        Amazon.S3.Model.Tag tag = Assert.Single((await s3.GetObjectTaggingAsync(tags, Token)).Tagging);
        Assert.Equal(("photos-upload", "unfinished"), (tag.Key, tag.Value));

        var clear = new PutObjectTaggingRequest { BucketName = Bucket, Key = "private/u/1", Tagging = new Tagging { TagSet = [] } };
        await s3.PutObjectTaggingAsync(clear, Token);
        Assert.Empty((await s3.GetObjectTaggingAsync(tags, Token)).Tagging ?? []);
    }

    /// <summary>Otherwise a client could add tags or metadata to its upload that the grant does not name.</summary>
    [Theory]
    [InlineData("x-amz-tagging", "a=b")]
    [InlineData("X-Amz-Meta-Place", "here")]
    public async Task AnAwsHeaderThatTheUrlDoesNotSignIsRefused(string header, string value)
    {
        await using LocalEngines engines = await StartAsync();
        string url = Presign(engines, HttpVerb.PUT, "private/u/1");
        using HttpRequestMessage request = Put(url, new StringContent("photo"));
        request.Headers.Add(header, value);

        using HttpResponseMessage response = await s_http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains($"<HeadersNotSigned>{header.ToLowerInvariant()}</HeadersNotSigned>", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        using HttpResponseMessage retry = await PutAsync(url, "photo");
        Assert.Equal(HttpStatusCode.OK, retry.StatusCode);
    }

    /// <summary>https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html</summary>
    [Fact]
    public async Task TheItemOfAFailedConditionIsReturnedOnRequest()
    {
        await using LocalEngines engines = await StartAsync();
        await StoreAsync(engines);
        using AmazonDynamoDBClient dynamoDb = DynamoDb(engines);
        var key = new Dictionary<string, AttributeValue> { ["id"] = new("u"), ["photoId"] = new("1") };
        var missing = new Dictionary<string, AttributeValue> { ["id"] = new("u"), ["photoId"] = new("2") };
        Func<ReturnValuesOnConditionCheckFailure, Dictionary<string, AttributeValue>, Task>[] writes =
        [
            (items, of) => dynamoDb.PutItemAsync(new PutItemRequest(Table, of) { ConditionExpression = "size(photoId) > :n", ExpressionAttributeValues = Nine(), ReturnValuesOnConditionCheckFailure = items }, Token),
            (items, of) => dynamoDb.UpdateItemAsync(new UpdateItemRequest { TableName = Table, Key = of, UpdateExpression = "REMOVE a", ConditionExpression = "size(photoId) > :n", ExpressionAttributeValues = Nine(), ReturnValuesOnConditionCheckFailure = items }, Token),
            (items, of) => dynamoDb.DeleteItemAsync(new DeleteItemRequest { TableName = Table, Key = of, ConditionExpression = "size(photoId) > :n", ExpressionAttributeValues = Nine(), ReturnValuesOnConditionCheckFailure = items }, Token),
        ];
        foreach (Func<ReturnValuesOnConditionCheckFailure, Dictionary<string, AttributeValue>, Task> write in writes)
        {
            Assert.Equal("cat.jpg", (await FailAsync(write, ReturnValuesOnConditionCheckFailure.ALL_OLD, key)).Item["name"].S);
            Assert.Empty((await FailAsync(write, ReturnValuesOnConditionCheckFailure.NONE, key)).Item ?? []);
            Assert.Empty((await FailAsync(write, ReturnValuesOnConditionCheckFailure.ALL_OLD, missing)).Item ?? []);
        }

        await AssertStoredAsync(engines);

        static Dictionary<string, AttributeValue> Nine() => new() { [":n"] = new AttributeValue { N = "9" } };

        static Task<ConditionalCheckFailedException> FailAsync(
            Func<ReturnValuesOnConditionCheckFailure, Dictionary<string, AttributeValue>, Task> write,
            ReturnValuesOnConditionCheckFailure items,
            Dictionary<string, AttributeValue> key) =>
            Assert.ThrowsAsync<ConditionalCheckFailedException>(() => write(items, key));
    }

    [Fact]
    public async Task PhotosSurviveARestart()
    {
        await using (LocalEngines engines = await StartAsync())
        {
            await StoreAsync(engines);
        }

        await using LocalEngines again = await StartAsync();
        await AssertStoredAsync(again);
    }

    [Fact]
    public async Task ConcurrentHostsInstallTheEnginesOnce()
    {
        string folder = Path.Combine(_data, "engines");
        Directory.CreateDirectory(folder);
        foreach (string file in (string[])["package.json", "package-lock.json", ".npmrc"])
        {
            File.Copy(Path.Combine(s_engines, file), Path.Combine(folder, file));
        }

        var output = new StringWriter();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => EngineInstaller.EnsureInstalledAsync(folder, output, Token)));

        Assert.Equal("Installing the local engines with npm. This happens only once.", output.ToString().Trim());
        Assert.True(File.Exists(Path.Combine(folder, "node_modules", "dynalite", "package.json")));
    }

    [Fact]
    public async Task OrphanedEnginesEndAndUnlockTheData()
    {
        await EngineInstaller.EnsureInstalledAsync(s_engines, _output, Token);
        string configuration = $$$"""
            {"address":"127.0.0.1","reserveBytes":0,"dynamoDb":{"directory":"{{{_data}}}/dynamodb","port":0},"s3":{"directory":"{{{_data}}}/s3","incoming":"{{{_data}}}/s3-incoming","port":0,"buckets":[{"name":"{{{Bucket}}}"}]}}
            """;
        using Process orphan = Process.Start(new ProcessStartInfo("node", ["engines.mjs", configuration])
        {
            WorkingDirectory = s_engines,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["AWS_ACCESS_KEY_ID"] = LocalEngines.AccessKeyId, ["AWS_SECRET_ACCESS_KEY"] = LocalEngines.SecretAccessKey },
        })!;
        using JsonDocument ports = JsonDocument.Parse((await orphan.StandardOutput.ReadLineAsync(Token))!);
        EngineOptions orphans = Options(0, _data) with
        {
            DynamoDb = new Uri($"http://127.0.0.1:{ports.RootElement.GetProperty("dynamoDb")}"),
            S3 = new Uri($"http://127.0.0.1:{ports.RootElement.GetProperty("s3")}"),
        };
        await using (LocalEngines engines = await LocalEngines.StartAsync(orphans, _output, Token))
        {
            await StoreAsync(engines);
        }

        // As the operating system does when a host is killed.
        orphan.StandardInput.Close();
        await using LocalEngines next = await StartAsync();
        await AssertStoredAsync(next);
        await orphan.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task TwoHostsCannotUseTheSameData()
    {
        await using LocalEngines engines = await StartAsync();
        LocalHostException exception = await Assert.ThrowsAsync<LocalHostException>(() => StartAsync());
        Assert.Contains("Another local host", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APortThatIsInUseIsNamed()
    {
        await using LocalEngines engines = await StartAsync();
        int taken = engines.S3.Port;
        LocalHostException exception = await Assert.ThrowsAsync<LocalHostException>(() => StartAsync(s3Port: taken, data: Path.Combine(_data, "other")));

        // DynamoDB uses the next port, which another test may use.
        Assert.Matches(string.Create(CultureInfo.InvariantCulture, $@"address already in use 127\.0\.0\.1:({taken}|{taken + 1})\b"), exception.Message);
    }

    [Fact]
    public async Task EnginesListenOnTheGivenAddress()
    {
        using var free = new TcpListener(IPAddress.Parse("127.0.0.2"), 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        await using LocalEngines engines = await LocalEngines.StartAsync(
            Options(port, _data) with { Address = IPAddress.Parse("127.0.0.2") }, _output, Token);

        Assert.Equal(new Uri($"http://127.0.0.2:{port}"), engines.S3);
        Assert.Equal(new Uri($"http://127.0.0.2:{port + 1}"), engines.DynamoDb);
        await StoreAsync(engines);
        await AssertStoredAsync(engines);
    }

    [Fact]
    public async Task GivenEnginesAreUsedAndNoneIsStarted()
    {
        await using LocalEngines engines = await StartAsync();
        await using LocalEngines given = await LocalEngines.StartAsync(
            Options(0, Path.Combine(_data, "unused")) with { DynamoDb = engines.DynamoDb, S3 = engines.S3 },
            _output,
            Token);
        await StoreAsync(given);
        await AssertStoredAsync(engines);
        Assert.False(Directory.Exists(Path.Combine(_data, "unused")));
    }

    [Fact]
    public async Task AnUnreachableEngineIsNamed()
    {
        LocalHostException exception = await Assert.ThrowsAsync<LocalHostException>(() => LocalEngines.StartAsync(
            Options(0, _data) with { DynamoDb = new Uri("http://127.0.0.1:1"), S3 = new Uri("http://127.0.0.1:1") },
            _output,
            Token));
        Assert.StartsWith("DynamoDB is not reachable at http://127.0.0.1:1/", exception.Message, StringComparison.Ordinal);
    }

    private Task<LocalEngines> StartAsync(int s3Port = 0, string? data = null) =>
        LocalEngines.StartAsync(Options(s3Port, data ?? _data), _output, Token).WaitAsync(TimeSpan.FromSeconds(120), Token);

    private static EngineOptions Options(int s3Port, string data) => new(
        new StackDefinition(
            "dev",
            [],
            [],
            new CorsDefinition("*", "", "", ""),
            new Dictionary<string, GatewayResponseDefinition>(),
            [],
            new TableDefinition(Table, "id", "photoId"),
            new BucketDefinition(Bucket, [new BucketCorsRule(["*"], ["HEAD", "GET", "PUT", "POST", "DELETE"], ["*"], ["ETag"], 3000)])),
        s_engines,
        data,
        IPAddress.Loopback,
        s3Port,
        null,
        null,
        LocalEngines.BuiltInCredentials);

    private static async Task StoreAsync(LocalEngines engines)
    {
        using HttpResponseMessage response = await PutAsync(Presign(engines, HttpVerb.PUT, "private/u/1"), "photo");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using AmazonDynamoDBClient dynamoDb = DynamoDb(engines);
        var item = new Dictionary<string, AttributeValue> { ["id"] = new("u"), ["photoId"] = new("1"), ["name"] = new("cat.jpg") };
        await dynamoDb.PutItemAsync(Table, item, Token);
    }

    private static async Task AssertStoredAsync(LocalEngines engines)
    {
        Assert.Equal("photo", await s_http.GetStringAsync(Presign(engines, HttpVerb.GET, "private/u/1"), Token));
        using AmazonDynamoDBClient dynamoDb = DynamoDb(engines);
        var key = new Dictionary<string, AttributeValue> { ["id"] = new("u"), ["photoId"] = new("1") };
        GetItemResponse item = await dynamoDb.GetItemAsync(Table, key, Token);
        Assert.Equal("cat.jpg", item.Item["name"].S);
    }

    private static AmazonDynamoDBClient DynamoDb(LocalEngines engines) =>
        new(LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = engines.DynamoDb.AbsoluteUri });

    private static AmazonS3Client S3(LocalEngines engines) => new(
        LocalEngines.BuiltInCredentials,
        new AmazonS3Config { ServiceURL = engines.S3.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    private static string Presign(LocalEngines engines, HttpVerb verb, string key, bool createOnly = false, string? tagging = null)
    {
        using AmazonS3Client s3 = S3(engines);
        var request = new GetPreSignedUrlRequest
        {
            BucketName = Bucket,
            Key = key,
            Verb = verb,
            Protocol = Protocol.HTTP,
            Expires = DateTime.UtcNow.AddMinutes(5),
        };
        if (createOnly)
        {
            request.Headers["if-none-match"] = "*";
        }

        if (tagging is not null)
        {
            request.Headers["x-amz-tagging"] = tagging;
        }

        return s3.GetPreSignedURL(request);
    }

    private static async Task<HttpResponseMessage> PutAsync(string url, string body, bool createOnly = false)
    {
        using HttpRequestMessage request = Put(url, new ByteArrayContent(Encoding.UTF8.GetBytes(body)), createOnly);
        return await s_http.SendAsync(request, Token);
    }

    private static HttpRequestMessage Put(string url, HttpContent body, bool createOnly = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = body };
        request.Headers.Add("Origin", "http://localhost:3000");
        if (createOnly)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        }

        return request;
    }

    /// <summary>Returns a few bytes, then makes the sender disconnect.</summary>
    private sealed class StallingStream(CancellationTokenSource disconnect) : MemoryStream(new byte[100])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                await Task.Delay(200, cancellationToken);
                await disconnect.CancelAsync();
            }

            return read;
        }
    }
}

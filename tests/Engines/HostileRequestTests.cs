using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Local.Engines;
using Photos.Local.Template;

namespace Photos.Tests.Engines;

/// <summary>The built-in engines serve only signed requests, none of a web page's, and no request or full disk ends them.</summary>
public sealed class HostileRequestTests : IDisposable
{
    private static readonly HttpClient s_http = new();
    private static readonly StackDefinition s_stack = TemplateReader.Read(Repository.Template, "us-east-1");

    private readonly TemporaryFolder _data = new();
    private readonly StringWriter _output = new();

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

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

    public void Dispose() => _data.Dispose();

    /// <summary>The key is well known, so a page could sign its requests.</summary>
    [Fact]
    public async Task DynamoDbRefusesEveryOriginAlsoOfASignedRequest()
    {
        await using LocalEngines engines = await StartAsync();
        using AmazonDynamoDBClient client = Client(engines, LocalEngines.BuiltInCredentials);
        client.BeforeRequestEvent += (_, e) => ((WebServiceRequestEventArgs)e).Headers["Origin"] = "http://127.0.0.1:3000";

        AmazonDynamoDBException refused = await Assert.ThrowsAsync<AmazonDynamoDBException>(() => client.ListTablesAsync(Canceled));
        string preflight = await SendAsync(
            engines.DynamoDb, "OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1:3000\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n");

        Assert.Equal((HttpStatusCode.Forbidden, "AccessDeniedException"), (refused.StatusCode, refused.ErrorCode));
        Assert.StartsWith("HTTP/1.1 403 ", preflight, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control", preflight, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("S3RVER", "S3RVER", null)]
    [InlineData("S3RVER", "another", "InvalidSignatureException")]
    [InlineData("another", "S3RVER", "UnrecognizedClientException")]
    public async Task DynamoDbVerifiesSignatures(string key, string secret, string? errorCode)
    {
        await using LocalEngines engines = await StartAsync();
        using AmazonDynamoDBClient client = Client(engines, new BasicAWSCredentials(key, secret));

        if (errorCode is null)
        {
            Assert.Contains(s_stack.Table.Name, (await client.ListTablesAsync(Canceled)).TableNames);
        }
        else
        {
            Assert.Equal(errorCode, (await Assert.ThrowsAnyAsync<AmazonDynamoDBException>(() => client.ListTablesAsync(Canceled))).ErrorCode);
        }
    }

    [Theory]
    [InlineData(0, false, "")]
    [InlineData(-20, false, "InvalidSignatureException")]
    [InlineData(20, false, "InvalidSignatureException")]
    [InlineData(0, true, "InvalidSignatureException")]
    public async Task ASignatureIsForOneBodyAndSomeMinutes(int minutes, bool changesBody, string error)
    {
        await using LocalEngines engines = await StartAsync();
        using HttpRequestMessage request = Signed(engines, "DynamoDB_20120810.ListTables", "{}", DateTime.UtcNow.AddMinutes(minutes));
        if (changesBody)
        {
            request.Content = new StringContent("""{"Limit":1}""", Encoding.UTF8, "application/x-amz-json-1.0");
        }

        using HttpResponseMessage response = await s_http.SendAsync(request, Canceled);

        Assert.Equal(error.Length == 0 ? HttpStatusCode.OK : HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(error, await response.Content.ReadAsStringAsync(Canceled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "MissingAuthenticationTokenException")]
    [InlineData("Authorization: AWS4-HMAC-SHA256 Credential=S3RVER/1/2/3, SignedHeaders=host, Signature=0\r\nX-Amz-Date: 1\r\n", "IncompleteSignatureException")]
    public async Task DynamoDbRefusesWhatIsNotSigned(string headers, string error)
    {
        await using LocalEngines engines = await StartAsync();
        string response = await SendAsync(
            engines.DynamoDb, $"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n{headers}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}");

        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.Contains(error, response, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "/evil-bucket")]
    [InlineData("GET", "/")]
    [InlineData("HEAD", "/")]
    [InlineData("GET", "/BUCKET")]
    [InlineData("GET", "/BUCKET?cors")]
    [InlineData("PUT", "/BUCKET?cors")]
    [InlineData("DELETE", "/BUCKET")]
    [InlineData("POST", "/BUCKET")]
    [InlineData("POST", "/BUCKET?delete")]
    [InlineData("POST", "/BUCKET/key?uploads")]
    [InlineData("DELETE", "/BUCKET/key")]
    public async Task S3RefusesWhatIsNotSigned(string method, string path)
    {
        await using LocalEngines engines = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), engines.S3 + path.Replace("BUCKET", s_stack.Bucket.Name, StringComparison.Ordinal)[1..]);
        using HttpResponseMessage response = await s_http.SendAsync(request, Canceled);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        string body = await response.Content.ReadAsStringAsync(Canceled);
        Assert.True(method is "HEAD" || XDocument.Parse(body).Root!.Element("Code")!.Value is "AccessDenied", body);
        Assert.False(Directory.Exists(Path.Combine(_data.Path, "s3", "evil-bucket")));
        Assert.True(Directory.Exists(Path.Combine(_data.Path, "s3", s_stack.Bucket.Name)));
    }

    /// <summary>The key is well known, but keys of objects are not: a page must not list them.</summary>
    [Fact]
    public async Task S3ListsNothingForAWebPageAlsoIfItSigns()
    {
        await using LocalEngines engines = await StartAsync();
        using var s3 = new AmazonS3Client(
            LocalEngines.BuiltInCredentials, new AmazonS3Config { ServiceURL = engines.S3.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        var request = new GetPreSignedUrlRequest { BucketName = s_stack.Bucket.Name, Verb = HttpVerb.GET, Protocol = Protocol.HTTP, Expires = DateTime.UtcNow.AddMinutes(5) };
        string url = s3.GetPreSignedURL(request);
        using HttpRequestMessage ofPage = new(HttpMethod.Get, url) { Headers = { { "Origin", "http://127.0.0.1:3000" } } };
        using HttpRequestMessage rebound = new(HttpMethod.Get, url) { Headers = { Host = "photos.example" } };

        Assert.Equal(HttpStatusCode.Forbidden, (await s_http.SendAsync(ofPage, Canceled)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await s_http.SendAsync(rebound, Canceled)).StatusCode);
    }

    [Fact]
    public async Task NoRequestEndsTheEngines()
    {
        await using LocalEngines engines = await StartAsync();
        string[] bodies =
        [
            "null", "5", "\"x\"", "[]", "{", "", "{\"TableName\":null}", "{\"TableName\":{}}", "{\"TableName\":\"TABLE\",\"Item\":{\"id\":null}}",
            "{\"TableName\":\"TABLE\",\"Item\":{\"id\":{\"S\":\"a\"},\"photoId\":{\"S\":\"b\"},\"x\":{\"L\":[null]}}}",
            "{\"TableName\":\"TABLE\",\"Key\":{\"id\":null},\"RequestItems\":{\"TABLE\":null},\"StreamArn\":5,\"ShardIterator\":\"bnVsbA\"}",
            "{\"TableName\":\"TABLE\",\"RequestItems\":{\"TABLE\":[{\"PutRequest\":{\"Item\":{\"id\":null}}}]},\"ExpressionAttributeValues\":{\":a\":null}}",
        ];
        string[] operations =
        [
            .. ((string[])["BatchGetItem", "BatchWriteItem", "CreateTable", "DeleteItem", "DescribeTable", "DescribeTimeToLive", "GetItem", "ListTables", "PutItem",
                "Query", "Scan", "UpdateItem", "UpdateTable", "UpdateTimeToLive", "TransactWriteItems"]).Select(name => $"DynamoDB_20120810.{name}"),
            .. ((string[])["ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"]).Select(name => $"DynamoDBStreams_20120810.{name}"),
        ];
        foreach (string operation in operations)
        {
            foreach (string body in bodies)
            {
                using HttpRequestMessage request = Signed(engines, operation, body.Replace("TABLE", s_stack.Table.Name, StringComparison.Ordinal));
                using HttpResponseMessage response = await s_http.SendAsync(request, Canceled);

                Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.InternalServerError, $"{operation} {body}: {response.StatusCode}");
                Assert.True(
                    response.StatusCode is HttpStatusCode.OK || (await response.Content.ReadAsStringAsync(Canceled)).Contains("__type", StringComparison.Ordinal), $"{operation} {body}");
            }
        }

        Assert.DoesNotContain("started again", Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\n    at ", Output, StringComparison.Ordinal);
        await AssertTheyServeAsync(engines);
    }

    [Theory]
    [InlineData("POST http://[/ HTTP/1.1", "400")]
    [InlineData("POST //[ HTTP/1.1", "400")]
    [InlineData("OPTIONS * HTTP/1.1", "400")]
    [InlineData("GET /%zz HTTP/1.1", "40")]
    [InlineData("GET /photos/%zz HTTP/1.1", "40")]
    [InlineData("GET /?X-Amz-Algorithm=1&X-Amz-Credential=%zz HTTP/1.1", "40")]
    [InlineData("BREW / HTTP/1.1", "400")]
    [InlineData("nonsense", "400")]
    public async Task AMalformedRequestLineIsA4xxOfBothEngines(string line, string status)
    {
        await using LocalEngines engines = await StartAsync();
        foreach (Uri engine in (Uri[])[engines.DynamoDb, engines.S3])
        {
            string response = await SendAsync(engine, $"{line}\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            Assert.StartsWith($"HTTP/1.1 {status}", response, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("started again", Output, StringComparison.Ordinal);
        await AssertTheyServeAsync(engines);
    }

    [Fact]
    public async Task AClientThatHasClosedItsHalfOfTheConnectionGetsItsResponse()
    {
        await using LocalEngines engines = await StartAsync();

        Assert.StartsWith("HTTP/1.1 403 ", await SendAsync(engines.S3, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", closesItsHalf: true), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await SendAsync(engines.DynamoDb, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", closesItsHalf: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnginesThatEndAreStartedAgainOnTheSamePortsWithTheirData()
    {
        await using LocalEngines engines = await StartAsync();
        await AssertTheyServeAsync(engines);

        // Only these engines have this folder in their command line.
        using (var kill = Process.Start("pkill", ["-9", "-f", $"engines.mjs.*{_data.Path}"]))
        {
            await kill.WaitForExitAsync(Canceled);
            Assert.Equal(0, kill.ExitCode);
        }

        while (!Output.Contains("The local engines ended with exit code 137 and are started again.", StringComparison.Ordinal))
        {
            await Task.Delay(50, Canceled);
        }

        await AssertTheyServeAsync(engines, tries: 200);
        Assert.False(engines.Failure.IsCompleted);
        Assert.Single(Output.Split('\n'), line => line.Contains("started again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OnAFullDiskWritesAre503AndReadsGoOn()
    {
        await using (LocalEngines engines = await StartAsync())
        {
            await AssertTheyServeAsync(engines);
        }

        await using (LocalEngines full = await StartAsync(reserveBytes: 1L << 60))
        {
            using AmazonDynamoDBClient client = Client(full, LocalEngines.BuiltInCredentials);
            AmazonDynamoDBException unavailable = await Assert.ThrowsAnyAsync<AmazonDynamoDBException>(() => client.PutItemAsync(s_stack.Table.Name, Item("2"), Canceled));
            using HttpResponseMessage upload = await s_http.PutAsync(Presign(full, HttpVerb.PUT, "other"), new ByteArrayContent("photo"u8.ToArray()), Canceled);

            Assert.Equal((HttpStatusCode.ServiceUnavailable, "ServiceUnavailable"), (unavailable.StatusCode, unavailable.ErrorCode));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, upload.StatusCode);
            Assert.Equal("SlowDown", XDocument.Parse(await upload.Content.ReadAsStringAsync(Canceled)).Root!.Element("Code")!.Value);
            Assert.Single((await client.ScanAsync(new ScanRequest(s_stack.Table.Name), Canceled)).Items);
            Assert.Equal("photo", await s_http.GetStringAsync(Presign(full, HttpVerb.GET, "key"), Canceled));
            Assert.Equal(HttpStatusCode.NotFound, (await s_http.GetAsync(Presign(full, HttpVerb.GET, "other"), Canceled)).StatusCode);
        }

        await using LocalEngines again = await StartAsync();
        await AssertTheyServeAsync(again);
    }

    private Task<LocalEngines> StartAsync(long? reserveBytes = null)
    {
        var options = new EngineOptions(
            s_stack, Path.Combine(Repository.Root, "local", "Engines"), _data.Path, IPAddress.Loopback, FirstPort: 0, DynamoDb: null, S3: null, LocalEngines.BuiltInCredentials);
        return LocalEngines.StartAsync(reserveBytes is long reserve ? options with { ReserveBytes = reserve } : options, _output, Canceled);
    }

    /// <summary>Asserts that both engines store and return what they are given.</summary>
    /// <param name="engines">The engines.</param>
    /// <param name="tries">How often to try: after a restart, the two engines listen one after the other.</param>
    private static async Task AssertTheyServeAsync(LocalEngines engines, int tries = 1)
    {
        using AmazonDynamoDBClient client = Client(engines, LocalEngines.BuiltInCredentials);
        for (int i = 1; ; i++)
        {
            try
            {
                await client.PutItemAsync(s_stack.Table.Name, Item("1"), Canceled);
                using HttpResponseMessage put = await s_http.PutAsync(Presign(engines, HttpVerb.PUT, "key"), new ByteArrayContent("photo"u8.ToArray()), Canceled);
                Assert.Equal(HttpStatusCode.OK, put.StatusCode);
                break;
            }
            catch (Exception e) when (e is HttpRequestException or AmazonServiceException && i < tries)
            {
                await Task.Delay(50, Canceled);
            }
        }

        Assert.Equal("1", Assert.Single((await client.ScanAsync(new ScanRequest(s_stack.Table.Name), Canceled)).Items)["photoId"].S);
        Assert.Equal("photo", await s_http.GetStringAsync(Presign(engines, HttpVerb.GET, "key"), Canceled));
    }

    private static Dictionary<string, AttributeValue> Item(string photo) => new() { ["id"] = new("u"), ["photoId"] = new(photo) };

    private static AmazonDynamoDBClient Client(LocalEngines engines, AWSCredentials credentials) =>
        new(credentials, new AmazonDynamoDBConfig { ServiceURL = engines.DynamoDb.AbsoluteUri, MaxErrorRetry = 0 });

    private static string Presign(LocalEngines engines, HttpVerb verb, string key)
    {
        using var s3 = new AmazonS3Client(
            LocalEngines.BuiltInCredentials, new AmazonS3Config { ServiceURL = engines.S3.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
        return s3.GetPreSignedURL(new GetPreSignedUrlRequest { BucketName = s_stack.Bucket.Name, Key = key, Verb = verb, Protocol = Protocol.HTTP, Expires = DateTime.UtcNow.AddMinutes(5) });
    }

    /// <summary>A request to DynamoDB with any body, which the SDK would not send.</summary>
    private static HttpRequestMessage Signed(LocalEngines engines, string target, string body, DateTime? time = null)
    {
        string at = (time ?? DateTime.UtcNow).ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string scope = $"{at[..8]}/us-east-1/dynamodb/aws4_request";
        string canonical = $"POST\n/\n\nhost:{engines.DynamoDb.Authority}\nx-amz-date:{at}\nx-amz-target:{target}\n\nhost;x-amz-date;x-amz-target\n{Hash(body)}";
        byte[] key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + LocalEngines.SecretAccessKey), Hmac);
        string signature = Convert.ToHexStringLower(Hmac(key, $"AWS4-HMAC-SHA256\n{at}\n{scope}\n{Hash(canonical)}"));
        var request = new HttpRequestMessage(HttpMethod.Post, engines.DynamoDb) { Content = new StringContent(body, Encoding.UTF8, "application/x-amz-json-1.0") };
        request.Headers.Add("X-Amz-Date", at);
        request.Headers.Add("X-Amz-Target", target);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential={LocalEngines.AccessKeyId}/{scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature={signature}");
        return request;

        static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

        static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Sends bytes without changing them, and returns everything received until the connection is closed.</summary>
    private static async Task<string> SendAsync(Uri engine, string request, bool closesItsHalf = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(engine.Host, engine.Port, Canceled);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Canceled);
        if (closesItsHalf)
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }

        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Canceled).WaitAsync(TimeSpan.FromSeconds(20), Canceled);
    }
}

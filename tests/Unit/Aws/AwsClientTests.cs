using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Amazon;
using Amazon.Runtime.Signing;
using Photos.Aws;
using Photos.Local.Template;
using Photos.Net;
using Photos.Runtime;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.Unit.Aws;

public sealed class AwsClientTests : IAsyncDisposable
{
    private static readonly AwsRequest s_head = new("HEAD", "/bucket/key");

    private readonly ConcurrentQueue<FakeResponse> _script = new();
    private readonly FakeHttpServer _server;

    public AwsClientTests() => _server = new FakeHttpServer(RespondAsync);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("IQoJb3JpZ2luX2VjE+/=token")]
    public void SignaturesEqualTheSdks(string? sessionToken)
    {
        (string Service, AwsRequest Request)[] requests =
        [
            ("s3", s_head),
            ("s3", new("DELETE", "/bucket/private/us-east-1%3A9f1c/0190a3c2")),
            ("s3", new("PUT", "/bucket/key") { Query = "tagging=", ContentType = "application/xml", Checksum = "abc=", Body = "<Tagging/>"u8.ToArray() }),
            ("dynamodb", new("POST", "/") { ContentType = "application/x-amz-json-1.0", Target = "DynamoDB_20120810.Query", Body = """{"a":"ä"}"""u8.ToArray() }),
        ];
        AwsSettings settings = Settings(sessionToken);
        foreach ((string service, AwsRequest request) in requests)
        {
            _script.Enqueue(FakeResponse.Http(204, [], []));

            AwsClient.Create(service, Endpoint, settings).Send(request, Cancelled);

            HttpRequest sent = _server.Requests[^1];
            Assert.Equal(SignBySdk(service, request, sent, settings), sent.Header("authorization"));
            Assert.Equal(request.Body.ToArray(), sent.Body.ToArray());
            Assert.Equal(_server.Address, sent.Header("host"));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void ATransientErrorIsRetriedTwice(int failures)
    {
        FakeResponse[] failing =
        [
            FakeResponse.Http(500, [], []),
            FakeResponse.Http(400, ["Content-Type: application/x-amz-json-1.0"], """{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}"""u8),
            FakeResponse.Http(503, ["Content-Type: application/xml"], "<Error><Code>SlowDown</Code></Error>"u8),
        ];
        foreach (FakeResponse error in failing[..failures])
        {
            _script.Enqueue(error);
        }

        _script.Enqueue(FakeResponse.Http(200, [], []));

        AwsResponse response = Client().Send(s_head with { Method = "GET" }, Cancelled);

        Assert.Equal(failures == 2 ? 200 : 503, response.Status);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public void AConflictOfTwoRequestsIsRetried()
    {
        _script.Enqueue(FakeResponse.Http(409, ["Content-Type: application/xml"], "<Error><Code>OperationAborted</Code></Error>"u8));
        _script.Enqueue(FakeResponse.Http(204, [], []));

        Assert.Equal(204, Client().Send(s_head with { Method = "DELETE" }, Cancelled).Status);
    }

    /// <summary>The response to HEAD has no body, so its date alone tells.</summary>
    [Theory]
    [InlineData("GET", 403, "application/xml", "<Error><Code>RequestTimeTooSkewed</Code></Error>")]
    [InlineData("POST", 400, "application/x-amz-json-1.0", """{"__type":"com.amazon.coral.service#InvalidSignatureException"}""")]
    [InlineData("HEAD", 403, "application/xml", "")]
    public void AWrongClockIsCorrectedOnce(string method, int status, string type, string body)
    {
        TimeSpan[] offsets = [TimeSpan.FromMinutes(6), TimeSpan.FromHours(-2)];
        foreach (TimeSpan offset in offsets)
        {
            AwsSettings settings = Settings(sessionToken: null);
            var client = AwsClient.Create("s3", Endpoint, settings);
            DateTime server = DateTime.UtcNow + offset;
            int before = _server.Requests.Count;
            _script.Enqueue(FakeResponse.Http(status, [$"Content-Type: {type}", $"Date: {server:r}"], Encoding.UTF8.GetBytes(body)));
            _script.Enqueue(FakeResponse.Http(200, [], []));
            _script.Enqueue(FakeResponse.Http(200, [], []));

            Assert.Equal(200, client.Send(s_head with { Method = method }, Cancelled).Status);
            Assert.Equal(200, client.Send(s_head, Cancelled).Status);

            double[] signed = [.. _server.Requests.Skip(before).Select(request => (SignedAt(request) - server).TotalMinutes)];
            Assert.Equal(3, signed.Length);
            Assert.InRange(signed[0], -offset.TotalMinutes - 1, -offset.TotalMinutes + 1);
            Assert.All(signed[1..], minutes => Assert.InRange(minutes, -1, 1));
            Assert.InRange((settings.Signing.ClockOffset - offset).TotalMinutes, -1, 1);
        }
    }

    /// <summary>A wrong clock may show only on the last attempt. It is corrected once, so two clocks that disagree end as an error.</summary>
    [Fact]
    public void AWrongClockIsCorrectedAfterTransientErrors()
    {
        FakeResponse[] transient = [FakeResponse.HangUp, FakeResponse.Http(503, [], [])];
        foreach (FakeResponse response in (FakeResponse[])[.. transient, Skewed(60), FakeResponse.Http(204, [], []), .. transient, Skewed(-60), Skewed(60)])
        {
            _script.Enqueue(response);
        }

        Assert.Equal(204, Client().Send(s_head with { Method = "DELETE" }, Cancelled).Status);
        Assert.Equal(403, Client().Send(s_head with { Method = "DELETE" }, Cancelled).Status);

        Assert.Equal(8, _server.Requests.Count);
        Assert.Empty(_script);

        static FakeResponse Skewed(int minutes) => FakeResponse.Http(
            403,
            ["Content-Type: application/xml", $"Date: {DateTime.UtcNow.AddMinutes(minutes):r}"],
            "<Error><Code>RequestTimeTooSkewed</Code></Error>"u8);
    }

    [Theory]
    [InlineData("<Error><Code>AccessDenied</Code></Error>", 60)]
    [InlineData("<Error><Code>SignatureDoesNotMatch</Code></Error>", 2)]
    public void ARefusalThatTheClockDoesNotExplainIsNotRetried(string body, int minutes)
    {
        _script.Enqueue(FakeResponse.Http(403, ["Content-Type: application/xml", $"Date: {DateTime.UtcNow.AddMinutes(minutes):r}"], Encoding.UTF8.GetBytes(body)));

        Assert.Equal(403, Client().Send(s_head with { Method = "GET" }, Cancelled).Status);

        Assert.Single(_server.Requests);
    }

    /// <summary>Every try would fail: only another process has other credentials.</summary>
    [Theory]
    [InlineData("GET", "application/xml", "<Error><Code>ExpiredToken</Code></Error>", true)]
    [InlineData("POST", "application/x-amz-json-1.0", """{"__type":"com.amazon.coral.service#ExpiredTokenException"}""", true)]
    [InlineData("HEAD", "application/xml", "", true)]
    [InlineData("POST", "application/x-amz-json-1.0", """{"__type":"ValidationException"}""", false)]
    [InlineData("POST", "application/x-amz-json-1.0", "{", false)]
    public void ExpiredCredentialsAreTriedOnce(string method, string type, string body, bool expired)
    {
        AwsSettings settings = Settings(sessionToken: "token");
        _script.Enqueue(FakeResponse.Http(400, [$"Content-Type: {type}"], Encoding.UTF8.GetBytes(body)));

        AwsClient.Create("s3", Endpoint, settings).Send(s_head with { Method = method }, Cancelled);

        Assert.Single(_server.Requests);
        Assert.Equal(expired, settings.Signing.HasExpired);
    }

    [Theory]
    [InlineData(501, "<Error><Code>NotImplemented</Code></Error>", "NotImplemented")]
    [InlineData(404, "", null)]
    [InlineData(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>", "AccessDenied")]
    [InlineData(400, "<Error>", null)]
    [InlineData(400, "</Code><Code>", null)]
    [InlineData(400, "<Error>anything</Code>", null)]
    [InlineData(400, "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\"}", "ConditionalCheckFailedException")]
    [InlineData(400, "{\"__type\":\"ValidationException\"}", "ValidationException")]
    [InlineData(400, "{\"__type\":7}", null)]
    [InlineData(400, "{}", null)]
    [InlineData(400, "[]", null)]
    [InlineData(400, "{", null)]
    public void APermanentErrorIsNotRetried(int status, string body, string? code)
    {
        string type = body.StartsWith('{') || body.StartsWith('[') ? "application/x-amz-json-1.0" : "application/xml";
        _script.Enqueue(FakeResponse.Http(status, [$"Content-Type: {type}"], Encoding.UTF8.GetBytes(body)));

        AwsResponse response = Client().Send(s_head with { Method = "GET" }, Cancelled);

        Assert.Equal(status, response.Status);
        Assert.Equal(code, response.ErrorCode());
        Assert.Equal(code, response.ToException().Code);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData(
        "application/xml",
        "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>SECRET</Token-0></Error>",
        "AWS responded 403 ExpiredToken: The provided token has expired.")]
    [InlineData(
        "application/xml",
        "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>x-amz-security-token:SECRET</CanonicalRequest></Error>",
        "AWS responded 403 SignatureDoesNotMatch: (no message)")]
    [InlineData(
        "application/x-amz-json-1.0",
        """{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"It does not match.\n\nThe Canonical String should have been\n'POST\nx-amz-security-token:SECRET'"}""",
        "AWS responded 403 InvalidSignatureException: It does not match.")]
    [InlineData("application/x-amz-json-1.0", """{"__type":"AccessDeniedException","Message":"No."}""", "AWS responded 403 AccessDeniedException: No.")]
    [InlineData("text/html", "SECRET", "AWS responded 403 (no code): (no message)")]
    public void TheLogOfARefusalRepeatsNoToken(string type, string body, string message)
    {
        _script.Enqueue(FakeResponse.Http(403, [$"Content-Type: {type}"], Encoding.UTF8.GetBytes(body)));

        Assert.Equal(message, Client().Send(s_head with { Method = "GET" }, Cancelled).ToException().Message);
    }

    [Fact]
    public void AResponseTellsWhetherTheRequestWasSentBefore()
    {
        _script.Enqueue(FakeResponse.Http(200, [], []));
        _script.Enqueue(FakeResponse.HangUp);
        _script.Enqueue(FakeResponse.Http(200, [], []));

        Assert.False(Client().Send(s_head, Cancelled).IsRepeat);
        Assert.True(Client().Send(s_head, Cancelled).IsRepeat);
    }

    [Fact]
    public void ABrokenConnectionIsReopened()
    {
        _script.Enqueue(FakeResponse.HangUp);
        _script.Enqueue(FakeResponse.Http(204, [], []));

        Assert.Equal(204, Client().Send(s_head, Cancelled).Status);

        Assert.Equal(2, _server.ConnectionCount);
    }

    [Fact]
    public void AServiceThatAlwaysHangsUpIsAnError()
    {
        for (int i = 0; i < 3; i++)
        {
            _script.Enqueue(FakeResponse.HangUp);
        }

        Assert.ThrowsAny<IOException>(() => Client().Send(s_head, Cancelled));

        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public void AllAttemptsEndInTimeForTheFunctionToRespond()
    {
        StackDefinition stack = TemplateReader.Read(Repository.Template, "eu-central-1");
        Assert.All(stack.Functions, function =>
        {
            TimeSpan time = function.Timeout - LambdaRuntime.DeadlineMargin;
            int[] resolver = [.. function.Environment["RES_OPTIONS"].Split(' ').Select(option => int.Parse(option.Split(':')[1], CultureInfo.InvariantCulture))];

            Assert.True(AwsClient.MaxAttempts * AwsClient.AttemptTimeout < time);
            Assert.True(AwsClient.MaxAttempts * TimeSpan.FromSeconds(resolver[0] * resolver[1]) < time);
        });
    }

    [Fact]
    public async Task AConnectionClosedWhileIdleIsReopenedWithoutARetry()
    {
        _script.Enqueue(FakeResponse.Http(200, [], []) with { Close = true });
        _script.Enqueue(FakeResponse.Http(200, [], []));
        AwsClient client = Client();
        client.Send(s_head with { Method = "PUT" }, Cancelled);
        await Task.Delay(200, Cancelled);

        client.Send(s_head with { Method = "DELETE" }, Cancelled);

        Assert.Equal(["PUT", "DELETE"], _server.Requests.Select(request => request.Method));
        Assert.Equal(2, _server.ConnectionCount);
    }

    [Fact]
    public void AResponseToHeadHasNoBody()
    {
        _script.Enqueue(new FakeResponse(["HTTP/1.1 200 OK\r\nContent-Length: 123456\r\nContent-Type: image/png\r\n\r\n"u8.ToArray()]));
        _script.Enqueue(FakeResponse.Http(404, [], []));
        AwsClient client = Client();

        AwsResponse found = client.Send(s_head, Cancelled);
        Assert.Equal("123456", found.Header("content-length"u8));
        Assert.Equal("image/png", found.Header("content-type"u8));
        Assert.Equal(0, found.Body.Count);

        Assert.Equal(404, client.Send(s_head, Cancelled).Status);
        Assert.Equal(1, _server.ConnectionCount);
    }

    [Fact]
    public void TheTokenCancelsAHangingRequestAndTheNextOneSucceeds()
    {
        AwsClient client = Client();
        using (var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(300)))
        {
            long start = Stopwatch.GetTimestamp();
            Assert.ThrowsAny<OperationCanceledException>(() => client.Send(s_head, deadline.Token));
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.1, 2.4);
        }

        _script.Enqueue(FakeResponse.Http(200, [], []));
        Assert.Equal(200, client.Send(s_head, Cancelled).Status);
    }

    private static DateTime SignedAt(HttpRequest request) => DateTime.ParseExact(
        request.Header("x-amz-date")!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    private ServiceEndpoint Endpoint => ServiceEndpoint.Parse($"http://{_server.Address}")!;

    private AwsClient Client() => AwsClient.Create("s3", Endpoint, Settings(sessionToken: null));

    private static AwsSettings Settings(string? sessionToken) => new(
        "eu-central-1", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        sessionToken, DynamoDbEndpoint: null, S3Endpoint: null, new ServerTrust(rootsFile: null));

    private static string SignBySdk(string service, AwsRequest request, HttpRequest sent, AwsSettings settings)
    {
        var theirs = new AWSSigningRequest
        {
            HttpMethod = new HttpMethod(request.Method),
            RequestUri = new Uri($"http://{sent.Header("host")}{sent.Target}"),
            Content = request.Body.ToArray(),
        };
        foreach (string name in (ReadOnlySpan<string>)["content-type", "x-amz-checksum-sha256", "x-amz-content-sha256", "x-amz-target"])
        {
            if (sent.Header(name) is string value)
            {
                theirs.Headers[name] = value;
            }
        }

        var parameters = new AWSSigV4Parameters
        {
            Credentials = SdkClients.Credentials(settings),
            Region = RegionEndpoint.GetBySystemName(settings.Region),
            Service = service,
            SignedAt = SignedAt(sent),
        };
        return AWSSigV4Signer.Sign(theirs, parameters).Headers["Authorization"];
    }

    /// <summary>Without a scripted response, the server hangs.</summary>
    private async ValueTask<FakeResponse> RespondAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!_script.TryDequeue(out FakeResponse? response))
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return response!;
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Photos.Local;
using Photos.Local.Identity;
using Photos.Local.Lambda;

namespace Photos.Tests.Local;

public sealed class GatewayTests : IAsyncDisposable
{
    private readonly TestGateway _gateway = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData("GET", "/photos", "ListPhotos", "/photos")]
    [InlineData("GET", "/photos/", "ListPhotos", "/photos")]
    [InlineData("GET", "/photos/1", "ListPhotos", "/photos/{id}")]
    [InlineData("POST", "/photos", "WritePhoto", "/photos")]
    [InlineData("POST", "/photos/uploads", "WritePhoto", "/photos/uploads")]
    [InlineData("POST", "/photos/upload%73", "WritePhoto", "/photos/uploads")]
    [InlineData("PATCH", "/photos/1", "WritePhoto", "/photos/{id}")]
    [InlineData("POST", "/photos/deletions", "DeletePhoto", "/photos/deletions")]
    [InlineData("DELETE", "/photos/1", "DeletePhoto", "/photos/{id}")]
    [InlineData("DELETE", "/photos?id=1", "DeletePhoto", "/photos")]
    [InlineData("DELETE", "/album", "DeletePhoto", "/album")]
    public async Task ARouteInvokesItsFunction(string method, string path, string function, string resource)
    {
        using HttpResponseMessage response = await SendAsync(method, path, method is "POST" ? new StringContent("unchecked") : null);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(function, _gateway.Events[0].Function);
        Assert.Equal(resource, _gateway.LastEvent.GetProperty("resource").GetString());
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/nothing")]
    [InlineData("GET", "/Photos")]
    [InlineData("GET", "//photos")]
    [InlineData("GET", "/photos//")]
    [InlineData("GET", "/dev/photos")]
    [InlineData("GET", "/photos/1/2")]
    [InlineData("PUT", "/photos")]
    [InlineData("HEAD", "/photos")]
    [InlineData("GET", "/photos/uploads")]
    [InlineData("DELETE", "/photos/uploads")]
    [InlineData("GET", "/photos/deletions")]
    [InlineData("PATCH", "/photos")]
    [InlineData("POST", "/photos/1")]
    [InlineData("OPTIONS", "/nothing")]
    [InlineData("BREW", "/photos")]
    public async Task AnUnknownRouteIs403(string method, string path)
    {
        using HttpResponseMessage response = await SendAsync(method, path);

        await AssertErrorAsync(
            response,
            HttpStatusCode.Forbidden,
            "MissingAuthenticationTokenException",
            method is "HEAD" ? "" : """{"message":"Missing Authentication Token"}""");
        Assert.Empty(_gateway.Events);
    }

    [Theory]
    [InlineData("/photos")]
    [InlineData("/photos/1")]
    [InlineData("/photos/uploads")]
    public async Task APreflightDoesNotNeedAToken(string path)
    {
        _gateway.Client.DefaultRequestHeaders.Authorization = null;
        using HttpResponseMessage response = await SendAsync("OPTIONS", path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal(TestGateway.Stack.Cors.AllowMethods, Header(response, "Access-Control-Allow-Methods"));
        Assert.StartsWith("Authorization,Content-Type,", Header(response, "Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.Equal(TestGateway.Stack.Cors.AllowHeaders, Header(response, "Access-Control-Allow-Headers"));
        Assert.Equal("3000", Header(response, "Access-Control-Max-Age"));
        Assert.Empty(_gateway.Events);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic YTpi")]
    [InlineData("a.b.c")]
    public async Task AMissingOrInvalidTokenIs401(string? authorization)
    {
        _gateway.Client.DefaultRequestHeaders.Authorization = null;
        if (authorization is not null)
        {
            _gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }

        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "UnauthorizedException", """{"message":"Unauthorized"}""");
        Assert.Empty(_gateway.Events);
    }

    [Fact]
    public async Task AnExpiredTokenIs401AndSaysSo()
    {
        Authorize(TestGateway.Issuer.CreateToken("alice", TimeSpan.FromSeconds(-1)));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        await AssertErrorAsync(response, HttpStatusCode.Unauthorized, "UnauthorizedException", """{"message":"The incoming token has expired"}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer ")]
    [InlineData("bearer ")]
    public async Task ATokenIsAcceptedWithOrWithoutItsScheme(string scheme)
    {
        Authorize(scheme + TestGateway.Issuer.CreateToken("alice", TimeSpan.FromMinutes(1)));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>The functions check everything, so that each error names its field.</summary>
    [Theory]
    [InlineData("POST", "/photos/uploads", """{"name":"a","contentType":"image/png","size":1,"more":null}""")]
    [InlineData("POST", "/photos/uploads", """{"name":"a","contentType":"image/png","size":9223372036854775808}""")]
    [InlineData("POST", "/photos/uploads", "{'name':5}")]
    [InlineData("POST", "/photos", "[]")]
    [InlineData("POST", "/photos", "")]
    [InlineData("DELETE", "/photos?id=", null)]
    public async Task EveryRequestWithATokenReachesItsFunctionUnchanged(string method, string path, string? body)
    {
        using HttpResponseMessage response = await SendAsync(method, path, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body is "" ? null : body, _gateway.LastEvent.GetProperty("body").GetString());
    }

    [Theory]
    [InlineData("DELETE", "/photos")]
    [InlineData("POST", "/photos/uploads")]
    public async Task ARequestWithoutATokenReachesNoFunction(string method, string path)
    {
        _gateway.Client.DefaultRequestHeaders.Authorization = null;
        using HttpResponseMessage response = await SendAsync(method, path, method is "POST" ? new StringContent("{") : null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Empty(_gateway.Events);
    }

    /// <summary>The gateway's two ids, as in AWS. A function's log has both, and Lambda's own id of the invocation.</summary>
    [Fact]
    public async Task TheClientAndTheFunctionHaveTheSameTwoRequestIds()
    {
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        JsonElement context = _gateway.LastEvent.GetProperty("requestContext");
        Assert.Equal(Header(response, "x-amzn-RequestId"), context.GetProperty("requestId").GetString());
        Assert.Equal(Header(response, "x-amz-apigw-id"), context.GetProperty("extendedRequestId").GetString());
        Assert.NotEqual(Header(response, "x-amzn-RequestId"), Header(response, "x-amz-apigw-id"));
    }

    /// <summary>A newcomer's most common 401.</summary>
    [Theory]
    [InlineData("", "The request has no token.")]
    [InlineData("a.b.c", "It is not a complete JSON Web Token.")]
    [InlineData("expired", "It has expired.")]
    [InlineData("another key", "The issuer does not have the key that it is signed with.")]
    public async Task TheLogSaysWhyATokenWasRefusedIfItIsAskedTo(string token, string reason)
    {
        await using var gateway = new TestGateway(logsRefusedTokens: true);
        using var folder = new TemporaryFolder();
        string text = token switch
        {
            "expired" => TestGateway.Issuer.CreateToken("alice", TimeSpan.FromSeconds(-1)),
            "another key" => DevelopmentIssuer.Open(folder.Path).CreateToken("alice", TimeSpan.FromMinutes(1)),
            _ => token,
        };
        gateway.Client.DefaultRequestHeaders.Authorization = null;
        gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", text);
        using HttpResponseMessage response = await gateway.Client.GetAsync("/photos", Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.StartsWith($"The token was refused. {reason}", gateway.Log, StringComparison.Ordinal);
        Assert.True(text.Length < 10 || !gateway.Log.Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheFunctionsResponseIsReturned()
    {
        _gateway.Invoke = () => Task.FromResult(TestGateway.Succeeded(
            """{"statusCode":201,"headers":{"Content-Type":"text/plain","X-Number":1,"X-Null":null,"X-Both":"a"},"multiValueHeaders":{"X-Both":["b","c"]},"body":"é","isBase64Encoded":false}"""));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("é"u8.ToArray(), await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("1", Header(response, "X-Number"));
        Assert.Equal("b, c", Header(response, "X-Both"));
        Assert.False(response.Headers.Contains("X-Null"));
        Assert.True(Guid.TryParse(Header(response, "x-amzn-RequestId"), out _));
        Assert.False(response.Headers.Contains("x-amzn-ErrorType"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Matches(@"^GET /photos 201 \d+ ms$", (await _gateway.WaitForLogAsync(Token)).Trim());
    }

    [Fact]
    public async Task ReservedHeadersAreRemapped()
    {
        _gateway.Invoke = () => Task.FromResult(TestGateway.Succeeded(
            """{"statusCode":401,"headers":{"WWW-Authenticate":"Basic","Content-Length":"99","transfer-encoding":"chunked"},"body":"x"}"""));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        Assert.Equal("Basic", Header(response, "x-amzn-Remapped-WWW-Authenticate"));
        Assert.Equal("99", Header(response, "x-amzn-Remapped-Content-Length"));
        Assert.Equal("x", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("""{"statusCode":204,"body":"x"}""", HttpStatusCode.NoContent)]
    [InlineData("""{"statusCode":304,"body":"x"}""", HttpStatusCode.NotModified)]
    [InlineData("""{"statusCode":"200","headers":null,"multiValueHeaders":null,"body":null,"isBase64Encoded":null}""", HttpStatusCode.OK)]
    public async Task AResponseMayHaveNoBody(string result, HttpStatusCode status)
    {
        _gateway.Invoke = () => Task.FromResult(TestGateway.Succeeded(result));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        Assert.Equal(status, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [InlineData("image/png,*/*", "hi")]
    [InlineData("text/html, image/png", "aGk=")]
    [InlineData(null, "aGk=")]
    public async Task ABase64BodyIsDecodedWhenTheFirstAcceptedTypeIsBinary(string? accept, string body)
    {
        await using var gateway = new TestGateway(TestGateway.Stack with { BinaryMediaTypes = ["image/png"] });
        gateway.Invoke = () => Task.FromResult(TestGateway.Succeeded("""{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"""));
        if (accept is not null)
        {
            gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", accept);
        }

        Assert.Equal(body, await gateway.Client.GetStringAsync("/photos", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("{")]
    [InlineData("""{"body":"x"}""")]
    [InlineData("""{"statusCode":"OK"}""")]
    [InlineData("""{"statusCode":null}""")]
    [InlineData("""{"statusCode":0}""")]
    [InlineData("""{"statusCode":101}""")]
    [InlineData("""{"statusCode":200.5}""")]
    [InlineData("""{"statusCode":99999999999}""")]
    [InlineData("""{"statusCode":200,"body":{}}""")]
    [InlineData("""{"statusCode":200,"body":"\ud800"}""")]
    [InlineData("""{"statusCode":200,"isBase64Encoded":"yes"}""")]
    [InlineData("""{"statusCode":200,"body":"?","isBase64Encoded":true}""")]
    [InlineData("""{"statusCode":200,"headers":[]}""")]
    [InlineData("""{"statusCode":200,"headers":{"A":[]}}""")]
    [InlineData("""{"statusCode":200,"headers":{"A b":"c"}}""")]
    [InlineData("""{"statusCode":200,"headers":{"A":"b\r\nC: d"}}""")]
    [InlineData("""{"statusCode":200,"multiValueHeaders":{"A":"b"}}""")]
    [InlineData("""{"statusCode":200,"headres":{}}""")]
    public async Task AMalformedResponseIs502(string result)
    {
        _gateway.Invoke = () => Task.FromResult(TestGateway.Succeeded(result));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        await AssertErrorAsync(response, HttpStatusCode.BadGateway, "InternalServerErrorException", """{"message": "Internal server error"}""");
    }

    [Theory]
    [InlineData("error")]
    [InlineData("crash")]
    [InlineData("init")]
    public async Task AFunctionThatFailsIs502(string how)
    {
        _gateway.Invoke = () => Task.FromResult(TestGateway.Failed(how));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        await AssertErrorAsync(response, HttpStatusCode.BadGateway, "InternalServerErrorException", """{"message": "Internal server error"}""");
    }

    [Fact]
    public async Task AFunctionThatCannotBeStartedIs502AndTheLogSaysWhy()
    {
        _gateway.Invoke = () => Task.FromException<InvocationResult>(new LocalHostException("Build it."));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.StartsWith("Build it.", _gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFunctionThatTimesOutIs504()
    {
        _gateway.Invoke = () => Task.FromResult(TestGateway.Failed("timeout"));
        using HttpResponseMessage response = await SendAsync("GET", "/photos");

        await AssertErrorAsync(response, HttpStatusCode.GatewayTimeout, "InternalServerErrorException", """{"message": "Endpoint request timed out"}""");
    }

    [Fact]
    public async Task TheGatewayTimesOutAtItsOwnLimit()
    {
        await using var gateway = new TestGateway(integrationTimeout: TimeSpan.FromMilliseconds(50));
        gateway.Invoke = () => new TaskCompletionSource<InvocationResult>().Task;
        using HttpResponseMessage response = await gateway.Client.GetAsync("/photos", Token);

        await AssertErrorAsync(response, HttpStatusCode.GatewayTimeout, "InternalServerErrorException", """{"message": "Endpoint request timed out"}""");
    }

    [Theory]
    [InlineData((6 * 1024 * 1024) - 10_000, HttpStatusCode.OK)]
    [InlineData(6 * 1024 * 1024, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(10 * 1024 * 1024, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData((10 * 1024 * 1024) + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task ABodyThatIsTooLargeIs413(int bytes, HttpStatusCode status)
    {
        byte[] body = new byte[bytes];
        body.AsSpan().Fill((byte)'a');
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain") } };
        _gateway.Client.DefaultRequestHeaders.ExpectContinue = true;
        using HttpResponseMessage response = await _gateway.Client.PostAsync("/photos", content, Token);

        if (status is HttpStatusCode.OK)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        else
        {
            await AssertErrorAsync(response, status, "RequestTooLargeException", """{"message":"Request Too Long"}""");
        }
    }

    [Theory]
    [InlineData("GET /photos HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", " 401 ")]
    [InlineData("GET /photos HTTP/1.1\r\nConnection: close\r\n\r\n", " 400 ")]
    [InlineData("GET /photos HTTP/1.0\r\nConnection: close\r\n\r\n", " 401 ")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", " 403 ")]
    [InlineData("GET /photos/\u00e9 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", " 400 ")]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", " 400 ")]
    [InlineData("GET /photos HTTP/1.1\r\nHost: h\r\nX: \u00ff\r\nConnection: close\r\n\r\n", " 40")]
    [InlineData("nonsense\r\n\r\n", " 400 ")]
    public async Task OddRequestsGetAResponseBelow500(string request, string status)
    {
        string response = await _gateway.SendAsync(request, Token);

        Assert.StartsWith("HTTP/1.1", response, StringComparison.Ordinal);
        Assert.Contains(status, response.Split('\r')[0], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheLogReplacesControlCharacters()
    {
        await _gateway.SendAsync("GET /a\u001b[31m HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", Token);

        Assert.StartsWith("GET /a?[31m 403 ", await _gateway.WaitForLogAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMalformedChunkedBodyIs400()
    {
        string head = $"POST /photos HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: {_gateway.Client.DefaultRequestHeaders.Authorization}\r\n";
        string response = await _gateway.SendAsync(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", Token);

        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.EndsWith("""{"message":"Bad Request"}""", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AVeryLongUrlIs414()
    {
        string response = await _gateway.SendAsync($"GET /photos?{new string('a', 100_000)} HTTP/1.1\r\nHost: h\r\n\r\n", Token);

        Assert.StartsWith("HTTP/1.1 414 ", response, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClientThatDisconnectsDoesNotAffectOthers()
    {
        var invoked = new TaskCompletionSource();
        var result = new TaskCompletionSource<InvocationResult>();
        _gateway.Invoke = () =>
        {
            invoked.SetResult();
            return result.Task;
        };
        string head = $"POST /photos HTTP/1.1\r\nHost: h\r\nAuthorization: {_gateway.Client.DefaultRequestHeaders.Authorization}\r\nContent-Type: text/plain\r\n";
        using (Socket whole = await SendAndLeaveOpenAsync(head + "Content-Length: 1\r\n\r\nx"))
        using (Socket half = await SendAndLeaveOpenAsync(head + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n"))
        {
            await invoked.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);

            // The gateway sends it when it begins to read the body.
            byte[] received = new byte[64];
            int count = await half.ReceiveAsync(received, Token);
            Assert.StartsWith("HTTP/1.1 100 ", Encoding.ASCII.GetString(received, 0, count), StringComparison.Ordinal);
            whole.Close(0);
            half.Close(0);
        }

        result.SetResult(TestGateway.Succeeded($$"""{"statusCode":200,"body":"{{new string('x', 100_000)}}"}"""));
        _gateway.Invoke = () => Task.FromResult(TestGateway.Succeeded("""{"statusCode":200,"body":"fine"}"""));

        Assert.Equal("fine", await _gateway.Client.GetStringAsync("/photos", Token));

        // An error of another kind would end the request without a line.
        for (long end = Environment.TickCount64 + 10_000; Disconnected() < 2 && Environment.TickCount64 < end;)
        {
            await Task.Delay(10, Token);
        }

        Assert.Equal(2, Disconnected());

        int Disconnected() => _gateway.Log.Split('\n').Count(line => line.StartsWith("POST /photos ", StringComparison.Ordinal));
    }

    /// <summary>As <c>nc -N</c> does, and TCP allows.</summary>
    [Fact]
    public async Task AClientThatHasClosedItsHalfOfTheConnectionGetsItsResponse()
    {
        var invoked = new TaskCompletionSource();
        var result = new TaskCompletionSource<InvocationResult>();
        _gateway.Invoke = () =>
        {
            invoked.SetResult();
            return result.Task;
        };
        using Socket socket = await SendAndLeaveOpenAsync(
            $"POST /photos HTTP/1.1\r\nHost: h\r\nAuthorization: {_gateway.Client.DefaultRequestHeaders.Authorization}\r\nContent-Length: 2\r\n\r\n{{}}");
        await using var stream = new NetworkStream(socket);
        socket.Shutdown(SocketShutdown.Send);
        await invoked.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await Task.Delay(100, Token);
        result.SetResult(TestGateway.Succeeded("""{"statusCode":200,"body":"fine"}"""));
        using var reader = new StreamReader(stream);
        string response = await reader.ReadToEndAsync(Token).WaitAsync(TimeSpan.FromSeconds(10), Token);

        Assert.StartsWith("HTTP/1.1 200 ", response, StringComparison.Ordinal);
        Assert.EndsWith("fine", response, StringComparison.Ordinal);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(", ", response.Headers.GetValues(name));

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string errorType, string body)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(errorType, Header(response, "x-amzn-ErrorType"));
        Assert.True(Guid.TryParse(Header(response, "x-amzn-RequestId"), out _));
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("x-amzn-RequestId,x-amz-apigw-id,x-amzn-ErrorType", Header(response, "Access-Control-Expose-Headers"));
    }

    private void Authorize(string authorization)
    {
        _gateway.Client.DefaultRequestHeaders.Authorization = null;
        _gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, HttpContent? content = null) =>
        _gateway.Client.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), new Uri(_gateway.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path)) { Content = content },
            Token);

    private async Task<Socket> SendAndLeaveOpenAsync(string request)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _gateway.Client.BaseAddress!.Port, Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), Token);
        return socket;
    }
}

using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Photos.Tests.Local;

public sealed partial class ProxyEventTests : IAsyncDisposable
{
    private readonly TestGateway _gateway = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task TheEventHasEveryFieldThatApiGatewaySends()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/photos/a%20b?limit=5");
        request.Headers.Add("User-Agent", "test/1");
        await _gateway.Client.SendAsync(request, Token);

        string host = _gateway.Client.BaseAddress!.Authority;
        string port = _gateway.Client.BaseAddress.Port.ToString(CultureInfo.InvariantCulture);
        string authorization = _gateway.Client.DefaultRequestHeaders.Authorization!.ToString();
        string actual = Volatile().Replace(_gateway.Events[0].Event, "\"${name}\":\"-\"");
        actual = Times().Replace(actual, "\"${name}\":0");
        actual = Trace().Replace(actual, "Root=-");
        Assert.Equal(
            $$$"""
            {"resource":"/photos/{id}","path":"/photos/a b","httpMethod":"GET",
            "headers":{"Host":"{{{host}}}","User-Agent":"test/1","Authorization":"{{{authorization}}}",
            "X-Forwarded-For":"127.0.0.1","X-Forwarded-Port":"{{{port}}}","X-Forwarded-Proto":"http","X-Amzn-Trace-Id":"Root=-"},
            "multiValueHeaders":{"Host":["{{{host}}}"],"User-Agent":["test/1"],"Authorization":["{{{authorization}}}"],
            "X-Forwarded-For":["127.0.0.1"],"X-Forwarded-Port":["{{{port}}}"],"X-Forwarded-Proto":["http"],"X-Amzn-Trace-Id":["Root=-"]},
            "queryStringParameters":{"limit":"5"},"multiValueQueryStringParameters":{"limit":["5"]},
            "pathParameters":{"id":"a b"},"stageVariables":null,
            "requestContext":{"resourceId":"local","authorizer":{"claims":{"sub":"alice",
            "iss":"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_PhotosLocal","cognito:username":"alice",
            "aud":"photoslocaldevelopmentclient","event_id":"-","token_use":"id","auth_time":"-","iat":"-","exp":"-","jti":"-"}},
            "resourcePath":"/photos/{id}","httpMethod":"GET","extendedRequestId":"-","requestTime":"-",
            "path":"/dev/photos/a%20b","accountId":"123456789012","protocol":"HTTP/1.1","stage":"dev","domainPrefix":"127",
            "requestTimeEpoch":0,"requestId":"-",
            "identity":{"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"127.0.0.1",
            "principalOrgId":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,
            "userArn":null,"userAgent":"test/1","user":null},"domainName":"127.0.0.1","apiId":"local"},
            "body":null,"isBase64Encoded":false}
            """.ReplaceLineEndings(""),
            actual);
    }

    [Fact]
    public async Task TimesAndClaimsHaveApiGatewaysFormat()
    {
        await _gateway.Client.GetAsync("/photos", Token);

        JsonElement context = _gateway.LastEvent.GetProperty("requestContext");
        JsonElement claims = context.GetProperty("authorizer").GetProperty("claims");
        Assert.Matches(@"^\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d \+0000$", context.GetProperty("requestTime").GetString());
        Assert.InRange(
            DateTimeOffset.FromUnixTimeMilliseconds(context.GetProperty("requestTimeEpoch").GetInt64()),
            DateTimeOffset.UtcNow.AddMinutes(-1),
            DateTimeOffset.UtcNow);
        Assert.Matches(@"^[A-Z][a-z][a-z] [A-Z][a-z][a-z] \d\d \d\d:\d\d:\d\d UTC \d{4}$", claims.GetProperty("exp").GetString());
        Assert.Matches(@"^\d+$", claims.GetProperty("auth_time").GetString());
    }

    [Theory]
    [InlineData("/photos", "null", "null")]
    [InlineData("/photos?", "null", "null")]
    [InlineData("/photos?a=1&a=2", """{"a":"2"}""", """{"a":["1","2"]}""")]
    [InlineData("/photos?a&b=", """{"a":"","b":""}""", """{"a":[""],"b":[""]}""")]
    [InlineData("/photos?a=x%2By+z%26", """{"a":"x+y z&"}""", """{"a":["x+y z&"]}""")]
    [InlineData("/photos?a=b=c&%61=d", """{"a":"d"}""", """{"a":["b=c","d"]}""")]
    [InlineData("/photos?a=%C3%A9%22", """{"a":"é\""}""", """{"a":["é\""]}""")]
    [InlineData("/photos?a=%zz%FF%", """{"a":"%zz%FF%"}""", """{"a":["%zz%FF%"]}""")]
    public async Task QueryParametersAreDecoded(string target, string last, string all)
    {
        await _gateway.SendAsync(Get(target), Token);

        Assert.Equal(last, _gateway.LastEvent.GetProperty("queryStringParameters").GetRawText());
        Assert.Equal(all, _gateway.LastEvent.GetProperty("multiValueQueryStringParameters").GetRawText());
        Assert.Equal("null", _gateway.LastEvent.GetProperty("pathParameters").GetRawText());
    }

    [Theory]
    [InlineData("/photos/a%2Fb", "a/b")]
    [InlineData("/photos/a%252Fb", "a%2Fb")]
    [InlineData("/photos/%zz", "%zz")]
    [InlineData("/photos/%FF", "%FF")]
    [InlineData("/photos/..", "..")]
    [InlineData("/photos/x/", "x")]
    [InlineData("http://h/photos/x?y", "x")]
    public async Task PathParametersAreDecoded(string target, string id)
    {
        await _gateway.SendAsync(Get(target), Token);

        Assert.Equal(id, _gateway.LastEvent.GetProperty("pathParameters").GetProperty("id").GetString());
    }

    [Fact]
    public async Task ARepeatedHeaderHasItsLastValueAndAllValues()
    {
        await _gateway.SendAsync(Get("/photos", "X-Twice: 1\r\nx-twice: 2\r\nX-Forwarded-For: 10.0.0.1\r\nExpect: 100-continue\r\n"), Token);

        JsonElement e = _gateway.LastEvent;
        Assert.Equal("2", e.GetProperty("headers").GetProperty("X-Twice").GetString());
        Assert.Equal("""["1","2"]""", e.GetProperty("multiValueHeaders").GetProperty("X-Twice").GetRawText());
        Assert.Equal("10.0.0.1, 127.0.0.1", e.GetProperty("headers").GetProperty("X-Forwarded-For").GetString());
        Assert.False(e.GetProperty("headers").TryGetProperty("Connection", out _));
        Assert.False(e.GetProperty("headers").TryGetProperty("Expect", out _));
        Assert.Equal("null", e.GetProperty("requestContext").GetProperty("identity").GetProperty("userAgent").GetRawText());
    }

    [Fact]
    public async Task ABodyThatIsNotUtf8IsPassedAsText()
    {
        using var content = new ByteArrayContent([.. "{\"é\""u8, 0xFF, (byte)'}']) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain") } };
        await _gateway.Client.PostAsync("/photos", content, Token);

        Assert.Contains("\"body\":\"{\\\"é\\\"\uFFFD}\",\"isBase64Encoded\":false", _gateway.Events[0].Event, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AChunkedBodyIsReassembled()
    {
        string head = Get("/photos", "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n").Replace("GET", "POST", StringComparison.Ordinal);
        await _gateway.SendAsync(head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", Token);

        Assert.Equal("abcde", _gateway.LastEvent.GetProperty("body").GetString());
        Assert.False(_gateway.LastEvent.GetProperty("headers").TryGetProperty("Transfer-Encoding", out _));
    }

    [Theory]
    [InlineData("image/png", "/w==", true)]
    [InlineData("image/png; q=1", "/w==", true)]
    [InlineData("text/plain", "\uFFFD", false)]
    [InlineData("nonsense", "\uFFFD", false)]
    public async Task ABodyOfABinaryMediaTypeIsPassedInBase64(string contentType, string body, bool isBase64)
    {
        await using var gateway = new TestGateway(TestGateway.Stack with { BinaryMediaTypes = ["image/png"] });
        using var content = new ByteArrayContent([0xFF]);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        await gateway.Client.PostAsync("/photos", content, Token);

        Assert.Equal(body, gateway.LastEvent.GetProperty("body").GetString());
        Assert.Equal(isBase64, gateway.LastEvent.GetProperty("isBase64Encoded").GetBoolean());
    }

    private string Get(string target, string headers = "") =>
        $"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: {_gateway.Client.DefaultRequestHeaders.Authorization}\r\n{headers}\r\n";

    [GeneratedRegex("\"(?<name>event_id|auth_time|iat|exp|jti|extendedRequestId|requestTime|requestId)\":\"[^\"]+\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Volatile();

    [GeneratedRegex("\"(?<name>requestTimeEpoch)\":[0-9]{13}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Times();

    [GeneratedRegex("Root=1-[0-9a-f]{8}-[0-9a-f]{24}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Trace();
}

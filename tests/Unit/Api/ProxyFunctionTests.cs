using System.Text;
using Photos.Album;
using Photos.Api;
using Photos.Tests.Unit.Functions;

namespace Photos.Tests.Unit.Api;

public class ProxyFunctionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"body":{}}""")]
    [InlineData("""{"requestContext":{"authorizer":{"claims":"none"}}}""")]
    [InlineData("\"text\"")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"pathParameters":{"\ud800":"a"}}""")]
    [InlineData("""{"queryStringParameters":{"\udc00":"a"}}""")]
    public void AnInvalidProxyEventIsRefusedBeforeTheHandler(string payload)
    {
        FunctionResponse response = Invoke.Handle(
            (_, _) => throw new InvalidOperationException("The handler was called."), Encoding.UTF8.GetBytes(payload));

        response.AssertError(400, "InvalidEvent", "The event is not an API Gateway REST proxy event");
    }

    [Theory]
    [InlineData("{\u00ff\u00fe}")]
    [InlineData("{\"resource\":\"\u00ff\"}")]
    [InlineData("{\"queryStringParameters\":{\"n\u00e5xt\":\"a\"}}")]
    public void InvalidUtf8IsRefused(string latin1) =>
        Invoke.Handle((_, _) => throw new InvalidOperationException("The handler was called."), Encoding.Latin1.GetBytes(latin1))
            .AssertError(400, "InvalidEvent", "The event is not an API Gateway REST proxy event");

    [Theory]
    [InlineData("""{"headers":t"Authorization":"Bearer SECRET"}}""", "line 0, byte 12")]
    [InlineData("""{"headers":{"Authorization":n"Bearer SECRET"}}""", "line 0, byte 29")]
    [InlineData("""{"body":{"password":"SECRET"}}""", "body")]
    public void TheLogOfAnInvalidProxyEventHasOnlyThePosition(string payload, string place)
    {
        string log = Invoke.Handle((_, _) => ProxyResponse.NoContent, Encoding.UTF8.GetBytes(payload)).Log;

        Assert.Contains($"The event is not a proxy event: {place}.", log, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", log, StringComparison.Ordinal);
    }

    /// <summary>Only <c>sam local</c> sets the variable, and only its exact value counts.</summary>
    [Theory]
    [InlineData("true", "dev-user", "{}", "dev-user")]
    [InlineData("true", "dev-user", """{"requestContext":{"authorizer":null}}""", "dev-user")]
    [InlineData("true", "dev-user", """{"requestContext":{"authorizer":{"claims":{"sub":"alice"}}}}""", "alice")]
    [InlineData("true", "dev-user", """{"requestContext":{"authorizer":{"claims":{}}}}""", null)]
    [InlineData("true", "../bob", "{}", null)]
    [InlineData("true", "", "{}", null)]
    [InlineData("", "dev-user", "{}", null)]
    [InlineData("false", "dev-user", "{}", null)]
    [InlineData("1", "dev-user", "{}", null)]
    [InlineData("True", "dev-user", "{}", null)]
    [InlineData("false", "dev-user", """{"requestContext":{"authorizer":{"claims":{"sub":"alice"}}}}""", "alice")]
    public void OnlySamLocalHasADevelopmentUser(string samLocal, string developmentUser, string payload, string? user)
    {
        string? seen = null;
        FunctionResponse response = Invoke.Handle(
            (request, _) =>
            {
                seen = request.User.Value;
                return ProxyResponse.NoContent;
            },
            Encoding.UTF8.GetBytes(payload),
            ("AWS_SAM_LOCAL", samLocal),
            ("PHOTOS_DEVELOPMENT_USER", developmentUser));

        Assert.Equal(user, seen);
        Assert.Equal(user is null ? 401 : 204, response.Status);
    }

    [Fact]
    public void AQuoteInTheBodyTakesTwoBytesInTheEnvelope()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();

        ErrorResponse.For(new(PhotoFault.NotFound, "a \"b\" <c> é")).WriteTo(output, "*");

        Assert.Equal(
            """{"statusCode":404,"headers":{"Access-Control-Allow-Origin":"*","Access-Control-Expose-Headers":"Retry-After","Cache-Control":"no-store","Content-Type":"application/json"},"isBase64Encoded":false,"body":"{\"message\":\"a \\\"b\\\" <c> é\",\"code\":\"PhotoNotFound\"}"}""",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void EveryFaultHasAResponse()
    {
        foreach (PhotoFault fault in Enum.GetValues<PhotoFault>())
        {
            Assert.InRange(ErrorResponse.For(new(fault, "message")).StatusCode, 400, 503);
        }
    }
}

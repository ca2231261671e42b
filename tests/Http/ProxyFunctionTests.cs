using System.Text;
using Album.Http;
using Album.Tests.Functions;

namespace Album.Tests.Http;

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
    public void WhatIsNoProxyEventIsRefusedBeforeTheHandler(string payload)
    {
        Answer answer = Invoke.Handle(
            (_, _) => throw new InvalidOperationException("The handler was called."), Encoding.UTF8.GetBytes(payload));

        answer.AssertError(400, "InvalidEvent", "The event is no proxy event");
    }

    [Fact]
    public void BytesThatAreNoUtf8AreRefused() =>
        Invoke.Handle((_, _) => throw new InvalidOperationException("The handler was called."), [(byte)'{', 0xFF, 0xFE, (byte)'}'])
            .AssertError(400, "InvalidEvent", "The event is no proxy event");

    [Fact]
    public void AQuoteInTheBodyTakesTwoBytesInTheEnvelope()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();

        ErrorResponse.For(new(Album.Photos.PhotoFault.NotFound, "a \"b\" <c> é")).WriteTo(output, "*");

        Assert.Equal(
            """{"statusCode":404,"headers":{"Access-Control-Allow-Origin":"*","Access-Control-Expose-Headers":"Retry-After","Cache-Control":"no-store","Content-Type":"application/json"},"isBase64Encoded":false,"body":"{\"message\":\"a \\\"b\\\" <c> é\",\"code\":\"PhotoNotFound\"}"}""",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void EveryFaultHasAnAnswer()
    {
        foreach (Album.Photos.PhotoFault fault in Enum.GetValues<Album.Photos.PhotoFault>())
        {
            Assert.InRange(ErrorResponse.For(new(fault, "message")).StatusCode, 400, 503);
        }
    }
}

using System.Text;

namespace Photos.Tests.Harness;

public sealed class HttpRequestReaderTests
{
    [Fact]
    public void AHeaderIsFoundByItsExactNameOrInAnyCase()
    {
        HttpRequest request = Read("GET /a?b=c HTTP/1.1\r\nX-Odd:\t d:e \r\n\r\n")!;

        Assert.Equal(("GET", "/a?b=c"), (request.Method, request.Target));
        Assert.Equal("d:e", request.Header("X-Odd"));
        Assert.Equal("d:e", request.Header("x-odd", StringComparison.OrdinalIgnoreCase));
        Assert.Null(request.Header("x-odd"));
        Assert.True(request.Body.IsEmpty);
    }

    [Fact]
    public void AClientThatExpectsToBeAskedForTheBodyIsAsked()
    {
        using var stream = new MemoryStream();
        stream.Write("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"u8);
        stream.Position = 0;

        HttpRequest request = new HttpRequestReader(stream, connection: 1).Read()!;

        Assert.Equal("{}", request.Text);
        Assert.EndsWith("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(stream.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nno colon\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n1")]
    public void ARequestThatCannotBeReadIsInvalidData(string bytes) => Assert.Throws<InvalidDataException>(() => Read(bytes));

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n1")]
    public void AConnectionThatEndsEarlyHasNoRequest(string bytes) => Assert.Null(Read(bytes));

    private static HttpRequest? Read(string bytes)
    {
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes(bytes));
        return new HttpRequestReader(stream, connection: 1).Read();
    }
}

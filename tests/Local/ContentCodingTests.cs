using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Photos.Local.Gateway;

namespace Photos.Tests.Local;

/// <summary>What API Gateway compresses and decompresses.</summary>
public sealed class ContentCodingTests : IAsyncDisposable
{
    private const int MinimumSize = 1024;

    private readonly TestGateway _gateway = new(TestGateway.Stack with { MinimumCompressionSize = MinimumSize });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("*", null)]
    [InlineData("br", null)]
    [InlineData("identity", null)]
    [InlineData("gzip", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("gzip, deflate, br, zstd", "gzip")]
    [InlineData("deflate, gzip;q=0.5", "deflate")]
    [InlineData("deflate;q=0.5,gzip;q=1.0", "gzip")]
    [InlineData("br;q=1.0, gzip;q=0.8, *;q=0.1", null)]
    [InlineData("br, gzip", "gzip")]
    [InlineData("identity, gzip;q=0.5", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData("gzip;q=x", null)]
    [InlineData(";;,", null)]
    public async Task AResponseHasTheClientsCoding(string? accepted, string? coding)
    {
        string body = Json(10_000);
        using HttpResponseMessage response = await GetAsync(body, accepted);

        byte[] bytes = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal(coding is null ? [] : [coding], response.Content.Headers.ContentEncoding);
        Assert.Equal(bytes.Length, response.Content.Headers.ContentLength);
        Assert.Equal(body, Encoding.UTF8.GetString(Decode(bytes, coding)));
        Assert.True(coding is null || bytes.Length < 1000, $"{bytes.Length} bytes");
        Assert.Equal("application/json", $"{response.Content.Headers.ContentType}");
    }

    [Theory]
    [InlineData(MinimumSize - 1, false)]
    [InlineData(MinimumSize, true)]
    public async Task AResponseBelowTheMinimumSizeIsNotCompressed(int bytes, bool isCompressed)
    {
        using HttpResponseMessage response = await GetAsync(Json(bytes), "gzip");

        Assert.Equal(isCompressed ? ["gzip"] : [], response.Content.Headers.ContentEncoding);
    }

    /// <summary>The length is that of the bytes, not of the characters.</summary>
    [Fact]
    public async Task TheSizeIsInBytes()
    {
        using HttpResponseMessage response = await GetAsync($"\"{new string('写', MinimumSize / 3)}\"", "gzip");

        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task AnApiWithoutAMinimumSizeCompressesNothing()
    {
        await using var gateway = new TestGateway(TestGateway.Stack with { MinimumCompressionSize = null });
        gateway.Invoke = () => Task.FromResult(TestGateway.Succeeded($$"""{"statusCode":200,"body":"{{new string('a', 10_000)}}"}"""));
        gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", "gzip");

        using HttpResponseMessage response = await gateway.Client.GetAsync("/photos", Token);

        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.Equal(10_000, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task ABodyThatTheFunctionHasCompressedIsNotCompressedAgain()
    {
        using HttpResponseMessage response = await GetAsync(Json(10_000), "gzip", ""","headers":{"content-encoding":"br"}""");

        Assert.Equal(["br"], response.Content.Headers.ContentEncoding);
        Assert.Equal(Json(10_000), await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZip")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task ACompressedBodyReachesTheFunctionDecompressed(string coding)
    {
        string body = Json(5000);
        using HttpResponseMessage response = await PostAsync(Encode(Encoding.UTF8.GetBytes(body), coding.ToLowerInvariant()), coding);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body, _gateway.LastEvent.GetProperty("body").GetString());
        JsonElement headers = _gateway.LastEvent.GetProperty("headers");
        Assert.DoesNotContain("Content-Encoding", headers.EnumerateObject().Select(header => header.Name), StringComparer.OrdinalIgnoreCase);
    }

    public static TheoryData<string, string> Undecodable => new()
    {
        { "br", "text" }, { "gzip, gzip", "text" }, { "x", "text" }, { "gzip", "text" }, { "deflate", "text" }, { "gzip", "damaged" }, { "gzip", "other" }, { "deflate", "other" },
    };

    [Theory]
    [MemberData(nameof(Undecodable))]
    public async Task ABodyThatIsNotOfItsCodingIs415(string coding, string how)
    {
        byte[] valid = Encode(Encoding.UTF8.GetBytes(Json(5000)), "gzip");
        byte[] body = how switch
        {
            "damaged" => [.. valid[..^6], .. valid[^6..].Select(one => (byte)~one)],
            "other" => Encode(Encoding.UTF8.GetBytes(Json(5000)), coding is "deflate" ? "gzip" : "deflate"),
            _ => Encoding.UTF8.GetBytes(Json(5000)),
        };
        using HttpResponseMessage response = await PostAsync(body, coding);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("""{"message":"Unsupported Media Type"}""", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Empty(_gateway.Events);
    }

    /// <summary>A few kilobytes that decompress to a gigabyte: reading stops at the largest event.</summary>
    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task ADecompressionBombIs413(string coding)
    {
        var bomb = new MemoryStream();
        await using (Stream encoder = coding == "gzip" ? new GZipStream(bomb, CompressionLevel.Optimal, leaveOpen: true) : new ZLibStream(bomb, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] zeros = new byte[1024 * 1024];
            for (int i = 0; i < 1024; i++)
            {
                await encoder.WriteAsync(zeros, Token);
            }
        }

        long before = GC.GetTotalAllocatedBytes(precise: true);
        using HttpResponseMessage response = await PostAsync(bomb.ToArray(), coding);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("""{"message":"Request Too Long"}""", await response.Content.ReadAsStringAsync(Token));
        Assert.Empty(_gateway.Events);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 512L * 1024 * 1024);

        using HttpResponseMessage next = await PostAsync("[]"u8.ToArray(), "identity");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    private static string Json(int bytes) => $"\"{new string('a', bytes - 2)}\"";

    private async Task<HttpResponseMessage> GetAsync(string body, string? accepted, string more = "")
    {
        _gateway.Invoke = () => Task.FromResult(TestGateway.Succeeded($$"""{"statusCode":200,"body":{{JsonSerializer.Serialize(body)}}{{more}}}"""));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/photos");
        if (accepted is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        }

        return await _gateway.Client.SendAsync(request, Token);
    }

    private async Task<HttpResponseMessage> PostAsync(byte[] body, string coding)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        return await _gateway.Client.PostAsync("/photos", content, Token);
    }

    private static byte[] Encode(byte[] body, string coding) => coding is "identity" ? body : ContentCoding.Compress(coding, body);

    private static byte[] Decode(byte[] body, string? coding)
    {
        using var input = new MemoryStream(body);
        using Stream decoder = coding switch
        {
            "gzip" => new GZipStream(input, CompressionMode.Decompress),
            "deflate" => new ZLibStream(input, CompressionMode.Decompress),
            _ => input,
        };
        var output = new MemoryStream();
        decoder.CopyTo(output);
        return output.ToArray();
    }
}

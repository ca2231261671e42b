using System.IO.Compression;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Photos.Local.Gateway;

/// <summary>The content codings of request and response bodies that API Gateway supports.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html</remarks>
internal static class ContentCoding
{
    private const string Gzip = "gzip";
    private const string Deflate = "deflate";
    private const string Identity = "identity";

    /// <summary>The coding in which a client wants a response.</summary>
    /// <param name="acceptEncoding">The header <c>Accept-Encoding</c>.</param>
    /// <returns>
    /// Null for none: the client does not name a supported coding, or prefers one that is not supported. A wildcard names none.
    /// </returns>
    public static string? OfResponse(StringValues acceptEncoding)
    {
        if (!StringWithQualityHeaderValue.TryParseList(acceptEncoding, out IList<StringWithQualityHeaderValue>? accepted) || accepted.Count == 0)
        {
            return null;
        }

        double highest = accepted.Max(Quality);
        string? coding = accepted
            .Where(one => highest > 0 && Quality(one) == highest)
            .Select(one => Known(one.Value))
            .FirstOrDefault(known => known is not null);
        return coding is Identity ? null : coding;

        static double Quality(StringWithQualityHeaderValue one) => one.Quality ?? 1;
    }

    /// <summary>Compresses a body.</summary>
    /// <param name="coding">As <see cref="OfResponse"/> returns it.</param>
    /// <param name="body">The body.</param>
    public static byte[] Compress(string coding, byte[] body)
    {
        var compressed = new MemoryStream();
        using (Stream encoder = coding == Gzip
            ? new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)
            : new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            encoder.Write(body);
        }

        return compressed.ToArray();
    }

    /// <summary>Decompresses a request's body while it is read. A reader gets <see cref="InvalidDataException"/> for a body that is not of its coding.</summary>
    /// <param name="contentEncoding">The header <c>Content-Encoding</c>.</param>
    /// <param name="body">The body as it was sent.</param>
    /// <exception cref="InvalidDataException">The coding is not supported.</exception>
    public static Stream Decompress(StringValues contentEncoding, Stream body) => Known(contentEncoding.ToString()) switch
    {
        _ when StringValues.IsNullOrEmpty(contentEncoding) => body,
        Identity => body,
        Gzip => new GZipStream(body, CompressionMode.Decompress, leaveOpen: true),
        Deflate => new ZLibStream(body, CompressionMode.Decompress, leaveOpen: true),
        _ => throw new InvalidDataException($"The coding {contentEncoding} is not supported."),
    };

    /// <summary>The name of a supported coding in lower case. Names are case-insensitive (RFC 9110, 8.4.1).</summary>
    private static string? Known(StringSegment name) =>
        Array.Find([Gzip, Deflate, Identity], known => name.Equals(known, StringComparison.OrdinalIgnoreCase));
}

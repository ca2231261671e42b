using System.Globalization;
using System.Text;

namespace Photos.Aws;

/// <summary>One request to an AWS service.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, percent-encoded.</param>
internal sealed record AwsRequest(string Method, string Path)
{
    // CloudTrail and S3's access logs show it.
    private const string UserAgent = "photos/1.0";

    /// <summary>The query in its canonical form, without the question mark.</summary>
    public string Query { get; init; } = "";

    /// <summary><c>Content-Type</c>, where there is a body.</summary>
    public string? ContentType { get; init; }

    /// <summary><c>x-amz-checksum-sha256</c>, where the service requires a checksum of the body.</summary>
    public string? Checksum { get; init; }

    /// <summary><c>X-Amz-Target</c>, which names DynamoDB's operation.</summary>
    public string? Target { get; init; }

    /// <summary><c>Range</c>, for a part of an object.</summary>
    public string? Range { get; init; }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The request line and the signed headers, as sent over the wire.</summary>
    /// <param name="host">The value of the <c>Host</c> header.</param>
    /// <param name="sessionToken">The session token of temporary credentials.</param>
    /// <param name="signature">Signs for the service.</param>
    /// <param name="now">The time of signing, UTC.</param>
    public byte[] ToHead(string host, string? sessionToken, SigV4 signature, DateTime now)
    {
        string time = SigV4.FormatTime(now);
        string hash = SigV4.Hash(Body.Span);
        var canonical = new CanonicalHeaders();
        var wire = new StringBuilder();
        Add("content-type", ContentType);
        Add("host", host);
        Add("range", Range);
        Add("x-amz-checksum-sha256", Checksum);
        Add("x-amz-content-sha256", hash);
        Add("x-amz-date", time);
        Add("x-amz-security-token", sessionToken);
        Add("x-amz-target", Target);
        string names = canonical.Names;
        string signed = signature.Sign(time, Method, Path, Query, canonical.Lines, names, hash);

        string target = Query.Length == 0 ? Path : $"{Path}?{Query}";
        return Encoding.ASCII.GetBytes(
            $"{Method} {target} HTTP/1.1\r\n{wire}"
            + $"authorization: {SigV4.Algorithm} Credential={signature.Credential(time)}, SignedHeaders={names}, Signature={signed}\r\n"
            + $"user-agent: {UserAgent}\r\ncontent-length: {Body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n");

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                canonical.Add(name, value);
                wire.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }
    }
}

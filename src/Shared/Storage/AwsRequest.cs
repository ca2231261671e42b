using System.Globalization;
using System.Text;

namespace Album.Storage;

/// <summary>One request to a service of AWS.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, percent-encoded.</param>
internal sealed record AwsRequest(string Method, string Path)
{
    // What CloudTrail and S3's access logs show.
    private const string UserAgent = "photos/1.0";

    /// <summary>The query in its canonical form, without the question mark.</summary>
    public string Query { get; init; } = "";

    /// <summary><c>Content-Type</c>, where there is a body.</summary>
    public string? ContentType { get; init; }

    /// <summary><c>x-amz-checksum-sha256</c>, where the service demands a checksum of the body.</summary>
    public string? Checksum { get; init; }

    /// <summary><c>X-Amz-Target</c>, by which DynamoDB knows the operation.</summary>
    public string? Target { get; init; }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The request line and the signed headers, as they go over the wire.</summary>
    /// <param name="host">As the <c>Host</c> header has it.</param>
    /// <param name="settings">Whose credentials sign.</param>
    /// <param name="key">The service's key.</param>
    /// <param name="now">The time of signing, UTC.</param>
    public byte[] ToHead(string host, StorageSettings settings, SigningKey key, DateTime now)
    {
        string time = now.ToString(SigningKey.TimeFormat, CultureInfo.InvariantCulture);
        string hash = SigningKey.Hash(Body.Span);
        var names = new StringBuilder();
        var canonical = new StringBuilder();
        var wire = new StringBuilder();

        // In the alphabetical order that the signature wants.
        Add("content-type", ContentType);
        Add("host", host);
        Add("x-amz-checksum-sha256", Checksum);
        Add("x-amz-content-sha256", hash);
        Add("x-amz-date", time);
        Add("x-amz-security-token", settings.SessionToken);
        Add("x-amz-target", Target);
        string signature = key.Sign(time, Encoding.UTF8.GetBytes($"{Method}\n{Path}\n{Query}\n{canonical}\n{names}\n{hash}"));

        string target = Query.Length == 0 ? Path : $"{Path}?{Query}";
        return Encoding.ASCII.GetBytes(
            $"{Method} {target} HTTP/1.1\r\n{wire}"
            + $"authorization: {SigningKey.Algorithm} Credential={settings.AccessKeyId}/{key.Scope(time)}, SignedHeaders={names}, Signature={signature}\r\n"
            + $"user-agent: {UserAgent}\r\ncontent-length: {Body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n");

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                names.Append(names.Length == 0 ? "" : ";").Append(name);
                canonical.Append(name).Append(':').Append(value).Append('\n');
                wire.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }
    }
}

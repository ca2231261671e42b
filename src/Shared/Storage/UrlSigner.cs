using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Album.Storage;

/// <summary>
/// Presigns S3 requests (AWS Signature Version 4 in the query). The SDK's own presigner runs its whole request pipeline
/// for each URL, fifty times a page; this keeps the day's key, and the query that all URLs of one second share.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html</remarks>
internal sealed class UrlSigner(Uri origin, StorageSettings settings)
{
    // As the Host header will have it: without the port where that is the scheme's own.
    private readonly string _host = origin.IsDefaultPort ? origin.Host : origin.Authority;
    private readonly string _origin = origin.GetLeftPart(UriPartial.Authority);
    private readonly SigningKey _key = new(settings, "s3");
    private string _time = "";
    private string _signedNames = "";
    private TimeSpan _lifetime;
    private string _query = "";
    private byte[] _canonicalRequest = new byte[4 * 1024];

    /// <summary>The URL.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path, not yet percent-encoded.</param>
    /// <param name="headers">The headers to sign beside <c>Host</c>, in the alphabetical order of their names.</param>
    /// <param name="now">The time of signing.</param>
    /// <param name="lifetime">How long the URL is good for, at most 7 days.</param>
    public string Sign(
        string method, string path, ReadOnlySpan<KeyValuePair<string, string>> headers, DateTimeOffset now, TimeSpan lifetime)
    {
        string time = now.UtcDateTime.ToString(SigningKey.TimeFormat, CultureInfo.InvariantCulture);
        (string signedNames, string signedHeaders) = Canonicalize(headers);
        string encodedPath = Encode(path, keepSlashes: true);
        string query = Query(time, signedNames, lifetime);
        int length;
        while (!Utf8.TryWrite(
            _canonicalRequest, $"{method}\n{encodedPath}\n{query}\n{signedHeaders}\n{signedNames}\nUNSIGNED-PAYLOAD", out length))
        {
            _canonicalRequest = new byte[2 * _canonicalRequest.Length];
        }

        return $"{_origin}{encodedPath}?{query}&X-Amz-Signature={_key.Sign(time, _canonicalRequest.AsSpan(0, length))}";
    }

    /// <summary>Percent-encodes all but RFC 3986's unreserved characters and, in a path, its slashes.</summary>
    public static string Encode(string text, bool keepSlashes = false)
    {
        string encoded = Uri.EscapeDataString(text);
        return keepSlashes ? encoded.Replace("%2F", "/", StringComparison.Ordinal) : encoded;
    }

    private string Query(string time, string signedNames, TimeSpan lifetime)
    {
        if (_time != time || _signedNames != signedNames || _lifetime != lifetime)
        {
            _query = $"X-Amz-Algorithm={SigningKey.Algorithm}"
                + $"&X-Amz-Credential={Encode($"{settings.AccessKeyId}/{_key.Scope(time)}")}"
                + $"&X-Amz-Date={time}"
                + $"&X-Amz-Expires={((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)}"
                + (settings.SessionToken is string token ? $"&X-Amz-Security-Token={Encode(token)}" : "")
                + $"&X-Amz-SignedHeaders={Encode(signedNames)}";
            (_time, _signedNames, _lifetime) = (time, signedNames, lifetime);
        }

        return _query;
    }

    /// <returns>The headers' names as the signature lists them, and the headers themselves, a line each.</returns>
    private (string Names, string Lines) Canonicalize(ReadOnlySpan<KeyValuePair<string, string>> headers)
    {
        if (headers.IsEmpty)
        {
            return ("host", $"host:{_host}\n");
        }

        var names = new StringBuilder();
        var lines = new StringBuilder();
        bool hostDone = false;
        foreach (KeyValuePair<string, string> header in headers)
        {
            string name = header.Key.ToLowerInvariant();
            if (!hostDone && string.CompareOrdinal(name, "host") > 0)
            {
                Append("host", _host);
                hostDone = true;
            }

            Append(name, header.Value);
        }

        if (!hostDone)
        {
            Append("host", _host);
        }

        return (names.ToString(), lines.ToString());

        void Append(string name, string value)
        {
            names.Append(names.Length == 0 ? "" : ";").Append(name);
            lines.Append(name).Append(':').Append(value).Append('\n');
        }
    }
}

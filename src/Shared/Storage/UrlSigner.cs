using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Album.Storage;

/// <summary>
/// Presigns S3 requests (AWS Signature Version 4 in the query). The SDK's own presigner runs its whole request pipeline
/// for each URL, fifty times a page; this keeps the day's key and hashes twice.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html</remarks>
internal sealed class UrlSigner(Uri origin, StorageSettings settings)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    // As the Host header will have it: without the port where that is the scheme's own.
    private readonly string _host = origin.IsDefaultPort ? origin.Host : origin.Authority;
    private readonly string _origin = origin.GetLeftPart(UriPartial.Authority);
    private string _keyDay = "";
    private byte[] _key = [];

    /// <summary>The URL.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path, not yet percent-encoded.</param>
    /// <param name="headers">The headers to sign beside <c>Host</c>, in the alphabetical order of their names.</param>
    /// <param name="now">The time of signing.</param>
    /// <param name="lifetime">How long the URL is good for, at most 7 days.</param>
    public string Sign(
        string method, string path, ReadOnlySpan<KeyValuePair<string, string>> headers, DateTimeOffset now, TimeSpan lifetime)
    {
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string day = time[..8];
        string scope = $"{day}/{settings.Region}/s3/aws4_request";
        var signedNames = new StringBuilder();
        var signedHeaders = new StringBuilder();
        AppendHeaders(headers, signedNames, signedHeaders);

        string encodedPath = Encode(path, keepSlashes: true);
        string query =
            $"X-Amz-Algorithm={Algorithm}"
            + $"&X-Amz-Credential={Encode($"{settings.AccessKeyId}/{scope}")}"
            + $"&X-Amz-Date={time}"
            + $"&X-Amz-Expires={((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)}"
            + (settings.SessionToken is string token ? $"&X-Amz-Security-Token={Encode(token)}" : "")
            + $"&X-Amz-SignedHeaders={Encode(signedNames.ToString())}";
        string request = $"{method}\n{encodedPath}\n{query}\n{signedHeaders}\n{signedNames}\nUNSIGNED-PAYLOAD";
        string toSign = $"{Algorithm}\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}";
        string signature = Convert.ToHexStringLower(HMACSHA256.HashData(Key(day), Encoding.UTF8.GetBytes(toSign)));
        return $"{_origin}{encodedPath}?{query}&X-Amz-Signature={signature}";
    }

    private void AppendHeaders(
        ReadOnlySpan<KeyValuePair<string, string>> headers, StringBuilder names, StringBuilder lines)
    {
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

        void Append(string name, string value)
        {
            names.Append(names.Length == 0 ? "" : ";").Append(name);
            lines.Append(name).Append(':').Append(value).Append('\n');
        }
    }

    private byte[] Key(string day)
    {
        if (_keyDay != day)
        {
            byte[] key = Encoding.UTF8.GetBytes("AWS4" + settings.SecretAccessKey);
            foreach (string part in (ReadOnlySpan<string>)[day, settings.Region, "s3", "aws4_request"])
            {
                key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
            }

            (_keyDay, _key) = (day, key);
        }

        return _key;
    }

    /// <summary>Percent-encodes all but RFC 3986's unreserved characters.</summary>
    private static string Encode(string text, bool keepSlashes = false)
    {
        string encoded = Uri.EscapeDataString(text);
        return keepSlashes ? encoded.Replace("%2F", "/", StringComparison.Ordinal) : encoded;
    }
}

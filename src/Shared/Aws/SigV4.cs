using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Photos.Net;

namespace Photos.Aws;

/// <summary>
/// AWS Signature Version 4 for one service, for signatures in headers and in URLs. The signing key is derived once a day.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html</remarks>
internal sealed class SigV4(AwsSettings settings, string service)
{
    /// <summary>The name of the algorithm.</summary>
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The payload hash of a request whose body is not signed.</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    // Of percent-encoded bytes, in upper case, as signatures require.
    private const string HexDigits = "0123456789ABCDEF";

    private static readonly SearchValues<char> s_unreserved =
        SearchValues.Create("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");

    private static readonly SearchValues<char> s_unreservedAndSlash =
        SearchValues.Create("-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");

    private byte[] _canonicalRequest = GC.AllocateUninitializedArray<byte>(4 * 1024);
    private string _day = "";
    private string _scope = "";
    private string _time = "";
    private byte[] _prefix = [];
    private HmacSha256? _hmac;

    /// <summary>A time of signing in the format that signatures use.</summary>
    public static string FormatTime(DateTime utc) => utc.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A SHA-256 hash in lower-case hexadecimal digits.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[Sha256.Size];
        Sha256.Hash(bytes, digest);
        return Convert.ToHexStringLower(digest);
    }

    /// <summary>Percent-encodes all but RFC 3986's unreserved characters and, in a path, its slashes.</summary>
    public static string Encode(string text, bool keepSlashes = false)
    {
        SearchValues<char> kept = keepSlashes ? s_unreservedAndSlash : s_unreserved;
        if (!text.AsSpan().ContainsAnyExcept(kept))
        {
            return text;
        }

        var encoded = new StringBuilder(2 * text.Length);
        foreach (byte character in Encoding.UTF8.GetBytes(text))
        {
            if (kept.Contains((char)character))
            {
                encoded.Append((char)character);
            }
            else
            {
                encoded.Append('%').Append(HexDigits[character >> 4]).Append(HexDigits[character & 0xf]);
            }
        }

        return encoded.ToString();
    }

    /// <summary>The access key id and the scope of a signature made at <paramref name="time"/>.</summary>
    public string Credential(string time)
    {
        DeriveKey(time);
        return $"{settings.AccessKeyId}/{_scope}";
    }

    /// <summary>Signs a request.</summary>
    /// <param name="time">The time of signing, as <see cref="FormatTime"/> gives it.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path, percent-encoded.</param>
    /// <param name="query">The query in its canonical form, without the question mark.</param>
    /// <param name="headerLines"><see cref="CanonicalHeaders.Lines"/>.</param>
    /// <param name="headerNames"><see cref="CanonicalHeaders.Names"/>.</param>
    /// <param name="payloadHash">The body's <see cref="Hash"/>, or <see cref="UnsignedPayload"/>.</param>
    /// <returns>The signature in lower-case hexadecimal digits.</returns>
    public string Sign(
        string time, string method, string path, string query, string headerLines, string headerNames, string payloadHash)
    {
        int length;
        while (!Utf8.TryWrite(
            _canonicalRequest, $"{method}\n{path}\n{query}\n{headerLines}\n{headerNames}\n{payloadHash}", out length))
        {
            _canonicalRequest = new byte[2 * _canonicalRequest.Length];
        }

        return Sign(time, _canonicalRequest.AsSpan(0, length));
    }

    private string Sign(string time, ReadOnlySpan<byte> canonicalRequest)
    {
        DeriveKey(time);
        if (_time != time)
        {
            _prefix = Encoding.ASCII.GetBytes($"{Algorithm}\n{time}\n{_scope}\n");
            _time = time;
        }

        Span<byte> hash = stackalloc byte[Sha256.Size];
        Span<byte> digits = stackalloc byte[2 * Sha256.Size];
        Sha256.Hash(canonicalRequest, hash);
        Convert.TryToHexStringLower(hash, digits, out _);
        _hmac!.Compute(_prefix, digits, hash);
        return Convert.ToHexStringLower(hash);
    }

    private void DeriveKey(string time)
    {
        if (time.StartsWith(_day, StringComparison.Ordinal) && _hmac is not null)
        {
            return;
        }

        _day = time[..8];
        _scope = $"{_day}/{settings.Region}/{service}/aws4_request";
        _hmac ??= new HmacSha256();
        _hmac.SetKey(Encoding.UTF8.GetBytes("AWS4" + settings.SecretAccessKey));
        Span<byte> key = stackalloc byte[Sha256.Size];
        foreach (string part in (ReadOnlySpan<string>)[_day, settings.Region, service, "aws4_request"])
        {
            _hmac.Compute(Encoding.UTF8.GetBytes(part), [], key);
            _hmac.SetKey(key);
        }
    }
}

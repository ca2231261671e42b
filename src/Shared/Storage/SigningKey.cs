using System.Security.Cryptography;
using System.Text;

namespace Album.Storage;

/// <summary>The key of AWS Signature Version 4 for one service, derived once a day.</summary>
/// <remarks>https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html</remarks>
internal sealed class SigningKey(StorageSettings settings, string service)
{
    /// <summary>The name of the algorithm.</summary>
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>How .NET formats the time of signing, which is UTC.</summary>
    public const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    private string _day = "";
    private string _scope = "";
    private string _time = "";
    private byte[] _prefix = [];
    private IncrementalHash? _hmac;

    /// <summary>What a signature of that time is good for.</summary>
    public string Scope(string time)
    {
        Derive(time);
        return _scope;
    }

    /// <summary>Signs a canonical request.</summary>
    /// <returns>The signature in lower-case hexadecimal digits.</returns>
    public string Sign(string time, ReadOnlySpan<byte> canonicalRequest)
    {
        Derive(time);
        if (_time != time)
        {
            _prefix = Encoding.ASCII.GetBytes($"{Algorithm}\n{time}\n{_scope}\n");
            _time = time;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> digits = stackalloc byte[2 * SHA256.HashSizeInBytes];
        SHA256.HashData(canonicalRequest, hash);
        Convert.TryToHexStringLower(hash, digits, out _);
        _hmac!.AppendData(_prefix);
        _hmac.AppendData(digits);
        _hmac.GetHashAndReset(hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>A SHA-256 hash in lower-case hexadecimal digits.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private void Derive(string time)
    {
        if (time.StartsWith(_day, StringComparison.Ordinal) && _hmac is not null)
        {
            return;
        }

        _day = time[..8];
        _scope = $"{_day}/{settings.Region}/{service}/aws4_request";
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + settings.SecretAccessKey);
        foreach (string part in (ReadOnlySpan<string>)[_day, settings.Region, service, "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        _hmac?.Dispose();
        _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
    }
}

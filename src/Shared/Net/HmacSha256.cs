using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Photos.Net;

/// <summary>HMAC-SHA-256 (RFC 2104) with one key at a time, by the system's OpenSSL, or by .NET where the system has another library.</summary>
/// <remarks>https://docs.openssl.org/3.0/man3/EVP_MAC/</remarks>
internal sealed class HmacSha256
{
    private static readonly nint s_algorithm = OpenSsl.IsAvailable ? OpenSsl.Check(OpenSsl.EVP_MAC_fetch(0, "HMAC", 0)) : 0;

    // It lives as long as the process, as the clients of the services do.
    private readonly nint _context = OpenSsl.IsAvailable ? OpenSsl.Check(OpenSsl.EVP_MAC_CTX_new(s_algorithm)) : 0;
    private IncrementalHash? _hmac;

    /// <summary>Replaces the key.</summary>
    public void SetKey(ReadOnlySpan<byte> key)
    {
        if (OpenSsl.IsAvailable)
        {
            ReadOnlySpan<OpenSsl.Parameter> parameters = [OpenSsl.Parameter.Text("digest"u8, "SHA256"u8), default];
            OpenSsl.Check(OpenSsl.EVP_MAC_init(_context, ref MemoryMarshal.GetReference(key), (nuint)key.Length, in parameters[0]));
        }
        else
        {
            _hmac?.Dispose();
            _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        }
    }

    /// <summary>Writes the code of <paramref name="first"/> followed by <paramref name="second"/>.</summary>
    public void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> code)
    {
        if (OpenSsl.IsAvailable)
        {
            OpenSsl.Check(OpenSsl.EVP_MAC_init(_context, 0, 0, 0));
            OpenSsl.Check(OpenSsl.EVP_MAC_update(_context, ref MemoryMarshal.GetReference(first), (nuint)first.Length));
            OpenSsl.Check(OpenSsl.EVP_MAC_update(_context, ref MemoryMarshal.GetReference(second), (nuint)second.Length));
            OpenSsl.Check(OpenSsl.EVP_MAC_final(_context, ref code[..Sha256.Size][0], out _, Sha256.Size));
        }
        else
        {
            _hmac!.AppendData(first);
            _hmac.AppendData(second);
            _hmac.GetHashAndReset(code);
        }
    }
}

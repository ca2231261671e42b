using System.Security.Cryptography;

namespace Photos.Net;

/// <summary>HMAC-SHA-256 (RFC 2104) with one key at a time, by the system's OpenSSL, or by .NET where the system has another library.</summary>
/// <remarks>https://docs.openssl.org/3.0/man3/EVP_MAC/</remarks>
internal sealed unsafe class HmacSha256
{
    private static readonly nint s_algorithm = OperatingSystem.IsLinux() ? OpenSsl.Check(OpenSsl.EVP_MAC_fetch(0, OpenSsl.Literal("HMAC"u8), 0)) : 0;

    // It lives as long as the process, as the clients of the services do.
    private readonly nint _context = OperatingSystem.IsLinux() ? OpenSsl.Check(OpenSsl.EVP_MAC_CTX_new(s_algorithm)) : 0;
    private IncrementalHash? _hmac;

    /// <summary>Replaces the key.</summary>
    public void SetKey(ReadOnlySpan<byte> key)
    {
        if (OperatingSystem.IsLinux())
        {
            OpenSsl.Parameter* parameters = stackalloc[] { OpenSsl.Parameter.Text("digest"u8, "SHA256"u8), default };
            fixed (byte* start = key)
            {
                // Without a pointer, the context would keep its key.
                byte empty = 0;
                OpenSsl.Check(OpenSsl.EVP_MAC_init(_context, start is null ? &empty : start, (nuint)key.Length, parameters));
            }
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
        if (OperatingSystem.IsLinux())
        {
            nuint length;
            fixed (byte* one = first, two = second, to = code[..Sha256.Size])
            {
                OpenSsl.Check(OpenSsl.EVP_MAC_init(_context, null, 0, null));
                OpenSsl.Check(OpenSsl.EVP_MAC_update(_context, one, (nuint)first.Length));
                OpenSsl.Check(OpenSsl.EVP_MAC_update(_context, two, (nuint)second.Length));
                OpenSsl.Check(OpenSsl.EVP_MAC_final(_context, to, &length, Sha256.Size));
            }
        }
        else
        {
            _hmac!.AppendData(first);
            _hmac.AppendData(second);
            _hmac.GetHashAndReset(code);
        }
    }
}

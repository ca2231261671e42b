using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Photos.Net;

/// <summary>SHA-256 by the system's OpenSSL, or by .NET where the system has another library.</summary>
/// <remarks>https://docs.openssl.org/3.0/man3/EVP_DigestInit/</remarks>
internal static class Sha256
{
    /// <summary>The size of a digest, in bytes.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    // OpenSSL looks for the algorithm by name in its providers, which takes longer than a digest.
    private static readonly nint s_algorithm = OpenSsl.IsAvailable ? OpenSsl.Check(OpenSsl.EVP_MD_fetch(0, "SHA256", 0)) : 0;

    /// <summary>Writes the digest of <paramref name="data"/>.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        if (OpenSsl.IsAvailable)
        {
            OpenSsl.Check(OpenSsl.EVP_Digest(ref MemoryMarshal.GetReference(data), (nuint)data.Length, ref digest[..Size][0], 0, s_algorithm, 0));
        }
        else
        {
            SHA256.HashData(data, digest);
        }
    }
}

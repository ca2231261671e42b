using System.Security.Cryptography;

namespace Photos.Net;

/// <summary>SHA-256 by the system's OpenSSL, or by .NET where the system has another library.</summary>
/// <remarks>https://docs.openssl.org/3.0/man3/EVP_DigestInit/</remarks>
internal static unsafe class Sha256
{
    /// <summary>The size of a digest, in bytes.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    // OpenSSL looks for the algorithm by name in its providers, which takes longer than a digest.
    private static readonly nint s_algorithm = OperatingSystem.IsLinux() ? OpenSsl.Check(OpenSsl.EVP_MD_fetch(0, OpenSsl.Literal("SHA256"u8), 0)) : 0;

    /// <summary>Writes the digest of <paramref name="data"/>.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        if (OperatingSystem.IsLinux())
        {
            fixed (byte* from = data, to = digest[..Size])
            {
                OpenSsl.Check(OpenSsl.EVP_Digest(from, (nuint)data.Length, to, 0, s_algorithm, 0));
            }
        }
        else
        {
            SHA256.HashData(data, digest);
        }
    }
}

using System.Security.Cryptography;
using CsCheck;
using Photos.Net;

namespace Photos.Tests.Unit.Net;

public sealed class Sha256Tests
{
    private static readonly Gen<byte[]> s_data = Gen.Byte.Array[0, 300];

    [Fact]
    public void TheDigestOfNothingIsThatOfTheStandard()
    {
        byte[] digest = new byte[Sha256.Size];
        Sha256.Hash([], digest);

        // FIPS 180-4's example of an empty message.
        Assert.Equal("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", Convert.ToHexString(digest));
    }

    [Fact]
    public void EveryDigestIsThatOfDotNet() => s_data.Sample(data =>
    {
        byte[] digest = new byte[Sha256.Size];
        Sha256.Hash(data, digest);

        Assert.Equal(SHA256.HashData(data), digest);
    });

    /// <summary>A key of more than 64 bytes is hashed first (RFC 2104, 2).</summary>
    [Fact]
    public void EveryCodeIsThatOfDotNetAlsoAfterAnotherKey()
    {
        var hmac = new HmacSha256();
        Gen.Select(s_data, s_data, s_data).Sample(
            (key, first, second) =>
            {
                byte[] code = new byte[Sha256.Size];
                hmac.SetKey(key);
                hmac.Compute(second, first, code);
                Assert.Equal(HMACSHA256.HashData(key, (byte[])[.. second, .. first]), code);

                hmac.Compute(first, second, code);
                Assert.Equal(HMACSHA256.HashData(key, (byte[])[.. first, .. second]), code);
            },
            threads: 1);
    }

    [Fact]
    public void ABufferThatIsTooShortIsRefused()
    {
        var hmac = new HmacSha256();
        hmac.SetKey("key"u8);

        Assert.Throws<ArgumentOutOfRangeException>(() => Sha256.Hash([], new byte[Sha256.Size - 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => hmac.Compute([], [], new byte[Sha256.Size - 1]));
    }
}

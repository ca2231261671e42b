using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Photos.Album;
using Photos.Api;

namespace Photos.Tests.Unit.Api;

public class PageTokenTests
{
    private static readonly UserId s_alice = UserId.FromSubject("alice");
    private static readonly PhotoId s_id = PhotoId.Parse("0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a");

    [Fact]
    public void ATokenOpensForItsUser()
    {
        var last = new PhotoPosition(s_id, TakenUtc: null);

        string token = PageToken.Create(s_alice, last);

        // As 1.0.0 created it, so that a list goes on after a deployment and after a roll-back.
        Assert.Equal("AZCjwl8efEudOisfDm2MepFOesY-_Iks", token);
        Assert.Equal(last, PageToken.Open(s_alice, PhotoOrder.Uploaded, token));
    }

    [Theory]
    [InlineData("2024-05-01T12:34:56.789Z")]
    [InlineData("0001-01-01T00:00:00.000Z")]
    [InlineData("1969-12-31T23:59:59.999Z")]
    [InlineData("9999-12-31T23:59:59.999Z")]
    public void ATokenOfTheOtherOrderHasTheTime(string takenUtc)
    {
        var last = new PhotoPosition(s_id, takenUtc);

        string token = PageToken.Create(s_alice, last);

        Assert.Matches("^[A-Za-z0-9_-]{44}$", token);
        Assert.Equal(last, PageToken.Open(s_alice, PhotoOrder.Taken, token));
    }

    [Fact]
    public void ATokenIsRefusedForAnotherUser() => Assert.All(Tokens, one => AssertRefused(UserId.FromSubject("bob"), one.Order, one.Token));

    [Fact]
    public void ATokenIsRefusedForAnotherOrder()
    {
        AssertRefused(s_alice, PhotoOrder.Taken, Tokens[0].Token);
        AssertRefused(s_alice, PhotoOrder.Uploaded, Tokens[1].Token);
    }

    [Fact]
    public void AnAlteredTokenIsRefused() => Assert.All(Tokens, one =>
    {
        (PhotoOrder order, string token) = one;
        for (int i = 0; i < token.Length; i++)
        {
            foreach (char other in "AZaz09-_+/=. é")
            {
                if (other != token[i])
                {
                    AssertRefused(s_alice, order, $"{token[..i]}{other}{token[(i + 1)..]}");
                }
            }

            AssertRefused(s_alice, order, token[..i]);
            AssertRefused(s_alice, order, token.Insert(i, "A"));
        }

        AssertRefused(s_alice, order, token + "=");
        AssertRefused(s_alice, order, token + "\n");
    });

    /// <summary>Anyone can compute the checksum, so a time that no token has must not be an internal error.</summary>
    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(253_402_300_800_000)]
    [InlineData(-62_135_596_800_001)]
    public void ATimeThatCannotBeIsRefused(long milliseconds)
    {
        byte[] token = new byte[33];
        Assert.True(Guid.Parse(s_id.Value).TryWriteBytes(token, bigEndian: true, out _));
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(16), milliseconds);
        SHA256.HashData([.. token[..24], .. Encoding.UTF8.GetBytes("alice")])[..9].CopyTo(token, 24);

        AssertRefused(s_alice, PhotoOrder.Taken, Base64Url.EncodeToString(token));
    }

    private static (PhotoOrder Order, string Token)[] Tokens =>
    [
        (PhotoOrder.Uploaded, PageToken.Create(s_alice, new PhotoPosition(s_id, TakenUtc: null))),
        (PhotoOrder.Taken, PageToken.Create(s_alice, new PhotoPosition(s_id, "2024-05-01T12:34:56.789Z"))),
    ];

    private static void AssertRefused(UserId user, PhotoOrder order, string token)
    {
        PhotoException refusal = Assert.Throws<PhotoException>(() => PageToken.Open(user, order, token));
        Assert.Equal(PhotoFault.InvalidField, refusal.Fault);
        Assert.StartsWith("next ", refusal.Message, StringComparison.Ordinal);
    }
}

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
        string token = PageToken.Create(s_alice, s_id);

        Assert.Matches("^[A-Za-z0-9_-]{32}$", token);
        Assert.Equal(s_id, PageToken.Open(s_alice, token));
    }

    [Fact]
    public void ATokenIsRefusedForAnotherUser() =>
        AssertRefused(UserId.FromSubject("bob"), PageToken.Create(s_alice, s_id));

    [Fact]
    public void AnAlteredTokenIsRefused()
    {
        string token = PageToken.Create(s_alice, s_id);
        for (int i = 0; i < token.Length; i++)
        {
            foreach (char other in "AZaz09-_+/=. é")
            {
                if (other != token[i])
                {
                    AssertRefused(s_alice, $"{token[..i]}{other}{token[(i + 1)..]}");
                }
            }

            AssertRefused(s_alice, token[..i]);
            AssertRefused(s_alice, token.Insert(i, "A"));
        }

        AssertRefused(s_alice, token + "=");
        AssertRefused(s_alice, token + "\n");
    }

    private static void AssertRefused(UserId user, string token)
    {
        PhotoException refusal = Assert.Throws<PhotoException>(() => PageToken.Open(user, token));
        Assert.Equal(PhotoFault.InvalidField, refusal.Fault);
        Assert.StartsWith("next ", refusal.Message, StringComparison.Ordinal);
    }
}

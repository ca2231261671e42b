using Photos.Album;

namespace Photos.Tests.Unit.Album;

public class PhotoIdTests
{
    [Fact]
    public void NewIdIsACanonicalUuidV7OfItsTime()
    {
        var now = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

        string id = PhotoId.Create(now).Value;

        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id);
        Assert.Equal(now.ToUnixTimeMilliseconds(), Convert.ToInt64(id[..8] + id[9..13], 16));
    }

    [Fact]
    public void IdsSortByTime()
    {
        DateTimeOffset start = DateTimeOffset.UnixEpoch.AddYears(50);
        string[] ids = [.. Enumerable.Range(0, 1000).Select(i => PhotoId.Create(start.AddMilliseconds(i)).Value)];

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public void BothCasesAreTheSameId()
    {
        PhotoId lower = PhotoId.Parse("0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a");

        Assert.Equal(lower, PhotoId.Parse("0190A3C2-5F1E-7C4B-9D3A-2B1F0E6D8C7A"));
        Assert.Equal("0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a", lower.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("../../private/other/0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a")]
    [InlineData("0190a3c25f1e7c4b9d3a2b1f0e6d8c7a")]
    [InlineData("{0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7}")]
    [InlineData("0190a3c2-5f1e-4c4b-9d3a-2b1f0e6d8c7a")]
    [InlineData("0190a3c2-5f1e-7c4b-1d3a-2b1f0e6d8c7a")]
    [InlineData("0190a3c2-5f1e-7c4b-cd3a-2b1f0e6d8c7a")]
    [InlineData("0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7g")]
    [InlineData(" 0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7")]
    [InlineData("+190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a")]
    [InlineData("0x90a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a")]
    [InlineData("0190a3c2-+f1e-7c4b-9d3a-2b1f0e6d8c7a")]
    [InlineData("0190a3c2-5f1e-7c4b-9d3a-+b1f0e6d8c7a")]
    [InlineData("+x90a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a")]
    public void AnythingElseIsRefused(string? text)
    {
        PhotoException refusal = Assert.Throws<PhotoException>(() => PhotoId.Parse(text));

        Assert.Equal(PhotoFault.InvalidField, refusal.Fault);
        Assert.StartsWith("id ", refusal.Message, StringComparison.Ordinal);
    }
}

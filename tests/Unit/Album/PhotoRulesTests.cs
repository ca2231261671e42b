using System.Text;
using Photos.Album;

namespace Photos.Tests.Unit.Album;

public class PhotoRulesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("beach 2026.jpg")]
    [InlineData("..")]
    [InlineData("写真.jpg")]
    [InlineData("👩‍👩‍👧.png")]
    [InlineData("\"quoted\" <b>")]
    [InlineData("\u200fתמונה.jpg\u200e")]
    public void ValidNamesAreReturnedUnchanged(string name) => Assert.Equal(name, PhotoRules.CheckName(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("a\u0000")]
    [InlineData("a\u007f")]
    [InlineData("a\u0085")]
    [InlineData("a\u202agpj.exe")]
    [InlineData("a\u202egpj.exe")]
    [InlineData("a\u2066gpj.exe")]
    [InlineData("a\u2069gpj.exe")]
    public void InvalidNamesAreRefused(string? name) => AssertRefused(PhotoFault.InvalidField, "name", () => PhotoRules.CheckName(name));

    [Fact]
    public void AnUnpairedSurrogateIsRefused() =>
        AssertRefused(PhotoFault.InvalidField, "name", () => PhotoRules.CheckName("a\ud83d"));

    [Fact]
    public void TheLengthOfANameIsCountedInCodePoints()
    {
        string emoji = new Rune(0x1F600).ToString();

        Assert.Equal(510, PhotoRules.CheckName(string.Concat(Enumerable.Repeat(emoji, 255))).Length);
        AssertRefused(PhotoFault.InvalidField, "name", () => PhotoRules.CheckName(string.Concat(Enumerable.Repeat(emoji, 256))));
        AssertRefused(PhotoFault.InvalidField, "name", () => PhotoRules.CheckName(new string('a', 256)));
    }

    [Theory]
    [InlineData("image/jpeg", "image/jpeg")]
    [InlineData("IMAGE/PNG", "image/png")]
    [InlineData("image/gif", "image/gif")]
    [InlineData("image/webp", "image/webp")]
    [InlineData("image/heic", "image/heic")]
    [InlineData("image/avif", "image/avif")]
    [InlineData("image/jpg", "image/jpeg")]
    [InlineData("image/PJPEG", "image/jpeg")]
    [InlineData("image/heif", "image/heic")]
    public void PhotoTypesAreAccepted(string sent, string kept) => Assert.Equal(kept, PhotoRules.CheckContentType(sent));

    [Theory]
    [InlineData("image/svg+xml")]
    [InlineData("text/html")]
    [InlineData("image/jpeg; charset=utf-8")]
    [InlineData("image/jpeg\r\nx-evil: 1")]
    public void OtherTypesAreRefused(string type) =>
        AssertRefused(PhotoFault.UnsupportedType, "contentType", () => PhotoRules.CheckContentType(type));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void AMissingTypeIsNamed(string? type) =>
        AssertRefused(PhotoFault.InvalidField, "contentType", () => PhotoRules.CheckContentType(type));

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void SizesInRangeAreAccepted(long size) => Assert.Equal(size, PhotoRules.CheckSize(size, 100));

    [Theory]
    [InlineData(null, PhotoFault.InvalidField)]
    [InlineData(0L, PhotoFault.InvalidField)]
    [InlineData(-1L, PhotoFault.InvalidField)]
    [InlineData(long.MinValue, PhotoFault.InvalidField)]
    [InlineData(101L, PhotoFault.TooLarge)]
    [InlineData(long.MaxValue, PhotoFault.TooLarge)]
    public void OtherSizesAreRefused(long? size, PhotoFault fault) =>
        AssertRefused(fault, "size", () => PhotoRules.CheckSize(size, 100));

    [Fact]
    public void DatesAreUtcWithMilliseconds() =>
        Assert.Equal(
            "2026-11-23T09:30:00.250Z",
            PhotoRules.FormatDate(new DateTimeOffset(2026, 11, 23, 11, 30, 0, 250, TimeSpan.FromHours(2))));

    private static void AssertRefused(PhotoFault fault, string field, Func<object> check)
    {
        PhotoException refusal = Assert.Throws<PhotoException>(check);
        Assert.Equal(fault, refusal.Fault);
        Assert.StartsWith(field + " ", refusal.Message, StringComparison.Ordinal);
    }
}

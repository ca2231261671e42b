using Photos.Album;
using Photos.RenderPhoto;

namespace Photos.Tests.Render;

public sealed class TakenTimeTests
{
    [Theory]
    [InlineData("2024-05-01T12:34:56", "2024-05-01T12:34:56.000Z")]
    [InlineData("2024-05-01T00:34:56+02:00", "2024-04-30T22:34:56.000Z")]
    [InlineData("2024-05-01T23:34:56-10:00", "2024-05-02T09:34:56.000Z")]
    [InlineData("0001-01-01T00:00:00+14:00", null)]
    [InlineData("9999-12-31T23:59:59-14:00", null)]
    [InlineData("2024-05-01", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void ATimeIsReadInUtc(string? taken, string? expected) =>
        Assert.Equal(expected, TakenTime.InUtc(taken) is DateTimeOffset time ? PhotoRules.FormatDate(time) : null);
}

namespace Photos.Tests.Harness;

public sealed class ResourceUsageTests
{
    [Theory]
    [InlineData(110, 5, 9, null)]
    [InlineData(90, 4, 8, null)]
    [InlineData(111, 5, 9, "its memory grew by more than a tenth")]
    [InlineData(100, 6, 9, "it has more threads")]
    [InlineData(100, 5, 10, "it has more open handles")]
    public void AnyGrowthButATenthOfTheMemoryIsALeak(long memory, int threads, int handles, string? leak) =>
        Assert.Equal(leak, new ResourceUsage(memory, threads, handles).LeakSince(new ResourceUsage(100, 5, 9)));
}

using Photos.Bench;

namespace Photos.Tests.Bench;

public sealed class SummaryTests
{
    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 9, 1, 5 }, 5)]
    [InlineData(new double[] { 4, 1, 2, 9 }, 3)]
    public void TheMedianIsInTheMiddle(double[] values, double median) => Assert.Equal(median, Summary.MedianOf(values));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(30, 30)]
    [InlineData(99, 99)]
    [InlineData(100, 99)]
    [InlineData(101, 100)]
    [InlineData(1000, 990)]
    public void The99thPercentileIsByNearestRank(int count, double expected) =>
        Assert.Equal(expected, Summary.PercentileOf(Enumerable.Range(1, count).Reverse().Select(value => (double)value), 99));

    [Fact]
    public void ASummaryHasBoth() => Assert.Equal(new Summary(2, 3), Summary.Of([3, 1, 2]));
}

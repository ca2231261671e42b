using System.Diagnostics;
using Photos.Runtime;
using Photos.Tests.RuntimeContract;

namespace Photos.Tests.Unit.Runtime;

public class DeadlineSourceTests
{
    [Fact]
    public void EachSourceFiresAtItsDeadline()
    {
        long start = Stopwatch.GetTimestamp();
        using var late = new DeadlineSource(TimeSpan.FromMilliseconds(900));
        using var soon = new DeadlineSource(TimeSpan.FromMilliseconds(200));
        using var never = new DeadlineSource(TimeSpan.FromDays(10_000));

        Assert.True(soon.Token.WaitHandle.WaitOne(RuntimeRun.Soon));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 190, 890);
        Assert.False(late.IsCancellationRequested);

        Assert.True(late.Token.WaitHandle.WaitOne(RuntimeRun.Soon));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 890, 10_000);
        Assert.False(never.IsCancellationRequested);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1_000)]
    [InlineData(-1e15)]
    public void AnExpiredDeadlineFiresAtOnce(double milliseconds)
    {
        using var over = new DeadlineSource(milliseconds < -1e14 ? TimeSpan.MinValue : TimeSpan.FromMilliseconds(milliseconds));

        Assert.True(over.IsCancellationRequested);
    }

    [Fact]
    public void ADisposedSourceDoesNotFire()
    {
        bool fired = false;
        var source = new DeadlineSource(TimeSpan.FromMilliseconds(100));
        source.Token.Register(() => fired = true);
        source.Dispose();

        using var later = new DeadlineSource(TimeSpan.FromMilliseconds(300));
        Assert.True(later.Token.WaitHandle.WaitOne(RuntimeRun.Soon));

        Assert.False(fired);
    }

    [Fact]
    public void ManySourcesFireAtTheirDeadlines()
    {
        DeadlineSource[] sources = [.. Enumerable.Range(0, 200).Select(i => new DeadlineSource(TimeSpan.FromMilliseconds(50 + (i * 7 % 200))))];

        Assert.All(sources, source => Assert.True(source.Token.WaitHandle.WaitOne(RuntimeRun.Soon)));
        Array.ForEach(sources, source => source.Dispose());
    }
}

using Photos.Bench;

namespace Photos.Tests.Bench;

public sealed class StartBudgetTests : IDisposable
{
    private static readonly StartCounts s_most = new(40_000_000, 900, 500);

    private readonly StringWriter _output = new();
    private readonly StartBudget _budget = new(new Dictionary<string, StartCounts> { ["ListPhotos"] = s_most });

    [Fact]
    public void CountsWithinTheirBudgetPass()
    {
        Assert.True(Check("ListPhotos", s_most));
        Assert.Equal(3, _output.ToString().Split("budget").Length - 1);
        Assert.DoesNotContain("OVER BUDGET", _output.ToString());
    }

    [Theory]
    [InlineData(40_400_000, 900, 500, "ListPhotos: 40,400,000 instructions to the first response, budget 40,000,000, +1.0 %. OVER BUDGET")]
    [InlineData(40_000_000, 909, 500, "ListPhotos: 909 page faults to the first response, budget 900, +1.0 %. OVER BUDGET")]
    [InlineData(40_000_000, 900, 505, "ListPhotos: 505 system calls to the first response, budget 500, +1.0 %. OVER BUDGET")]
    public void AnyCountOverItsBudgetFailsAndSaysSo(long instructions, long pageFaults, long systemCalls, string line)
    {
        Assert.False(Check("ListPhotos", new StartCounts(instructions, pageFaults, systemCalls)));
        Assert.Single(_output.ToString().Split('\n'), printed => printed.StartsWith(line, StringComparison.Ordinal));
        Assert.Equal(1, _output.ToString().Split("OVER BUDGET").Length - 1);
    }

    [Fact]
    public void AFunctionWithoutABudgetFails()
    {
        Assert.False(Check("WritePhoto", new StartCounts(1, 1, 1)));
        Assert.Contains("no budget", _output.ToString());
    }

    [Fact]
    public void EveryFunctionHasABudgetOfEachCount() => Assert.True(
        StartBudget.Read().Check(MeasuredFunctions.All.ToDictionary(name => name, _ => new StartCounts(1, 1, 1)), _output), _output.ToString());

    public void Dispose() => _output.Dispose();

    private bool Check(string function, StartCounts counts) => _budget.Check(new Dictionary<string, StartCounts> { [function] = counts }, _output);
}

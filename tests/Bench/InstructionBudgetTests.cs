using Photos.Bench;

namespace Photos.Tests.Bench;

public sealed class InstructionBudgetTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly InstructionBudget _budget = new(new Dictionary<string, long> { ["ListPhotos"] = 40_000_000 });

    [Fact]
    public void ACountWithinItsBudgetPasses()
    {
        Assert.True(Check("ListPhotos", 40_000_000));
        Assert.DoesNotContain("OVER BUDGET", _output.ToString());
    }

    [Fact]
    public void ACountOverItsBudgetFailsAndSaysSo()
    {
        Assert.False(Check("ListPhotos", 40_400_000));
        Assert.StartsWith("ListPhotos: 40.40 M instructions to the first response, budget 40.00 M, +1.0 %. OVER BUDGET", _output.ToString());
    }

    [Fact]
    public void AFunctionWithoutABudgetFails()
    {
        Assert.False(Check("WritePhoto", 1));
        Assert.Contains("no budget", _output.ToString());
    }

    [Fact]
    public void EveryFunctionHasABudget() =>
        Assert.True(InstructionBudget.Read().Check(MeasuredFunctions.All.ToDictionary(name => name, _ => 1L), _output), _output.ToString());

    public void Dispose() => _output.Dispose();

    private bool Check(string function, long count) => _budget.Check(new Dictionary<string, long> { [function] = count }, _output);
}

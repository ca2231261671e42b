namespace Photos.Tests.Bench;

/// <summary>The command line of the benchmark.</summary>
public sealed class BenchCommandTests
{
    [Theory]
    [InlineData("--function Nothing", "'Nothing' is unknown. Choose from ListPhotos, WritePhoto, DeletePhoto.")]
    [InlineData("--variants nothing", "'nothing' is unknown. Choose from photos, ")]
    [InlineData("--memory 1", "'1' is unknown. Choose from 128, ")]
    [InlineData("--cold-disk artifact --memory 1", "'1' is unknown. Choose from 128, ")]
    [InlineData("--cold-disk all --memory 1", "'1' is unknown. Choose from 128, ")]
    [InlineData("--cold-disk some", "--cold-disk")]
    [InlineData("--runs 0", "--runs must be more than 0.")]
    public async Task AnInvalidOptionIsRefusedByItsValue(string options, string message)
    {
        ToolResult compare = await Tool.RunAsync(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Photos.Bench.dll"), "compare", .. options.Split(' ')]);

        Assert.Equal(1, compare.ExitCode);
        Assert.Contains(message, compare.Error, StringComparison.Ordinal);
    }
}

using Photos.Ops;

namespace Photos.Tests.Ops;

/// <summary>A command that cannot run exits with 2, not with 1, which means that something was found.</summary>
public sealed class CommandLineTests
{
    private static readonly string s_program = typeof(BucketAudit).Assembly.Location;

    [Theory]
    [InlineData("audit")]
    [InlineData("replay")]
    [InlineData("erase", "--user", "alice")]
    public async Task WithoutALocalHostACommandSaysToStartIt(params string[] command)
    {
        // Nothing listens on the ports after 1.
        ToolResult run = await Tool.RunAsync("dotnet", [s_program, .. command, "--port", "1"]);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("The table and the bucket are not reachable", run.Error, StringComparison.Ordinal);
        Assert.Contains("make run", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audit", "--repare")]
    [InlineData("audit", "--port", "none")]
    [InlineData("replay", "--repair")]
    [InlineData("erase")]
    [InlineData("erase", "--user", "alice", "--removed", "yesterday")]
    [InlineData("restore")]
    public async Task AnInvalidCommandLineRunsNothing(params string[] arguments) =>
        Assert.Equal(2, (await Tool.RunAsync("dotnet", [s_program, .. arguments])).ExitCode);
}

using System.Diagnostics;
using System.Text.Json;

namespace Photos.Tests.RuntimeContract;

/// <summary>The points of the contract that only a separate process can show: signals, exit codes and standard output.</summary>
public sealed class FunctionProcessTests
{
    [Fact]
    public async Task Point10SigtermEndsAWaitingFunctionWithExitCode0()
    {
        await using var api = new FakeRuntimeApi();
        using Process function = Start(api);
        Assert.EndsWith("/next", (await api.NextRequestAsync(RuntimeRun.Soon)).Target, StringComparison.Ordinal);

        using Process kill = Process.Start("kill", ["-TERM", $"{function.Id}"]);

        await EndAsync(function);
        Assert.Equal(0, function.ExitCode);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Point13AMissingVariableIsLoggedReportedAndFatal()
    {
        await using var api = new FakeRuntimeApi();
        using Process function = Start(api, ("PHOTO_TABLE", null));

        string output = await function.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await EndAsync(function);

        Assert.NotEqual(0, function.ExitCode);
        JsonElement line = JsonElement.Parse(output);
        Assert.Equal("FATAL", line.GetProperty("level").GetString());
        Assert.Contains("PHOTO_TABLE", line.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        HttpRequest error = Assert.Single(api.Requests);
        Assert.EndsWith("/init/error", error.Target, StringComparison.Ordinal);
        Assert.Contains("PHOTO_TABLE", error.Text, StringComparison.Ordinal);
    }

    private static Process Start(FakeRuntimeApi api, params IEnumerable<(string Name, string? Value)> overrides)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ListPhotos"))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };

        // The tests' build of the function is not native and finds the .NET runtime by these variables.
        foreach (string name in start.Environment.Keys.Where(name => !name.StartsWith("DOTNET_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in LambdaEnvironment.Create("ListPhotos", LambdaEnvironment.Unreachable, overrides))
        {
            start.Environment[name] = value;
        }

        start.Environment["AWS_LAMBDA_RUNTIME_API"] = api.Address;
        return Process.Start(start)!;
    }

    private static async Task EndAsync(Process process)
    {
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(RuntimeRun.Soon);
        }
        catch
        {
            process.Kill();
            throw;
        }
    }
}

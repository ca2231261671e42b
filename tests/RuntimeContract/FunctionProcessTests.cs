using System.Diagnostics;
using System.Text.Json;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.RuntimeContract;

/// <summary>What only a process of its own shows: signals, exit codes and standard output.</summary>
public sealed class FunctionProcessTests
{
    [Fact]
    public async Task Point10SIGTERMEndsAWaitingFunctionWith0()
    {
        await using var api = new FakeRuntimeApi();
        using Process function = Start(api, ("PHOTO_TABLE", "photos"), ("PHOTO_BUCKET", "photos"), ("ALLOWED_ORIGIN", "*"));
        Assert.EndsWith("/next", (await api.NextRequestAsync(RuntimeRun.Soon)).Path, StringComparison.Ordinal);

        using Process kill = Process.Start("kill", ["-TERM", $"{function.Id}"]);

        await EndAsync(function);
        Assert.Equal(0, function.ExitCode);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Point13AMissingVariableIsLoggedReportedAndFatal()
    {
        await using var api = new FakeRuntimeApi();
        using Process function = Start(api, ("PHOTO_BUCKET", "photos"), ("ALLOWED_ORIGIN", "*"));

        string output = await function.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await EndAsync(function);

        Assert.NotEqual(0, function.ExitCode);
        JsonElement line = JsonElement.Parse(output);
        Assert.Equal("FATAL", line.GetProperty("level").GetString());
        Assert.Contains("PHOTO_TABLE", line.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        RecordedRequest error = Assert.Single(api.Requests);
        Assert.EndsWith("/init/error", error.Path, StringComparison.Ordinal);
        Assert.Contains("PHOTO_TABLE", error.Text, StringComparison.Ordinal);
    }

    private static Process Start(FakeRuntimeApi api, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ListPhotos"))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        foreach (string name in start.Environment.Keys.Where(IsTheFunctions).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["AWS_LAMBDA_RUNTIME_API"] = api.Address;
        start.Environment["AWS_REGION"] = "eu-central-1";
        start.Environment["AWS_ACCESS_KEY_ID"] = "local";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "local";
        // Nothing listens there, and no test may reach AWS.
        start.Environment["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:9";
        start.Environment["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:9";
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static bool IsTheFunctions(string name) =>
        name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("PHOTO_", StringComparison.Ordinal);

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

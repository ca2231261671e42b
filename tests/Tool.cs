using System.Diagnostics;

namespace Photos.Tests;

/// <summary>The exit code and the output of a command-line tool.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error);

/// <summary>Runs a command-line tool and waits until it ends.</summary>
internal static class Tool
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <param name="variables">The tool's complete environment. Without variables, the tool inherits the environment of the tests.</param>
    public static async Task<ToolResult> RunAsync(
        string file, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (variables.Length > 0)
        {
            start.Environment.Clear();
            foreach ((string name, string value) in variables)
            {
                start.Environment[name] = value;
            }
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_limit);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new ToolResult(process.ExitCode, await output, await error);
    }
}

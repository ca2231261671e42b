using System.ComponentModel;
using System.Diagnostics;

namespace Photos.Bench;

/// <summary>A program that runs to its end.</summary>
/// <param name="ExitCode">-1 when there is no such program.</param>
/// <param name="Output">What it wrote, both streams, trimmed.</param>
internal sealed record CommandLineTool(int ExitCode, string Output)
{
    /// <summary>Runs it in the repository's folder.</summary>
    public static CommandLineTool Run(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new CommandLineTool(process.ExitCode, (output + errors.Result).Trim());
        }
        catch (Win32Exception)
        {
            return new CommandLineTool(-1, $"There is no {program} on the PATH.");
        }
    }
}

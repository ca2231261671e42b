using System.ComponentModel;
using System.Diagnostics;

namespace Photos.Harness;

/// <summary>A command-line program that has ended.</summary>
/// <param name="ExitCode">-1 when the program was not found.</param>
/// <param name="Output">What it wrote to standard output, then to standard error, trimmed.</param>
internal sealed record CommandLineTool(int ExitCode, string Output)
{
    /// <summary>Runs a program in the repository's root folder and waits until it ends.</summary>
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
            return new CommandLineTool(-1, $"{program} is not on the PATH.");
        }
    }
}

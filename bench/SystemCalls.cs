using System.Globalization;
using Photos.Harness;

namespace Photos.Bench;

/// <summary>
/// Counts the system calls that a function makes from exec to its first response, with strace. Calls of <c>sched_yield</c> do not count:
/// with them, threads spin for as long as others keep the processor.
/// </summary>
internal static class SystemCalls
{
    // Traced, a function runs some ten times slower.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    // strace ends after the function.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Whether strace is installed.</summary>
    public static bool CanCount { get; } = CommandLineTool.Run("strace", "--version").ExitCode == 0;

    /// <param name="function">The function's name.</param>
    /// <param name="launch">How to start the function.</param>
    /// <param name="environment">The variables that Lambda and the template set.</param>
    /// <returns>The count of one start; <see langword="null"/> without strace.</returns>
    /// <exception cref="BenchException">Strace does not work.</exception>
    /// <exception cref="FunctionFailedException">The function failed.</exception>
    public static long? Count(string function, Launch launch, IReadOnlyDictionary<string, string> environment)
    {
        if (!CanCount)
        {
            return null;
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("photos-strace-");
        try
        {
            string output = Path.Combine(folder.FullName, "calls");

            // --daemonize: the started process is the function, not strace. strace writes its counts when the function has been killed.
            string[] strace =
            [
                "strace", "--daemonize", "--follow-forks", "--trace=!sched_yield", "--summary-only", "--summary-columns=calls,name", "-o", output,
            ];
            Launch traced = launch with { Command = [.. strace, .. launch.Command] };
            using (RunningFunction running = traced.Start(function, environment, s_limit))
            {
                running.Invoke(MeasuredFunctions.Event(function));
                running.CheckResponse();
            }

            long total = 0;
            return SpinWait.SpinUntil(() => ReadTotal(output, out total), s_patience)
                ? total
                : throw new BenchException("strace did not report the system calls. Version 5.10 or later must have permission to trace processes.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool ReadTotal(string output, out long total)
    {
        total = 0;
        return File.Exists(output)
            && File.ReadLines(output).LastOrDefault("").Split(' ', StringSplitOptions.RemoveEmptyEntries) is [string calls, "total"]
            && long.TryParse(calls, CultureInfo.InvariantCulture, out total);
    }
}

using System.Globalization;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>The memory that a local host and its functions use.</summary>
internal static class HostMemory
{
    private const double MiB = 1024 * 1024;

    /// <param name="host">The host's process id.</param>
    /// <returns>For each function, the number of processes and the largest resident memory of one, now and at its peak; and the host's resident memory.</returns>
    public static string Describe(int host)
    {
        IEnumerable<string> functions = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int process) ? process : 0)
            .Where(process => process != 0 && IsChild(process, host))
            .GroupBy(FunctionOf)
            .OrderBy(function => function.Key)
            .Select(function => string.Create(
                CultureInfo.InvariantCulture,
                $"{function.Key} {function.Count()} x {Max(function, ProcessFigures.ResidentMemory):F1} MiB (peak {Max(function, ProcessFigures.PeakMemory):F1})"));
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", functions)}, host {ProcessFigures.ResidentMemory(host) / MiB:F1} MiB");
    }

    private static double Max(IEnumerable<int> processes, Func<int, long> bytes) => processes.Max(bytes) / MiB;

    /// <summary>A function's executable is in a folder with the function's name.</summary>
    private static string? FunctionOf(int process) =>
        Path.GetFileName(Path.GetDirectoryName(File.ResolveLinkTarget($"/proc/{process}/exe", returnFinalTarget: false)!.FullName));

    private static bool IsChild(int process, int parent)
    {
        try
        {
            // "pid (name) state parent ...", where the name may contain anything.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // The process has ended.
            return false;
        }
    }
}

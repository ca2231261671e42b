using System.Globalization;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>The memory of a local host and of its functions' processes.</summary>
internal static class HostMemory
{
    private const double MiB = 1024 * 1024;

    /// <param name="host">The host's process.</param>
    /// <returns>Each function's number of processes with the most that one of them has resident and ever had, and what the host has.</returns>
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

    /// <summary>The folder that holds the executable has the function's name.</summary>
    private static string? FunctionOf(int process) =>
        Path.GetFileName(Path.GetDirectoryName(File.ResolveLinkTarget($"/proc/{process}/exe", returnFinalTarget: false)!.FullName));

    private static bool IsChild(int process, int parent)
    {
        try
        {
            // "pid (name) state parent ...", where the name may hold anything.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // Gone meanwhile.
            return false;
        }
    }
}

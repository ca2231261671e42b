using System.Globalization;
using Album.Bench.Lambda;

namespace Album.Tests.Load;

/// <summary>The memory of a local host and of its functions' processes.</summary>
internal static class HostMemory
{
    private const double MiB = 1024 * 1024;

    /// <param name="host">The host's process.</param>
    /// <returns>What the host has resident; of each function its number of processes, and the most that one of them has and ever had.</returns>
    public static string Describe(int host)
    {
        IEnumerable<string> functions = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int process) ? process : 0)
            .Where(process => process != 0 && IsChild(process, host))
            .GroupBy(process => Path.GetFileName(Path.GetDirectoryName(File.ResolveLinkTarget($"/proc/{process}/exe", returnFinalTarget: false)!.FullName)!))
            .OrderBy(function => function.Key)
            .Select(function => string.Create(
                CultureInfo.InvariantCulture,
                $"{function.Key} {function.Count()} x {function.Max(ProcessFigures.ResidentMemory) / MiB:F1} MiB (peak {function.Max(ProcessFigures.PeakMemory) / MiB:F1})"));
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", functions)}, host {ProcessFigures.ResidentMemory(host) / MiB:F1} MiB");
    }

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

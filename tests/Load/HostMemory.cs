using System.Globalization;
using Album.Bench.Lambda;

namespace Album.Tests.Load;

/// <summary>The memory of a local host and of its functions' processes, in bytes.</summary>
/// <param name="Host">What the host has resident.</param>
/// <param name="Functions">How many processes the functions have.</param>
/// <param name="Function">The most that one of them has resident.</param>
/// <param name="FunctionPeak">The most that one of them ever had.</param>
internal sealed record HostMemory(long Host, int Functions, long Function, long FunctionPeak)
{
    private const double MiB = 1024 * 1024;

    public static HostMemory Of(int host)
    {
        int[] functions = [.. Directory.EnumerateDirectories("/proc").Select(folder => Path.GetFileName(folder)).Where(name => char.IsAsciiDigit(name[0])).Select(name => int.Parse(name, CultureInfo.InvariantCulture)).Where(process => IsFunction(process, host))];
        return new HostMemory(
            ProcessFigures.ResidentMemory(host),
            functions.Length,
            functions.Select(ProcessFigures.ResidentMemory).DefaultIfEmpty().Max(),
            functions.Select(ProcessFigures.PeakMemory).DefaultIfEmpty().Max());
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Functions} processes of functions with at most {Function / MiB:F1} MiB each (peak {FunctionPeak / MiB:F1}), host {Host / MiB:F0} MiB");

    private static bool IsFunction(int process, int host)
    {
        try
        {
            // "pid (name) state parent ..."
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat.Contains(" (bootstrap) ", StringComparison.Ordinal)
                && stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == host.ToString(CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // Gone meanwhile.
            return false;
        }
    }
}

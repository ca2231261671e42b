using System.Diagnostics;
using System.Globalization;

namespace Photos.Local.Lambda;

/// <summary>The most memory that a process has used.</summary>
internal static class PeakMemory
{
    private const string PeakLine = "VmHWM:";
    private const string Unit = "kB";

    /// <summary>Reads the peak resident set size so far, in MB, rounded up.</summary>
    /// <returns>Null when the process has exited.</returns>
    public static int? ReadMegabytes(Process process)
    {
        try
        {
            string status = $"/proc/{process.Id}/status";
            string? peak = File.Exists(status)
                ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith(PeakLine, StringComparison.Ordinal))
                : null;
            long bytes = peak is null
                ? process.PeakWorkingSet64
                : long.Parse(peak.AsSpan()[PeakLine.Length..^Unit.Length], CultureInfo.InvariantCulture) * 1024;
            return (int)((bytes + 1024 * 1024 - 1) / (1024 * 1024));
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            return null;
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;

namespace Photos.Harness;

/// <summary>The kernel's figures of a process, with all of its threads.</summary>
internal static class ProcessFigures
{
    // Of include/linux/posix-timers_types.h. clock_getcpuclockid returns only the last one.
    private const int SampledTime = 0;
    private const int SampledUserTime = 1;
    private const int RunTime = 2;

    /// <summary>The CPU time.</summary>
    public static TimeSpan Cpu(int processId) => Clock(processId, RunTime);

    /// <summary>
    /// The CPU time in user mode and in the kernel, as the timer's ticks sample it. One start has few ticks, so only the sums of many
    /// starts mean something.
    /// </summary>
    public static (TimeSpan User, TimeSpan Kernel) SampledCpu(int processId)
    {
        TimeSpan user = Clock(processId, SampledUserTime);
        return (user, Clock(processId, SampledTime) - user);
    }

    /// <summary>The page faults: minor ones, and major ones, which wait for a disk.</summary>
    public static (long Minor, long Major) PageFaults(int processId)
    {
        // The fields after the name, which is in parentheses and may contain anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[7], CultureInfo.InvariantCulture), long.Parse(fields[9], CultureInfo.InvariantCulture));
    }

    /// <summary>The highest resident memory so far, in bytes.</summary>
    public static long PeakMemory(int processId) => Status(processId, "VmHWM:") * 1024;

    /// <summary>The resident memory, in bytes.</summary>
    public static long ResidentMemory(int processId) => Status(processId, "VmRSS:") * 1024;

    public static int Threads(int processId) => (int)Status(processId, "Threads:");

    public static int OpenHandles(int processId) => Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Count();

    private static long Status(int processId, string name)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
    }
    private static TimeSpan Clock(int processId, int clock) =>
        GetTime((~processId << 3) | clock, out TimeSpec time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick)
            : throw new InvalidOperationException($"The kernel does not report the CPU time of process {processId}.");

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}

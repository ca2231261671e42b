using System.Globalization;

namespace Photos.Harness;

/// <summary>The kernel's figures of a process, from <c>/proc</c>.</summary>
internal static class ProcessFigures
{
    /// <summary>The CPU time of its threads, without those that have ended.</summary>
    public static TimeSpan Cpu(int processId)
    {
        long nanoseconds = 0;
        foreach (string task in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                nanoseconds += long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException)
            {
                // The thread has just ended.
            }
        }

        return TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
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
}

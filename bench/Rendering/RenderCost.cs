using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Photos.Harness;

namespace Photos.Bench.Rendering;

/// <summary>What rendering one picture costs.</summary>
/// <param name="Milliseconds">The median time.</param>
/// <param name="CpuMilliseconds">The median CPU time.</param>
/// <param name="PeakMiB">The highest resident memory of the process.</param>
internal sealed partial record RenderCost(double Milliseconds, double CpuMilliseconds, double PeakMiB)
{
    private const int OfChildren = -1;
    private const double MiB = 1024 * 1024;

    /// <summary>Measures RenderPhoto's child process, from its start to its end.</summary>
    /// <param name="binary">RenderPhoto's binary.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="runs">How often it is rendered.</param>
    /// <exception cref="BenchException">The picture was not rendered.</exception>
    public static RenderCost OfChild(string binary, BenchPicture picture, int runs)
    {
        string folder = Directory.CreateTempSubdirectory("photos-bench-").FullName;
        try
        {
            // Looking at the memory takes time, so it has a run of its own, which also reads the files into the page cache.
            double peak = Render(binary, picture, folder, watchMemory: true);
            double[] times = new double[runs];
            double[] cpuTimes = new double[runs];
            for (int i = 0; i < runs; i++)
            {
                double cpu = CpuOfChildren();
                long started = Stopwatch.GetTimestamp();
                Render(binary, picture, folder, watchMemory: false);
                times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                cpuTimes[i] = CpuOfChildren() - cpu;
            }

            return new RenderCost(Summary.MedianOf(times), Summary.MedianOf(cpuTimes), peak / MiB);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Render(string binary, BenchPicture picture, string folder, bool watchMemory)
    {
        var start = new ProcessStartInfo(binary, ["decode", picture.File, folder])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // As RenderPhoto sets them.
        start.Environment.Clear();
        start.Environment["DOTNET_GCHeapHardLimit"] = "4000000";
        start.Environment["VIPS_CONCURRENCY"] = "1";
        start.Environment["TMPDIR"] = folder;
        using Process process = Process.Start(start)!;
        double peak = 0;
        while (watchMemory && !process.WaitForExit(1))
        {
            try
            {
                peak = Math.Max(peak, ProcessFigures.PeakMemory(process.Id));
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It has just ended.
            }
        }

        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return output.Contains("\"width\"", StringComparison.Ordinal)
            ? peak
            : throw new BenchException($"{picture.Name} was not rendered: exit code {process.ExitCode.ToString(CultureInfo.InvariantCulture)}, {output}{error}");
    }

    /// <summary>The CPU time of all child processes that have ended, in milliseconds.</summary>
    private static double CpuOfChildren()
    {
        // struct rusage: two times of two words each, then 14 words.
        Span<long> usage = stackalloc long[18];
        return GetResourceUsage(OfChildren, usage) == 0
            ? ((usage[0] + usage[2]) * 1000.0) + ((usage[1] + usage[3]) / 1000.0)
            : throw new BenchException("The kernel does not report the CPU time of child processes.");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, Span<long> usage);
}

using Photos.Bench.Lambda;

namespace Photos.Bench;

/// <summary>One cold start and the invocations that followed it.</summary>
/// <param name="InitMs">From the start to the request for the first event.</param>
/// <param name="FirstInvokeMs">From the first event's sending to its response.</param>
/// <param name="StartToFirstMs">From the start to the first response.</param>
/// <param name="WarmMs">The median of the invocations that followed.</param>
/// <param name="CpuMs">The processor time up to the first response.</param>
/// <param name="MaxMemoryMiB">The most memory that was resident, over all invocations.</param>
internal sealed record ColdStart(double InitMs, double FirstInvokeMs, double StartToFirstMs, double WarmMs, double CpuMs, double MaxMemoryMiB)
{
    private const int WarmInvocations = 20;
    private const double MiB = 1024 * 1024;

    // What AWS Lambda gives an init.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <param name="function">Its name.</param>
    /// <param name="launch">How to start it.</param>
    /// <param name="environment">What Lambda and the function's configuration set.</param>
    /// <param name="share">Applied when the init is over, as Lambda does; none for the whole machine.</param>
    /// <exception cref="BenchException">The function failed.</exception>
    public static ColdStart Measure(string function, Launch launch, IReadOnlyDictionary<string, string> environment, CpuShare? share)
    {
        // Not while it answers.
        GC.Collect();
        using var running = new RunningFunction(function, launch, environment, s_limit);
        share?.Apply(running.ProcessId);
        TimeSpan firstInvoke = running.Invoke();
        double cpuMs = ProcessFigures.Cpu(running.ProcessId).TotalMilliseconds;
        running.CheckResponse();

        double[] warm = new double[WarmInvocations];
        for (int i = 0; i < warm.Length; i++)
        {
            warm[i] = running.Invoke().TotalMilliseconds;
        }

        running.CheckResponse();
        double initMs = running.Init.TotalMilliseconds;
        return new ColdStart(
            initMs,
            firstInvoke.TotalMilliseconds,
            initMs + firstInvoke.TotalMilliseconds,
            Summary.MedianOf(warm),
            cpuMs,
            ProcessFigures.PeakMemory(running.ProcessId) / MiB);
    }
}

using Photos.Harness;

namespace Photos.Bench;

/// <summary>The figures of one cold start and of the warm invocations after it.</summary>
/// <param name="InitMs">The time from the start to the request for the first event.</param>
/// <param name="FirstInvokeMs">The time from sending the first event to receiving its response.</param>
/// <param name="StartToFirstMs">The time from the start to the first response, without the pause between init and event.</param>
/// <param name="WarmMs">The median time of the warm invocations.</param>
/// <param name="CpuMs">The CPU time up to the first response.</param>
/// <param name="MaxMemoryMiB">The highest resident memory over all invocations.</param>
internal sealed record ColdStart(double InitMs, double FirstInvokeMs, double StartToFirstMs, double WarmMs, double CpuMs, double MaxMemoryMiB)
{
    private const int WarmInvocations = 20;
    private const double MiB = 1024 * 1024;

    // Lambda's own limit for an init.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <param name="function">The function's name.</param>
    /// <param name="launch">How to start the function.</param>
    /// <param name="environment">The variables that Lambda and the template set.</param>
    /// <param name="share">The CPU share of the invocations; as in Lambda it does not apply to the init. <see langword="null"/> for the whole machine.</param>
    /// <exception cref="FunctionFailedException">The function failed.</exception>
    public static ColdStart Measure(string function, Launch launch, IReadOnlyDictionary<string, string> environment, CpuShare? share)
    {
        byte[] proxyEvent = MeasuredFunctions.Event(function);

        // So that the benchmark's own garbage is not collected during the measurement.
        GC.Collect();
        using RunningFunction running = launch.Start(function, environment, s_limit);
        share?.Apply(running.ProcessId);
        TimeSpan firstInvoke = running.Invoke(proxyEvent);
        double cpuMs = ProcessFigures.Cpu(running.ProcessId).TotalMilliseconds;
        running.CheckResponse();

        double[] warm = new double[WarmInvocations];
        for (int i = 0; i < warm.Length; i++)
        {
            warm[i] = running.Invoke(proxyEvent).TotalMilliseconds;
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

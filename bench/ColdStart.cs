using Photos.Harness;

namespace Photos.Bench;

/// <summary>The figures of one cold start and of the warm invocations after it.</summary>
/// <param name="InitMs">The time from the start to the request for the first event.</param>
/// <param name="FirstInvokeMs">The time from sending the first event to receiving its response.</param>
/// <param name="WarmMs">The median time of the warm invocations.</param>
/// <param name="WarmP99Ms">The 99th percentile of the time of the warm invocations.</param>
/// <param name="CpuMs">The CPU time up to the first response.</param>
/// <param name="SampledUserMs">The part of it in user mode, as <see cref="ProcessFigures.SampledCpu"/> reports it.</param>
/// <param name="SampledKernelMs">The part of it in the kernel.</param>
/// <param name="MinorFaults">The page faults up to the first response that do not wait for a disk.</param>
/// <param name="MajorFaults">The page faults up to the first response that wait for a disk.</param>
/// <param name="MaxMemoryMiB">The highest resident memory over all invocations.</param>
internal sealed record ColdStart(
    double InitMs,
    double FirstInvokeMs,
    double WarmMs,
    double WarmP99Ms,
    double CpuMs,
    double SampledUserMs,
    double SampledKernelMs,
    long MinorFaults,
    long MajorFaults,
    double MaxMemoryMiB)
{
    private const int WarmInvocations = 100;
    private const double MiB = 1024 * 1024;

    // Lambda's own limit for an init.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>The time from the start to the first response, without the pause between init and event.</summary>
    public double StartToFirstMs => InitMs + FirstInvokeMs;

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
        TimeSpan cpu = ProcessFigures.Cpu(running.ProcessId);
        (TimeSpan user, TimeSpan kernel) = ProcessFigures.SampledCpu(running.ProcessId);
        (long minor, long major) = ProcessFigures.PageFaults(running.ProcessId);
        running.CheckResponse();

        double[] warm = new double[WarmInvocations];
        for (int i = 0; i < warm.Length; i++)
        {
            if (share is not null)
            {
                CpuShare.Refill();
            }

            warm[i] = running.Invoke(proxyEvent).TotalMilliseconds;
        }

        running.CheckResponse();
        MeasuredFunctions.CheckResponse(function, running.Response);
        return new ColdStart(
            running.Init.TotalMilliseconds,
            firstInvoke.TotalMilliseconds,
            Summary.MedianOf(warm),
            Summary.PercentileOf(warm, 99),
            cpu.TotalMilliseconds,
            user.TotalMilliseconds,
            kernel.TotalMilliseconds,
            minor,
            major,
            ProcessFigures.PeakMemory(running.ProcessId) / MiB);
    }
}

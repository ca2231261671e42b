using System.Globalization;

namespace Photos.Bench;

/// <summary>The CPU share that Lambda allocates for a memory size, as a cgroup quota.</summary>
internal sealed class CpuShare : IDisposable
{
    // A function of this size has the equivalent of one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
    private const int OneVcpuMegabytes = 1769;
    private const int PeriodMicroseconds = 20_000;

    /// <summary>The memory sizes that are compared, in MB.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [128, 256, 512, 1024, OneVcpuMegabytes];

    private readonly string _group;

    /// <param name="megabytes">The function's memory size.</param>
    /// <exception cref="BenchException">A cgroup cannot be created.</exception>
    public CpuShare(int megabytes)
    {
        string quota = ((long)PeriodMicroseconds * megabytes / OneVcpuMegabytes).ToString(CultureInfo.InvariantCulture);
        string period = PeriodMicroseconds.ToString(CultureInfo.InvariantCulture);
        const string V2 = "/sys/fs/cgroup";
        const string V1 = "/sys/fs/cgroup/cpu";
        string name = string.Create(CultureInfo.InvariantCulture, $"photos-bench-{Environment.ProcessId}-{megabytes}");
        bool isV2 = File.Exists(Path.Combine(V2, "cgroup.controllers"));
        _group = Path.Combine(isV2 ? V2 : V1, name);
        try
        {
            if (isV2)
            {
                File.WriteAllText(Path.Combine(V2, "cgroup.subtree_control"), "+cpu");
                Directory.CreateDirectory(_group);
                File.WriteAllText(Path.Combine(_group, "cpu.max"), $"{quota} {period}");
            }
            else
            {
                Directory.CreateDirectory(_group);
                File.WriteAllText(Path.Combine(_group, "cpu.cfs_period_us"), period);
                File.WriteAllText(Path.Combine(_group, "cpu.cfs_quota_us"), quota);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"--memory requires a cgroup with a CPU quota, and {_group} cannot be created ({e.Message}). Run the benchmark as root outside a container, or omit --memory.");
        }
    }

    /// <summary>Limits a process until it ends.</summary>
    public void Apply(int processId) =>
        File.WriteAllText(Path.Combine(_group, "cgroup.procs"), processId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Waits until an idle process has its whole share again, as between two requests of a client.</summary>
    public static void Refill() => Thread.Sleep(PeriodMicroseconds / 1000);

    public void Dispose() => Directory.Delete(_group);
}

namespace Photos.Bench.Report;

/// <summary>A figure that is measured at each cold start.</summary>
/// <param name="Key">The figure's name in the JSON file, with its unit.</param>
/// <param name="Title">The figure's name in the table.</param>
/// <param name="Unit">The value's unit.</param>
/// <param name="Value">Gets the value from a measurement.</param>
internal sealed record Figure(string Key, string Title, string Unit, Func<ColdStart, double> Value)
{
    public static Figure StartToFirst { get; } = new("startToFirstResponseMs", "start to first response", "ms", start => start.StartToFirstMs);

    public static Figure Cpu { get; } = new("cpuToFirstResponseMs", "CPU to first response", "ms", start => start.CpuMs);

    public static Figure Warm { get; } = new("warmInvokeMs", "warm invoke", "ms", start => start.WarmMs);

    public static Figure WarmP99 { get; } = new("warmInvokeP99Ms", "warm invoke p99", "ms", start => start.WarmP99Ms);

    public static IReadOnlyList<Figure> All { get; } =
    [
        new("initMs", "init", "ms", start => start.InitMs),
        new("firstInvokeMs", "first invoke", "ms", start => start.FirstInvokeMs),
        StartToFirst,
        Warm,
        WarmP99,
        Cpu,
        new("minorFaults", "minor page faults", "", start => start.MinorFaults),
        new("majorFaults", "major page faults", "", start => start.MajorFaults),
        new("maxMemoryMiB", "max memory", "MiB", start => start.MaxMemoryMiB),
    ];
}

using System.Globalization;

namespace Photos.Harness;

/// <summary>The resources that a process has at one moment.</summary>
/// <param name="MemoryBytes">The resident memory.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Handles">The number of open file handles.</param>
internal sealed record ResourceUsage(long MemoryBytes, int Threads, int Handles)
{
    private const double AllowedGrowth = 1.10;

    public static ResourceUsage Of(int processId) => new(
        ProcessFigures.ResidentMemory(processId), ProcessFigures.Threads(processId), ProcessFigures.OpenHandles(processId));

    /// <returns>What the process leaks: memory that grew by more than a tenth, or any more threads or handles. Otherwise <see langword="null"/>.</returns>
    public string? LeakSince(ResourceUsage settled) =>
        MemoryBytes > settled.MemoryBytes * AllowedGrowth ? "its memory grew by more than a tenth"
        : Threads > settled.Threads ? "it has more threads"
        : Handles > settled.Handles ? "it has more open handles"
        : null;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{MemoryBytes / 1048576.0:0.0} MiB, {Threads} threads, {Handles} open handles");
}

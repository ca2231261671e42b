using System.Globalization;

namespace Photos.Bench.Lambda;

/// <summary>What a process holds on to.</summary>
internal sealed record Holdings(long MemoryBytes, int Threads, int Handles)
{
    private const double AllowedGrowth = 1.10;

    public static Holdings Of(int processId) => new(
        ProcessFigures.ResidentMemory(processId), ProcessFigures.Threads(processId), ProcessFigures.OpenHandles(processId));

    /// <returns>What it leaks, when memory grew by more than a tenth, or threads or handles at all.</returns>
    public string? LeakSince(Holdings settled) =>
        MemoryBytes > settled.MemoryBytes * AllowedGrowth ? "its memory grew by more than a tenth"
        : Threads > settled.Threads ? "it has more threads"
        : Handles > settled.Handles ? "it has more open handles"
        : null;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{MemoryBytes / 1048576.0:0.0} MiB, {Threads} threads, {Handles} open handles");
}

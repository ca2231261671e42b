namespace Photos.Bench;

/// <summary>What a function does from exec to its first response. Unlike time, this is nearly the same in every start.</summary>
/// <param name="Instructions">The instructions in user mode.</param>
/// <param name="PageFaults">The page faults, minor and major.</param>
/// <param name="SystemCalls">The system calls.</param>
internal sealed record StartCounts(long Instructions, long PageFaults, long SystemCalls);

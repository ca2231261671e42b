namespace Photos.Local.Lambda;

/// <summary>How one invocation ended.</summary>
/// <param name="Report">The figures of its REPORT line.</param>
internal abstract record InvocationResult(InvocationReport Report)
{
    /// <summary>The function returned a response.</summary>
    internal sealed record Succeeded(InvocationReport Report, ReadOnlyMemory<byte> Response) : InvocationResult(Report);

    /// <summary>The function reported an error and keeps running.</summary>
    /// <param name="Report">The figures of its REPORT line.</param>
    /// <param name="Error">The JSON object that it posted: <c>errorMessage</c>, <c>errorType</c>, <c>stackTrace</c>.</param>
    internal sealed record FunctionError(InvocationReport Report, ReadOnlyMemory<byte> Error) : InvocationResult(Report);

    /// <summary>The process exited before it returned a response.</summary>
    /// <param name="Report">The figures of its REPORT line.</param>
    /// <param name="ErrorType">Lambda's name for the error, <c>Runtime.ExitError</c>.</param>
    /// <param name="Message">What Lambda logs and returns to the caller.</param>
    internal sealed record Crashed(InvocationReport Report, string ErrorType, string Message) : InvocationResult(Report);

    /// <summary>The process was killed because it did not return a response in time.</summary>
    internal sealed record TimedOut(InvocationReport Report, string Message) : InvocationResult(Report);

    /// <summary>The process failed before it requested its first invocation.</summary>
    /// <param name="Report">The figures that a REPORT line would have; the invocation itself took no time.</param>
    /// <param name="ErrorType">Lambda's name for the error, or the function's own.</param>
    /// <param name="Message">What Lambda logs, or what the function posted.</param>
    internal sealed record InitFailed(InvocationReport Report, string ErrorType, string Message) : InvocationResult(Report);
}

/// <summary>The figures of Lambda's REPORT line.</summary>
/// <param name="RequestId">The invocation's id.</param>
/// <param name="DurationMs">From the hand-over of the event until the process requests the next one, in ms.</param>
/// <param name="BilledMs">Duration and init together, rounded up to whole ms.</param>
/// <param name="InitMs">From the start of the process until it requests its first invocation, in ms; null when warm.</param>
/// <param name="MaxMemoryMegabytes">The most memory that the process has used so far, in MB.</param>
internal sealed record InvocationReport(
    string RequestId, double DurationMs, long BilledMs, double? InitMs, int MaxMemoryMegabytes)
{
    /// <summary>Whether a process was started for this invocation.</summary>
    public bool IsCold => InitMs is not null;
}

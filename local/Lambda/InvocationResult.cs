namespace Photos.Local.Lambda;

/// <summary>How one invocation ended.</summary>
/// <param name="Report">What its REPORT line says.</param>
internal abstract record InvocationResult(InvocationReport Report)
{
    /// <summary>The function answered.</summary>
    internal sealed record Succeeded(InvocationReport Report, ReadOnlyMemory<byte> Response) : InvocationResult(Report);

    /// <summary>The function reported an error and lives on.</summary>
    /// <param name="Report">What its REPORT line says.</param>
    /// <param name="Error">The JSON object it posted: <c>errorMessage</c>, <c>errorType</c>, <c>stackTrace</c>.</param>
    internal sealed record FunctionError(InvocationReport Report, ReadOnlyMemory<byte> Error) : InvocationResult(Report);

    /// <summary>The process ended before it answered.</summary>
    /// <param name="Report">What its REPORT line says.</param>
    /// <param name="ErrorType">Lambda's name for it, <c>Runtime.ExitError</c>.</param>
    /// <param name="Message">What Lambda prints and answers.</param>
    internal sealed record Crashed(InvocationReport Report, string ErrorType, string Message) : InvocationResult(Report);

    /// <summary>The process was killed, since it had not answered in time.</summary>
    internal sealed record TimedOut(InvocationReport Report, string Message) : InvocationResult(Report);

    /// <summary>No process of the function came as far as asking for an invocation.</summary>
    /// <param name="Report">What a REPORT line would say; the invocation itself took no time.</param>
    /// <param name="ErrorType">Lambda's name for it, or the function's own.</param>
    /// <param name="Message">What Lambda prints, or what the function posted.</param>
    internal sealed record InitFailed(InvocationReport Report, string ErrorType, string Message) : InvocationResult(Report);
}

/// <summary>The numbers of Lambda's REPORT line.</summary>
/// <param name="RequestId">The invocation's id.</param>
/// <param name="DurationMs">From the hand-over of the event until the process asked for the next one, in ms.</param>
/// <param name="BilledMs">Duration and init together, rounded up to whole ms.</param>
/// <param name="InitMs">From the start of the process until it first asked for an invocation, in ms; null when warm.</param>
/// <param name="MaxMemoryMegabytes">The most memory that the process has held so far, in MB.</param>
internal sealed record InvocationReport(
    string RequestId,
    double DurationMs,
    long BilledMs,
    double? InitMs,
    int MaxMemoryMegabytes)
{
    /// <summary>Whether a process was started for this invocation.</summary>
    internal bool IsCold => InitMs is not null;
}

using System.Globalization;

namespace Photos.Local.Lambda;

/// <summary>Lambda's own log lines, in its plain text format, among the lines that the function writes.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html</remarks>
/// <param name="output">Receives whole lines; locked while a line is written.</param>
/// <param name="memorySizeMegabytes">The function's configured memory, in MB.</param>
internal sealed class PlatformLog(TextWriter output, int memorySizeMegabytes)
{
    public void WriteLine(string line)
    {
        lock (output)
        {
            output.WriteLine(line);
        }
    }

    public void WriteStart(string requestId) => WriteLine($"START RequestId: {requestId} Version: $LATEST");

    /// <summary>Writes the END line and the REPORT line.</summary>
    /// <param name="status">The REPORT line's last fields; empty for success.</param>
    public void WriteEnd(InvocationReport report, string status)
    {
        WriteLine($"END RequestId: {report.RequestId}");
        string init = report.InitMs is null ? "" : string.Create(CultureInfo.InvariantCulture, $"Init Duration: {report.InitMs:F2} ms\t");
        WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"REPORT RequestId: {report.RequestId}\tDuration: {report.DurationMs:F2} ms\tBilled Duration: {report.BilledMs} ms\tMemory Size: {memorySizeMegabytes} MB\tMax Memory Used: {report.MaxMemoryMegabytes} MB\t{init}{status}"));
    }

    /// <summary>Writes the INIT_REPORT line, which reports an init phase that failed.</summary>
    public void WriteInitReport(double initMs, string status, string errorType) => WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"INIT_REPORT Init Duration: {initMs:F2} ms\tPhase: init\tStatus: {status}\tError Type: {errorType}\t"));
}

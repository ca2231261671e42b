using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Photos.Local.Lambda;

/// <summary>An error of a function's process, in the words that Lambda uses.</summary>
/// <param name="Type">Lambda's name for it, or the function's own.</param>
/// <param name="Message">What Lambda logs and returns to the caller.</param>
internal sealed record LambdaError(string Type, string Message)
{
    private const string UnknownType = "Runtime.Unknown";

    /// <summary>The process exited during init or an invocation.</summary>
    public static LambdaError Exited(string requestId, int exitCode)
    {
        // .NET reports a signal as 128 plus its number.
        string reason = exitCode switch
        {
            0 => "Runtime exited without providing a reason",
            134 => "Runtime exited with error: signal: aborted",
            137 => "Runtime exited with error: signal: killed",
            139 => "Runtime exited with error: signal: segmentation fault",
            _ => string.Create(CultureInfo.InvariantCulture, $"Runtime exited with error: exit status {exitCode}"),
        };
        return new LambdaError("Runtime.ExitError", $"RequestId: {requestId} Error: {reason}");
    }

    /// <summary>The process did not request its first invocation within the limit.</summary>
    public static LambdaError InitTimedOut(string requestId, TimeSpan limit) => new(
        "Sandbox.Timedout",
        string.Create(CultureInfo.InvariantCulture, $"RequestId: {requestId} Error: Task timed out after {limit.TotalSeconds:F2} seconds"));

    /// <summary>Reads the error that the process posted when it could not initialize.</summary>
    public static LambdaError FromInitError(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            JsonElement error = JsonElement.ParseValue(ref reader);
            return new LambdaError(
                error.GetProperty("errorType").GetString() ?? UnknownType,
                error.GetProperty("errorMessage").GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new LambdaError(UnknownType, Encoding.UTF8.GetString(json));
        }
    }

    /// <summary>The message for an invocation that exceeded the function's timeout.</summary>
    public static string TaskTimedOut(string requestId, TimeSpan timeout) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {requestId} Task timed out after {timeout.TotalSeconds:F2} seconds");
}

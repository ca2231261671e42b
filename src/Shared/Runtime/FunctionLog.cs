using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Photos.Runtime;

/// <summary>The severity of a log line, in Lambda's log levels.</summary>
public enum LogLevel
{
    /// <summary>TRACE</summary>
    Trace,

    /// <summary>DEBUG</summary>
    Debug,

    /// <summary>INFO</summary>
    Info,

    /// <summary>WARN</summary>
    Warn,

    /// <summary>ERROR</summary>
    Error,

    /// <summary>FATAL</summary>
    Fatal,
}

/// <summary>
/// Writes one line for each entry, in the format of the function's logging configuration. A line is written with one call and
/// flushed, so it is out before the response is.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html</remarks>
public sealed class FunctionLog
{
    private const string FormatVariable = "AWS_LAMBDA_LOG_FORMAT";
    private const string LevelVariable = "AWS_LAMBDA_LOG_LEVEL";

    // Relaxed, since a log is not HTML. Control characters are escaped all the same, in both formats, so that no text can
    // forge a line or send commands to a terminal.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Stream _output;
    private readonly bool _text;
    private readonly LogLevel _least;

    private FunctionLog(Stream output, bool text, LogLevel least)
    {
        _output = output;
        _text = text;
        _least = least;
    }

    /// <summary>The id of the current invocation, which is part of each line. Setting it clears the ids of the API.</summary>
    public string? RequestId
    {
        get;
        set
        {
            field = value;
            ApiRequestId = null;
            ApiExtendedRequestId = null;
        }
    }

    /// <summary>The id by which the client of the API knows the request: its header <c>x-amzn-RequestId</c>.</summary>
    public string? ApiRequestId { get; set; }

    /// <summary>API Gateway's other id of the request: the client's header <c>x-amz-apigw-id</c>.</summary>
    public string? ApiExtendedRequestId { get; set; }

    /// <summary>The log until the environment has been read: JSON, from INFO up.</summary>
    public static FunctionLog CreateDefault(Stream output) => new(output, text: false, LogLevel.Info);

    /// <summary>Creates a log that writes to <paramref name="output"/>.</summary>
    /// <exception cref="FunctionEnvironmentException">The log format or level is unknown to Lambda.</exception>
    public static FunctionLog Create(FunctionEnvironment environment, Stream output)
    {
        bool text = environment.Optional(FormatVariable) switch
        {
            null or "JSON" => false,
            "Text" => true,
            _ => throw new FunctionEnvironmentException(FormatVariable, "must be JSON or Text"),
        };
        LogLevel least = environment.Optional(LevelVariable) switch
        {
            null or "INFO" => LogLevel.Info,
            "TRACE" => LogLevel.Trace,
            "DEBUG" => LogLevel.Debug,
            "WARN" => LogLevel.Warn,
            "ERROR" => LogLevel.Error,
            "FATAL" => LogLevel.Fatal,
            _ => throw new FunctionEnvironmentException(LevelVariable, "must be TRACE, DEBUG, INFO, WARN, ERROR or FATAL"),
        };
        return new FunctionLog(output, text, least);
    }

    /// <summary>Writes one line, including the exception's type, message and stack trace if there is one.</summary>
    public void Write(LogLevel level, string message, Exception? exception = null)
    {
        if (level < _least)
        {
            return;
        }

        string time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var line = new ArrayBufferWriter<byte>();
        if (_text)
        {
            string api = ApiRequestId is null ? "" : $" (API request {ApiRequestId}, {ApiExtendedRequestId})";
            WriteText(line, time, level, exception is null ? message + api : $"{message}{api} {exception}");
        }
        else
        {
            WriteJson(line, time, level, message, exception);
        }

        line.Write("\n"u8);
        try
        {
            _output.Write(line.WrittenSpan);
            _output.Flush();
        }
        catch (IOException)
        {
            // The log's reader has ended. Nothing else can report it, and a request must not fail because of its log.
        }
    }

    private void WriteJson(ArrayBufferWriter<byte> line, string time, LogLevel level, string message, Exception? exception)
    {
        using var json = new Utf8JsonWriter(line, s_json);
        json.WriteStartObject();
        json.WriteString("timestamp", time);
        json.WriteString("level", Name(level));
        json.WriteString("message", message);
        if (RequestId is string requestId)
        {
            json.WriteString("requestId", requestId);
        }

        if (ApiRequestId is string apiRequestId)
        {
            json.WriteString("apiRequestId", apiRequestId);
        }

        if (ApiExtendedRequestId is string extendedId)
        {
            json.WriteString("apiExtendedRequestId", extendedId);
        }

        if (exception is not null)
        {
            json.WriteString("errorType", exception.GetType().Name);
            json.WriteString("errorMessage", exception.Message);
            json.WriteString("stackTrace", exception.ToString());
        }

        json.WriteEndObject();
    }

    private void WriteText(ArrayBufferWriter<byte> line, string time, LogLevel level, string message)
    {
        line.Write(Encoding.UTF8.GetBytes($"{time}\t{RequestId}\t{Name(level)}\t{s_json.Encoder!.Encode(message)}"));
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Info => "INFO",
        LogLevel.Warn => "WARN",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };
}

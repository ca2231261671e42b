using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Photos.Runtime;

namespace Photos.Api;

/// <summary>A response for API Gateway's proxy integration.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html</remarks>
public sealed class ProxyResponse
{
    // The output is not HTML, and the body is JSON inside a JSON string: escape only what JSON requires.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Action<Utf8JsonWriter>? _writeBody;

    private ProxyResponse(int statusCode, Action<Utf8JsonWriter>? writeBody)
    {
        StatusCode = statusCode;
        _writeBody = writeBody;
    }

    /// <summary>204.</summary>
    public static ProxyResponse NoContent { get; } = new(204, writeBody: null);

    /// <summary>The HTTP status.</summary>
    public int StatusCode { get; }

    /// <summary>How long to wait before a retry, in seconds; becomes <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; private init; }

    /// <summary>A response whose body is <paramref name="value"/>.</summary>
    /// <param name="statusCode">The HTTP status.</param>
    /// <param name="value">The value.</param>
    /// <param name="write">
    /// Writes the value: the handler that a <see cref="System.Text.Json.Serialization.JsonSerializerContext"/> has for it. The serializer
    /// would call the same handler, but first create metadata by reflection, which is 1 of a cold start's 40 million instructions.
    /// </param>
    /// <param name="retryAfterSeconds"><see cref="RetryAfterSeconds"/></param>
    public static ProxyResponse Json<T>(int statusCode, T value, Action<Utf8JsonWriter, T> write, int? retryAfterSeconds = null) =>
        new(statusCode, json => write(json, value)) { RetryAfterSeconds = retryAfterSeconds };

    /// <summary>Writes the proxy response.</summary>
    /// <param name="output">Receives the bytes.</param>
    /// <param name="allowedOrigin">The origin that may read the response, or <c>*</c>.</param>
    public void WriteTo(ResponseBuffer output, string allowedOrigin)
    {
        using var json = new Utf8JsonWriter(output, s_json);
        json.WriteStartObject();
        json.WriteNumber("statusCode"u8, StatusCode);
        json.WriteStartObject("headers"u8);
        json.WriteString("Access-Control-Allow-Origin"u8, allowedOrigin);

        // The ids lead from a client's report to the log.
        json.WriteString("Access-Control-Expose-Headers"u8, "Retry-After,x-amzn-RequestId,x-amz-apigw-id"u8);

        // A response is private to one user and contains URLs that expire.
        json.WriteString("Cache-Control"u8, "no-store"u8);
        if (_writeBody is not null)
        {
            json.WriteString("Content-Type"u8, "application/json"u8);
        }

        if (RetryAfterSeconds is int seconds)
        {
            json.WriteString("Retry-After"u8, seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        json.WriteEndObject();
        json.WriteBoolean("isBase64Encoded"u8, false);
        json.WritePropertyName("body"u8);
        json.Flush();
        int start = output.Count;
        if (_writeBody is not null)
        {
            json.Reset();
            _writeBody(json);
            json.Flush();
        }

        output.QuoteFrom(start);
        output.Write("}"u8);
    }
}

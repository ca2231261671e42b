using System.Text;
using System.Text.Json;
using Photos.Net;

namespace Photos.Aws;

/// <summary>An AWS service's response. Valid until the next request.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="connection">Holds the headers and the body.</param>
/// <param name="isRepeat">Whether the request was sent before.</param>
/// <param name="isNew">Whether the services may not know the role yet.</param>
internal readonly struct AwsResponse(int status, HttpConnection connection, bool isRepeat, bool isNew)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => status is >= 200 and < 300;

    /// <summary>
    /// Whether the request was sent before and its response was lost or an error. An earlier attempt may have made the change
    /// that this response reports as already made.
    /// </summary>
    public bool IsRepeat => isRepeat;

    /// <summary>The body.</summary>
    public ArraySegment<byte> Body => connection.Body;

    /// <inheritdoc cref="HttpConnection.Header"/>
    public string? Header(ReadOnlySpan<byte> name) => connection.Header(name);

    /// <summary>
    /// The service's error code: DynamoDB's <c>__type</c> without its prefix, S3's <c>Code</c>; <see langword="null"/> where
    /// there is none, as in every response to HEAD.
    /// </summary>
    public string? ErrorCode()
    {
        string? code = IsJson ? JsonText("__type"u8) : XmlText("Code");
        return code?[(code.IndexOf('#', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>The exception for an unexpected response.</summary>
    public AwsException ToException() => new(status, ErrorCode(), Explanation(), isNew);

    private bool IsJson => Header("content-type"u8)?.Contains("json", StringComparison.Ordinal) == true;

    /// <summary>
    /// The first line of the service's message, which is all that may be logged: in later lines and in other fields, services
    /// repeat the request with its session token.
    /// </summary>
    private string? Explanation()
    {
        string? message = IsJson ? JsonText("message"u8) ?? JsonText("Message"u8) : XmlText("Message");
        return message?.Split('\n', 2)[0];
    }

    private string? JsonText(ReadOnlySpan<byte> name)
    {
        try
        {
            using var error = JsonDocument.Parse(Body);
            return error.RootElement.TryGetProperty(name, out JsonElement text) ? text.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private string? XmlText(string name)
    {
        string[] behind = Encoding.UTF8.GetString(Body).Split($"<{name}>", 2);
        string[] inside = behind[^1].Split($"</{name}>", 2);
        return behind.Length == 2 && inside.Length == 2 ? inside[0] : null;
    }
}

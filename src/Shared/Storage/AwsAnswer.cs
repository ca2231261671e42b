using System.Text;
using System.Text.Json;
using Album.Net;

namespace Album.Storage;

/// <summary>A service's answer. Valid until the next request.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="connection">Has the rest.</param>
internal readonly struct AwsAnswer(int status, HttpConnection connection)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Whether the status says so.</summary>
    public bool IsSuccess => status is >= 200 and < 300;

    /// <summary>The body.</summary>
    public ArraySegment<byte> Body => connection.Body;

    /// <inheritdoc cref="HttpConnection.Header"/>
    public string? Header(ReadOnlySpan<byte> name) => connection.Header(name);

    /// <summary>
    /// The service's name for what is wrong: DynamoDB's <c>__type</c> without its prefix, S3's <c>Code</c>;
    /// <see langword="null"/> where there is none, as in every answer to HEAD.
    /// </summary>
    public string? ErrorCode()
    {
        if (Header("content-type"u8)?.Contains("json", StringComparison.Ordinal) != true)
        {
            string xml = Encoding.UTF8.GetString(Body);
            int start = xml.IndexOf("<Code>", StringComparison.Ordinal) + "<Code>".Length;
            int end = xml.IndexOf("</Code>", StringComparison.Ordinal);
            return start <= end ? xml[start..end] : null;
        }

        try
        {
            using var error = JsonDocument.Parse(Body);
            return error.RootElement.TryGetProperty("__type"u8, out JsonElement type) && type.GetString() is string name
                ? name[(name.IndexOf('#', StringComparison.Ordinal) + 1)..]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The exception for an answer that nobody expected.</summary>
    public AwsException ToException() => new(status, ErrorCode(), Encoding.UTF8.GetString(Body));
}

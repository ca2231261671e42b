using System.Text.Json;
using System.Text.Json.Serialization;
using Photos.Album;

namespace Photos.Api;

/// <summary>The shape of every error: API Gateway's own, and a code.</summary>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Code">The kind of error, for programs.</param>
public sealed record ErrorResponse(string Message, string Code)
{
    private const int RetryAfterSeconds = 1;

    /// <summary>The response to a refused request.</summary>
    public static ProxyResponse For(PhotoException refusal)
    {
        (int status, string code) = refusal.Fault switch
        {
            PhotoFault.InvalidField => (400, "InvalidField"),
            PhotoFault.Unauthenticated => (401, "Unauthorized"),
            PhotoFault.NotFound => (404, "PhotoNotFound"),
            PhotoFault.NotUploaded => (409, "PhotoNotUploaded"),
            PhotoFault.Deleted => (410, "PhotoDeleted"),
            PhotoFault.GrantExpired => (410, "GrantExpired"),
            PhotoFault.TooLarge => (413, "PhotoTooLarge"),
            PhotoFault.UnsupportedType => (415, "UnsupportedContentType"),
            PhotoFault.StorageUnavailable => (503, "ServiceUnavailable"),
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Fault, "This fault has no status. Add it to the switch."),
        };
        return Create(status, code, refusal.Message, status == 503 ? RetryAfterSeconds : null);
    }

    /// <summary>The response to an event that is not from the API.</summary>
    public static ProxyResponse For(InvalidEventException refusal) => Create(400, "InvalidEvent", refusal.Message);

    /// <summary>The response to an internal error. It does not describe the error; the log does.</summary>
    public static ProxyResponse Internal() =>
        Create(500, "InternalError", "An internal error occurred. Send the request again; if the error persists, report the x-amzn-RequestId header.");

    private static ProxyResponse Create(int status, string code, string message, int? retryAfterSeconds = null) =>
        ProxyResponse.Json(status, new ErrorResponse(message, code), ErrorJsonContext.Write, retryAfterSeconds);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ErrorResponse))]
internal sealed partial class ErrorJsonContext : JsonSerializerContext
{
    public static void Write(Utf8JsonWriter json, ErrorResponse error) => Default.ErrorResponseSerializeHandler(json, error);
}

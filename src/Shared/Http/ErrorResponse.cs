using System.Text.Json.Serialization;
using Album.Photos;

namespace Album.Http;

/// <summary>The one shape of every error, that of API Gateway's own with a code.</summary>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Code">The kind of error, for programs.</param>
public sealed record ErrorResponse(string Message, string Code)
{
    private const int RetryAfterSeconds = 1;

    /// <summary>The answer to a refused request.</summary>
    public static ProxyResponse For(PhotoException refusal)
    {
        (int status, string code) = refusal.Fault switch
        {
            PhotoFault.InvalidField => (400, "InvalidField"),
            PhotoFault.Unauthenticated => (401, "Unauthorized"),
            PhotoFault.NotFound => (404, "PhotoNotFound"),
            PhotoFault.NotUploaded => (409, "PhotoNotUploaded"),
            PhotoFault.TooLarge => (413, "PhotoTooLarge"),
            PhotoFault.UnsupportedType => (415, "UnsupportedContentType"),
            PhotoFault.StorageUnavailable => (503, "ServiceUnavailable"),
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Fault, "A fault without a status."),
        };
        return Create(status, code, refusal.Message, status == 503 ? RetryAfterSeconds : null);
    }

    /// <summary>The answer to an event that is no proxy event.</summary>
    public static ProxyResponse NotAProxyEvent() =>
        Create(400, "InvalidEvent", "The event is no proxy event of an API Gateway REST API. Call the function through its API.");

    /// <summary>The answer to a fault of our own. It says nothing of the fault; the log does.</summary>
    public static ProxyResponse Internal() =>
        Create(500, "InternalError", "Something failed on our side. Try again; if it persists, report the x-amzn-RequestId.");

    private static ProxyResponse Create(int status, string code, string message, int? retryAfterSeconds = null) =>
        ProxyResponse.Json(status, new ErrorResponse(message, code), ErrorJsonContext.Default.ErrorResponse, retryAfterSeconds);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ErrorResponse))]
internal sealed partial class ErrorJsonContext : JsonSerializerContext;

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Album.Photos;

namespace Album.Http;

/// <summary>What the functions read of a REST API's proxy event, version 1.0.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html</remarks>
public sealed class ProxyRequest
{
    /// <summary>The route's path with its parameters' names, as <c>/photos/{id}</c>.</summary>
    public string? Resource { get; init; }

    /// <summary>The HTTP method.</summary>
    public string? HttpMethod { get; init; }

    /// <summary>The path parameters, decoded.</summary>
    public Dictionary<string, string?>? PathParameters { get; init; }

    /// <summary>The query, decoded; of a repeated parameter the last value.</summary>
    public Dictionary<string, string?>? QueryStringParameters { get; init; }

    /// <summary>The body as text, or as base64 where <see cref="IsBase64Encoded"/> says so.</summary>
    public string? Body { get; init; }

    /// <summary>Whether the gateway took the body for binary.</summary>
    public bool IsBase64Encoded { get; init; }

    /// <summary>What the gateway knows of the caller.</summary>
    public ProxyRequestContext? RequestContext { get; init; }

    /// <summary>The signed-in user.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.Unauthenticated"/></exception>
    [JsonIgnore]
    public UserId User => UserId.FromSubject(RequestContext?.Authorizer?.Claims?.Sub);

    /// <summary>A path parameter, or <see langword="null"/>.</summary>
    public string? PathParameter(string name) => PathParameters?.GetValueOrDefault(name);

    /// <summary>A query parameter, or <see langword="null"/>.</summary>
    public string? QueryParameter(string name) => QueryStringParameters?.GetValueOrDefault(name);

    /// <summary>A query parameter that is a number.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: it is there and no whole number in the range.</exception>
    public int QueryNumber(string name, int least, int most, int absent) => QueryParameter(name) switch
    {
        null => absent,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most => value,
        _ => throw new PhotoException(PhotoFault.InvalidField, $"{name} must be a whole number from {least} to {most}."),
    };

    /// <summary>The body, which must be a JSON object of the given type.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: it is none; the message names the field.</exception>
    public T ReadBody<T>(JsonTypeInfo<T> type)
        where T : class
    {
        if (string.IsNullOrWhiteSpace(Body))
        {
            throw new PhotoException(PhotoFault.InvalidField, "body is missing. Send a JSON object.");
        }

        try
        {
            byte[] bytes = IsBase64Encoded ? Convert.FromBase64String(Body) : Encoding.UTF8.GetBytes(Body);
            return JsonSerializer.Deserialize(bytes, type)
                ?? throw new PhotoException(PhotoFault.InvalidField, "body is null. Send a JSON object.");
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new PhotoException(
                PhotoFault.InvalidField,
                WrongField(e) is string field ? $"{field} has the wrong JSON type." : "body is no valid JSON object.",
                e);
        }
    }

    /// <summary>The field that has the wrong type; <see langword="null"/> when the body as a whole is no JSON object.</summary>
    private static string? WrongField(Exception exception) =>
        exception is JsonException { InnerException: not JsonException, Path: { Length: > 2 } path }
        && path.StartsWith("$.", StringComparison.Ordinal)
            ? path[2..]
            : null;
}

/// <summary>The part of a proxy event that the gateway itself vouches for.</summary>
public sealed class ProxyRequestContext
{
    /// <summary>What the authorizer found.</summary>
    public ProxyAuthorizer? Authorizer { get; init; }
}

/// <summary>The Cognito authorizer's finding.</summary>
public sealed class ProxyAuthorizer
{
    /// <summary>The checked token's claims.</summary>
    public ProxyClaims? Claims { get; init; }
}

/// <summary>The claims the functions use.</summary>
public sealed class ProxyClaims
{
    /// <summary>The user's id.</summary>
    public string? Sub { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ProxyRequest))]
internal sealed partial class ProxyJsonContext : JsonSerializerContext;

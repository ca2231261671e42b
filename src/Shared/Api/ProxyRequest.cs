using System.Globalization;
using System.Text;
using System.Text.Json;
using Photos.Album;

namespace Photos.Api;

/// <summary>The parts of a REST API proxy event (version 1.0) that the functions read.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html</remarks>
public sealed class ProxyRequest
{
    private readonly string? _subject;
    private readonly Dictionary<string, string?>? _path;
    private readonly Dictionary<string, string?>? _query;
    private readonly string? _body;
    private readonly bool _isBase64;

    private ProxyRequest(JsonElement proxyEvent, string? userWithoutClaims)
    {
        Resource = JsonFields.Text(proxyEvent, "resource");
        _path = Texts(proxyEvent, "pathParameters");
        _query = Texts(proxyEvent, "queryStringParameters");
        _body = JsonFields.Text(proxyEvent, "body");
        _isBase64 = Flag(proxyEvent, "isBase64Encoded");
        if (JsonFields.Nested(proxyEvent, "requestContext") is JsonElement context
            && JsonFields.Nested(context, "authorizer") is JsonElement authorizer
            && JsonFields.Nested(authorizer, "claims") is JsonElement claims)
        {
            _subject = JsonFields.Text(claims, "sub");
        }
        else
        {
            _subject = userWithoutClaims;
        }
    }

    /// <summary>The route's path with its parameter names, such as <c>/photos/{id}</c>.</summary>
    public string? Resource { get; }

    /// <summary>The signed-in user, from the claims that the Cognito authorizer verified.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.Unauthenticated"/></exception>
    public UserId User => UserId.FromSubject(_subject);

    /// <summary>Reads an event.</summary>
    /// <param name="payload">JSON in UTF-8.</param>
    /// <param name="userWithoutClaims">The user of a request that no authorizer has seen; <see langword="null"/> to refuse it.</param>
    /// <exception cref="JsonException">It is not a proxy event.</exception>
    public static ProxyRequest Parse(ReadOnlyMemory<byte> payload, string? userWithoutClaims)
    {
        using var proxyEvent = JsonDocument.Parse(payload);
        try
        {
            return proxyEvent.RootElement.ValueKind == JsonValueKind.Object
                ? new ProxyRequest(proxyEvent.RootElement, userWithoutClaims)
                : throw new JsonException("The event is not a JSON object.");
        }
        catch (InvalidOperationException e)
        {
            // The parser does not validate the names of members; reading or comparing them does.
            throw new JsonException("A member name in the event is not valid Unicode.", e);
        }
    }

    /// <summary>A path parameter, decoded, or <see langword="null"/>.</summary>
    public string? PathParameter(string name) => _path?.GetValueOrDefault(name);

    /// <summary>A query parameter, decoded, or <see langword="null"/>; the last value of a repeated one.</summary>
    public string? QueryParameter(string name) => _query?.GetValueOrDefault(name);

    /// <summary>A query parameter that is a number.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: it is present and not a whole number in the range.</exception>
    public int QueryNumber(string name, int least, int most, int absent) => QueryParameter(name) switch
    {
        null => absent,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most => value,
        _ => throw new PhotoException(PhotoFault.InvalidField, $"{name} must be a whole number from {least} to {most}."),
    };

    /// <summary>The body, which must be a JSON object.</summary>
    /// <param name="read">Reads its fields with <see cref="JsonFields"/>.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: it is not; the message names the field.</exception>
    public T ReadBody<T>(Func<JsonElement, T> read)
    {
        if (string.IsNullOrWhiteSpace(_body))
        {
            throw new PhotoException(PhotoFault.InvalidField, "body is missing. Send a JSON object.");
        }

        try
        {
            using var body = JsonDocument.Parse(_isBase64 ? Convert.FromBase64String(_body) : Encoding.UTF8.GetBytes(_body));
            return body.RootElement.ValueKind == JsonValueKind.Object
                ? read(body.RootElement)
                : throw new JsonException("The body is not a JSON object.");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // Without the exception: its message may quote the body, and the log must not.
            throw new PhotoException(
                PhotoFault.InvalidField,
                e is JsonException { Path: string field } ? $"{field} has the wrong JSON type." : "body is not a valid JSON object.");
        }
    }

    private static Dictionary<string, string?>? Texts(JsonElement parent, string name)
    {
        if (JsonFields.Nested(parent, name) is not JsonElement fields)
        {
            return null;
        }

        var texts = new Dictionary<string, string?>();
        foreach (JsonProperty field in fields.EnumerateObject())
        {
            texts[field.Name] = JsonFields.Text(fields, field.Name);
        }

        return texts;
    }

    private static bool Flag(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement flag) && flag.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw JsonFields.WrongType(name),
        };
}

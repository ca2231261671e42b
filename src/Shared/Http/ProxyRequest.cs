using System.Globalization;
using System.Text;
using System.Text.Json;
using Album.Photos;

namespace Album.Http;

/// <summary>What the functions read of a REST API's proxy event, version 1.0.</summary>
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

    /// <summary>The route's path with its parameters' names, as <c>/photos/{id}</c>.</summary>
    public string? Resource { get; }

    /// <summary>The signed-in user, as the Cognito authorizer found it.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.Unauthenticated"/></exception>
    public UserId User => UserId.FromSubject(_subject);

    /// <summary>Reads an event.</summary>
    /// <param name="payload">JSON in UTF-8.</param>
    /// <param name="userWithoutClaims">Whose request it is when no authorizer was asked; <see langword="null"/> for nobody's.</param>
    /// <exception cref="JsonException">It is no proxy event.</exception>
    public static ProxyRequest Parse(ReadOnlyMemory<byte> payload, string? userWithoutClaims)
    {
        using var proxyEvent = JsonDocument.Parse(payload);
        try
        {
            return proxyEvent.RootElement.ValueKind == JsonValueKind.Object
                ? new ProxyRequest(proxyEvent.RootElement, userWithoutClaims)
                : throw new JsonException("The event is no JSON object.");
        }
        catch (InvalidOperationException e)
        {
            // The parser does not look into a member's name; who reads or compares it does.
            throw new JsonException("A name in the event is no Unicode.", e);
        }
    }

    /// <summary>A path parameter, decoded, or <see langword="null"/>.</summary>
    public string? PathParameter(string name) => _path?.GetValueOrDefault(name);

    /// <summary>A query parameter, decoded, or <see langword="null"/>; of a repeated one the last value.</summary>
    public string? QueryParameter(string name) => _query?.GetValueOrDefault(name);

    /// <summary>A query parameter that is a number.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: it is there and no whole number in the range.</exception>
    public int QueryNumber(string name, int least, int most, int absent) => QueryParameter(name) switch
    {
        null => absent,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most => value,
        _ => throw new PhotoException(PhotoFault.InvalidField, $"{name} must be a whole number from {least} to {most}."),
    };

    /// <summary>The body, which must be a JSON object.</summary>
    /// <param name="read">Reads its fields with <see cref="JsonFields"/>.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: it is none; the message names the field.</exception>
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
                : throw new JsonException("The body is no JSON object.");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // Without the exception, whose message may quote the rest of the body into the log.
            throw new PhotoException(
                PhotoFault.InvalidField,
                e is JsonException { Path: string field } ? $"{field} has the wrong JSON type." : "body is no valid JSON object.");
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

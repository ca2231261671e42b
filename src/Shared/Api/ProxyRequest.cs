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

    private ProxyRequest(JsonElement proxyEvent, string resource, JsonElement context, string? userWithoutClaims)
    {
        Resource = resource;
        RequestId = JsonFields.Text(context, "requestId");
        ExtendedRequestId = JsonFields.Text(context, "extendedRequestId");
        _path = Texts(proxyEvent, "pathParameters");
        _query = Texts(proxyEvent, "queryStringParameters");
        _body = JsonFields.Text(proxyEvent, "body");
        _isBase64 = Flag(proxyEvent, "isBase64Encoded");
        if (JsonFields.Nested(context, "authorizer") is JsonElement authorizer
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
    public string Resource { get; }

    /// <summary>API Gateway's id of the request, which the client has in the header <c>x-amzn-RequestId</c>.</summary>
    public string? RequestId { get; }

    /// <summary>API Gateway's other id of the request, which the client has in the header <c>x-amz-apigw-id</c>.</summary>
    public string? ExtendedRequestId { get; }

    /// <summary>The signed-in user, from the claims that the Cognito authorizer verified.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.Unauthenticated"/></exception>
    public UserId User => UserId.FromSubject(_subject);

    /// <summary>Reads an event.</summary>
    /// <param name="payload">JSON in UTF-8.</param>
    /// <param name="userWithoutClaims">The user of a request that no authorizer has seen; <see langword="null"/> to refuse it.</param>
    /// <exception cref="JsonException">It is not valid JSON, or a field has the wrong type.</exception>
    /// <exception cref="InvalidEventException">It is another kind of event.</exception>
    public static ProxyRequest Parse(ReadOnlyMemory<byte> payload, string? userWithoutClaims)
    {
        using var proxyEvent = JsonDocument.Parse(payload);
        try
        {
            JsonElement root = proxyEvent.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && JsonFields.Text(root, "resource") is string resource
                && JsonFields.Nested(root, "requestContext") is JsonElement context
                ? new ProxyRequest(root, resource, context, userWithoutClaims)
                : throw new InvalidEventException($"The event is {Describe(root)}.");
        }
        catch (InvalidOperationException e)
        {
            // The parser does not validate the names of members; reading or comparing them does.
            throw new JsonException("It is not valid Unicode.", "a member name", lineNumber: null, bytePositionInLine: null, e);
        }
    }

    /// <summary>A path parameter, decoded, or <see langword="null"/>.</summary>
    public string? PathParameter(string name) => _path?.GetValueOrDefault(name);

    /// <summary>A query parameter, decoded, or <see langword="null"/> if absent or empty; the last value of a repeated one.</summary>
    public string? QueryParameter(string name) => _query?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

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
            using var body = JsonDocument.Parse(WithoutByteOrderMark(_isBase64 ? Convert.FromBase64String(_body) : Encoding.UTF8.GetBytes(_body)));
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

    /// <summary>RFC 8259, 8.1: a parser may ignore a byte order mark. Some clients send one.</summary>
    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> utf8) =>
        utf8.Span.StartsWith("\ufeff"u8) ? utf8["\ufeff"u8.Length..] : utf8;

    /// <summary>The kind of an event that is not from a REST API, to help who has connected the function to its source.</summary>
    private static string Describe(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return "not a JSON object";
        }

        if (root.TryGetProperty("version", out JsonElement version) && version.ValueKind == JsonValueKind.String && version.ValueEquals("2.0"))
        {
            return "an HTTP API or function URL event of version 2.0";
        }

        if (JsonFields.Nested(root, "requestContext") is JsonElement context && context.TryGetProperty("elb", out _))
        {
            return "an Application Load Balancer event";
        }

        return root.TryGetProperty("detail-type", out _) ? "an EventBridge event"
            : root.TryGetProperty("Records", out _) ? "a batch of records"
            : "without resource or requestContext";
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
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw JsonFields.WrongType(name),
        };
}

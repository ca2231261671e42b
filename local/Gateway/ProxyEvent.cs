using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>The event that a function receives for a request: API Gateway's proxy event, format 1.0.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html</remarks>
/// <param name="Path">The path as the client sent it, without the query.</param>
/// <param name="Claims">The claims of the ID token.</param>
/// <param name="Time">When the request arrived, UTC.</param>
internal sealed record ProxyEvent(
    HttpRequest Request,
    string Path,
    RouteMatch.Function Match,
    IReadOnlyDictionary<string, string> Claims,
    ReadOnlyMemory<byte> Body,
    string RequestId,
    string ExtendedRequestId,
    DateTimeOffset Time)
{
    /// <summary>
    /// The headers that API Gateway does not pass on, because they apply to one connection only, or to the body before it was decompressed.
    /// </summary>
    /// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html</remarks>
    private static readonly HashSet<string> s_dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Encoding", "Content-Length", "Expect", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A lower bound of the event's length, in bytes: of the body with the escapes that JSON requires.</summary>
    public long MinLength => Body.Length + (long)Body.Span.Count((byte)'"') + Body.Span.Count((byte)'\\') + (5L * Body.Span.Count((byte)0));

    public ReadOnlyMemory<byte> ToJson(StackDefinition stack)
    {
        var buffer = new ArrayBufferWriter<byte>(4096 + Body.Length);
        using (var json = new Utf8JsonWriter(buffer, s_json))
        {
            Write(json, stack);
        }

        return buffer.WrittenMemory;
    }

    private void Write(Utf8JsonWriter json, StackDefinition stack)
    {
        bool isBinary = Body.Length > 0 && IsBinary(Request.ContentType, stack.BinaryMediaTypes);

        json.WriteStartObject();
        json.WriteString("resource", Match.Route.Resource);
        json.WriteString("path", Uri.UnescapeDataString(Path));
        json.WriteString("httpMethod", Request.Method);
        WriteValues(json, "headers", "multiValueHeaders", Headers());
        WriteValues(json, "queryStringParameters", "multiValueQueryStringParameters", Query());
        WriteMap(json, "pathParameters", Match.PathParameters);
        json.WriteNull("stageVariables");
        WriteContext(json, stack);
        if (Body.IsEmpty)
        {
            json.WriteNull("body");
        }
        else if (isBinary)
        {
            json.WriteBase64String("body", Body.Span);
        }
        else
        {
            WriteText(json, Body.Span);
        }

        json.WriteBoolean("isBase64Encoded", isBinary);
        json.WriteEndObject();
    }

    private void WriteContext(Utf8JsonWriter json, StackDefinition stack)
    {
        json.WriteStartObject("requestContext");
        json.WriteString("resourceId", "local");
        json.WriteStartObject("authorizer");
        WriteMap(json, "claims", Claims);
        json.WriteEndObject();
        json.WriteString("resourcePath", Match.Route.Resource);
        json.WriteString("httpMethod", Request.Method);
        json.WriteString("extendedRequestId", ExtendedRequestId);
        json.WriteString("requestTime", Time.ToString("dd/MMM/yyyy:HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        json.WriteString("path", $"/{stack.Stage}{Path}");
        json.WriteString("accountId", Intrinsics.AccountId);
        json.WriteString("protocol", Request.Protocol);
        json.WriteString("stage", stack.Stage);
        json.WriteString("domainPrefix", Request.Host.Host.Split('.')[0]);
        json.WriteNumber("requestTimeEpoch", Time.ToUnixTimeMilliseconds());
        json.WriteString("requestId", RequestId);

        json.WriteStartObject("identity");
        foreach (string name in (string[])["cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller"])
        {
            json.WriteNull(name);
        }

        json.WriteString("sourceIp", SourceIp);
        foreach (string name in (string[])["principalOrgId", "accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn"])
        {
            json.WriteNull(name);
        }

        json.WriteString("userAgent", Last(Request.Headers.UserAgent));
        json.WriteNull("user");
        json.WriteEndObject();

        json.WriteString("domainName", Request.Host.Host);
        json.WriteString("apiId", "local");
        json.WriteEndObject();
    }

    private string SourceIp => Request.HttpContext.Connection.RemoteIpAddress?.ToString() ?? "127.0.0.1";

    private Dictionary<string, List<string>> Headers()
    {
        var headers = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, StringValues values) in Request.Headers)
        {
            if (!s_dropped.Contains(name))
            {
                headers[name] = [.. values.Select(value => value ?? "")];
            }
        }

        headers["X-Forwarded-For"] = [string.Join(", ", Request.Headers["X-Forwarded-For"].Append(SourceIp))];
        headers["X-Forwarded-Port"] = [Request.HttpContext.Connection.LocalPort.ToString(CultureInfo.InvariantCulture)];
        headers["X-Forwarded-Proto"] = [Request.Scheme];
        headers.TryAdd("X-Amzn-Trace-Id", [$"Root=1-{Time.ToUnixTimeSeconds():x8}-{RandomNumberGenerator.GetHexString(24, lowercase: true)}"]);
        return headers;
    }

    /// <summary>
    /// The query's decoded values. A semicolon separates parameters as an ampersand does: one of the known issues of REST APIs.
    /// </summary>
    public Dictionary<string, List<string>> Query()
    {
        var query = new Dictionary<string, List<string>>();
        foreach (string pair in (Request.QueryString.Value ?? "").TrimStart('?').Split(['&', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            string name = Decode(parts[0]);
            if (!query.TryGetValue(name, out List<string>? values))
            {
                query[name] = values = [];
            }

            values.Add(parts.Length == 2 ? Decode(parts[1]) : "");
        }

        return query;

        static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }

    /// <summary>Writes a map twice, as API Gateway does: with the last value of each name, and with all values.</summary>
    private static void WriteValues(Utf8JsonWriter json, string single, string multiple, Dictionary<string, List<string>> map)
    {
        if (map.Count == 0)
        {
            json.WriteNull(single);
            json.WriteNull(multiple);
            return;
        }

        json.WriteStartObject(single);
        foreach ((string name, List<string> values) in map)
        {
            json.WriteString(name, values[^1]);
        }

        json.WriteEndObject();
        json.WriteStartObject(multiple);
        foreach ((string name, List<string> values) in map)
        {
            json.WriteStartArray(name);
            values.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the body without a copy in UTF-16, unless bytes that are not UTF-8 must be replaced.</summary>
    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> body)
    {
        if (Utf8.IsValid(body))
        {
            json.WriteString("body", body);
        }
        else
        {
            json.WriteString("body", Encoding.UTF8.GetString(body));
        }
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        if (map.Count == 0)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        foreach ((string key, string value) in map)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static string? Last(StringValues values) => values.Count == 0 ? null : values[^1];

    /// <summary>Whether a media type is one of the API's <c>BinaryMediaTypes</c>.</summary>
    public static bool IsBinary(string? mediaType, IReadOnlyList<string> binaryMediaTypes) =>
        MediaTypeHeaderValue.TryParse(mediaType, out MediaTypeHeaderValue? type)
        && binaryMediaTypes.Any(binary => MediaTypeHeaderValue.TryParse(binary, out MediaTypeHeaderValue? set) && type.IsSubsetOf(set));
}

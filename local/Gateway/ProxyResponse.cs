using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>A function's response, in the format of the proxy integration.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html</remarks>
/// <param name="Body">The text; in base64 when <paramref name="IsBase64"/>.</param>
internal sealed record ProxyResponse(int Status, IReadOnlyDictionary<string, List<string>> Headers, string Body, bool IsBase64)
{
    /// <summary>The headers that API Gateway reserves and passes on under another name.</summary>
    /// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html</remarks>
    private static readonly HashSet<string> s_remapped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Host", "Server", "User-Agent", "WWW-Authenticate",
    };

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <returns>Null when API Gateway would treat the response as malformed.</returns>
    public static ProxyResponse? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <param name="stack">
    /// The API's binary media types: a base64 body is decoded only for a client whose first <c>Accept</c> is one of these. And its minimum
    /// compression size.
    /// </param>
    public async Task WriteAsync(HttpRequest request, HttpResponse response, StackDefinition stack)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json";
        foreach ((string name, List<string> values) in Headers)
        {
            if (!string.Equals(name, HeaderNames.TransferEncoding, StringComparison.OrdinalIgnoreCase))
            {
                response.Headers[s_remapped.Contains(name) ? $"x-amzn-Remapped-{name}" : name] = values.ToArray();
            }
        }

        if (Status is 204 or 205 or 304)
        {
            return;
        }

        byte[] body = IsBase64 && ProxyEvent.IsBinary(request.Headers.Accept.ToString().Split(',')[0], stack.BinaryMediaTypes)
            ? Convert.FromBase64String(Body)
            : Encoding.UTF8.GetBytes(Body);

        // A function's own coding means that the body is compressed already.
        if (body.Length >= stack.MinimumCompressionSize
            && !response.Headers.ContainsKey(HeaderNames.ContentEncoding)
            && ContentCoding.OfResponse(request.Headers.AcceptEncoding) is string coding)
        {
            body = ContentCoding.Compress(coding, body);
            response.Headers.ContentEncoding = coding;
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    private static ProxyResponse? Read(JsonElement response)
    {
        int status = 0;
        string body = "";
        bool isBase64 = false;
        var single = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        var multiple = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty property in response.EnumerateObject())
        {
            switch (property.Name)
            {
                case "statusCode":
                    _ = int.TryParse(property.Value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out status);
                    break;
                case "headers" when property.Value.ValueKind is not JsonValueKind.Null:
                    foreach (JsonProperty header in property.Value.EnumerateObject())
                    {
                        Add(single, header.Name, header.Value);
                    }

                    break;
                case "multiValueHeaders" when property.Value.ValueKind is not JsonValueKind.Null:
                    foreach (JsonProperty header in property.Value.EnumerateObject())
                    {
                        foreach (JsonElement value in header.Value.EnumerateArray())
                        {
                            Add(multiple, header.Name, value);
                        }
                    }

                    break;
                case "body":
                    body = property.Value.GetString() ?? "";
                    break;
                case "isBase64Encoded" when property.Value.ValueKind is not JsonValueKind.Null:
                    isBase64 = property.Value.GetBoolean();
                    break;
                case "headers" or "multiValueHeaders" or "isBase64Encoded":
                    break;
                default:
                    return null;
            }
        }

        if (isBase64)
        {
            // A body that is not base64 is malformed even for a client that gets it undecoded.
            _ = Convert.FromBase64String(body);
        }

        foreach ((string name, List<string> values) in multiple)
        {
            single[name] = values;
        }

        return status is >= 200 and <= 599 ? new ProxyResponse(status, single, body, isBase64) : null;
    }

    private static void Add(Dictionary<string, List<string>> headers, string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Null)
        {
            return;
        }

        string text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => throw new FormatException(),
        };
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(s_nameCharacters) || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new FormatException();
        }

        if (!headers.TryGetValue(name, out List<string>? values))
        {
            headers[name] = values = [];
        }

        values.Add(text);
    }
}

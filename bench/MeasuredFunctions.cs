using System.Text.Json;

namespace Photos.Bench;

/// <summary>
/// The measured functions and the event that each one is measured with. They are the functions of the API's routes; no client waits
/// for the cold start of any other, such as SweepPhoto.
/// </summary>
internal static class MeasuredFunctions
{
    private const string PhotoId = "0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a";

    public static IReadOnlyList<string> Names { get; } = ["ListPhotos", "WritePhoto", "DeletePhoto"];

    /// <summary>An API Gateway proxy event, as large as one from a browser: list 20 photos, write a photo, or delete a photo.</summary>
    public static byte[] Event(string function) => function switch
    {
        "ListPhotos" => ProxyEvent("GET", "/photos", query: new() { ["limit"] = "20" }),
        "WritePhoto" => ProxyEvent("POST", "/photos", body: $$"""{"id":"{{PhotoId}}","name":"beach.jpg"}"""),
        "DeletePhoto" => ProxyEvent("DELETE", "/photos/{id}", path: new() { ["id"] = PhotoId }),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "The function is unknown. Add its event to MeasuredFunctions.Event."),
    };

    private static byte[] ProxyEvent(
        string method,
        string resource,
        Dictionary<string, string>? path = null,
        Dictionary<string, string>? query = null,
        string? body = null)
    {
        Dictionary<string, string> headers = new()
        {
            ["Accept"] = "application/json",
            ["Accept-Encoding"] = "gzip, deflate, br",
            ["Authorization"] = new string('x', 900),
            ["Host"] = "abcdefghij.execute-api.us-east-1.amazonaws.com",
            ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ["X-Forwarded-For"] = "192.0.2.1",
            ["X-Forwarded-Port"] = "443",
            ["X-Forwarded-Proto"] = "https",
        };
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            resource,
            path = resource.Replace("{id}", PhotoId),
            httpMethod = method,
            headers,
            multiValueHeaders = headers.ToDictionary(header => header.Key, header => new[] { header.Value }),
            queryStringParameters = query,
            multiValueQueryStringParameters = query?.ToDictionary(item => item.Key, item => new[] { item.Value }),
            pathParameters = path,
            stageVariables = (object?)null,
            requestContext = new
            {
                resourcePath = resource,
                httpMethod = method,
                requestId = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
                stage = "prod",
                identity = new { sourceIp = "192.0.2.1" },
                authorizer = new { claims = new { sub = "alice", email = "alice@example.com", token_use = "id" } },
            },
            body,
            isBase64Encoded = false,
        });
    }
}

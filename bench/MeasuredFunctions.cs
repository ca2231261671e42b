using System.Text;
using System.Text.Json;
using Photos.Harness;

namespace Photos.Bench;

/// <summary>The measured functions and the event that each one is measured with.</summary>
internal static class MeasuredFunctions
{
    private const string PhotoId = "0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a";

    // A record as the table's stream has it when a photo is deleted. The stand-in has no items of this user, so SweepPhoto deletes
    // the object.
    private const string StreamEvent = $$$"""
        {"Records":[{"eventID":"c4ca4238a0b923820dcc509a6f75849b","eventName":"MODIFY","eventVersion":"1.1","eventSource":"aws:dynamodb",
        "awsRegion":"us-east-1","dynamodb":{"ApproximateCreationDateTime":1795500000,
        "Keys":{"id":{"S":"warm-up"},"photoId":{"S":"{{{PhotoId}}}"}},
        "OldImage":{"id":{"S":"warm-up"},"photoId":{"S":"{{{PhotoId}}}"},"name":{"S":"beach.jpg"},"date":{"S":"2026-11-24T05:00:00.000Z"},"size":{"N":"4812345"},"contentType":{"S":"image/jpeg"}},
        "NewImage":{"id":{"S":"warm-up"},"photoId":{"S":"{{{PhotoId}}}"},"state":{"S":"deleted"},"expires":{"N":"1795586400"}},
        "SequenceNumber":"100000000000000000001","SizeBytes":420,"StreamViewType":"NEW_AND_OLD_IMAGES"},
        "eventSourceARN":"arn:aws:dynamodb:us-east-1:123456789012:table/photoUsers/stream/2026-11-24T05:00:00.000"}]}
        """;

    /// <summary>The functions of the API's routes, whose cold starts clients wait for. The comparison measures these.</summary>
    public static IReadOnlyList<string> OfRoutes { get; } = ["ListPhotos", "WritePhoto", "DeletePhoto"];

    /// <summary>Every function with an instruction budget.</summary>
    public static IReadOnlyList<string> All { get; } = [.. OfRoutes, "SweepPhoto"];

    /// <summary>
    /// The functions without an instruction budget, with the reason. RenderPhoto uses the AWS SDK as it comes, because its cold start
    /// is short compared with the decoding of a picture. <c>make bench-render</c> measures both.
    /// </summary>
    public static IReadOnlyList<string> WithoutBudget { get; } = ["RenderPhoto"];

    /// <summary>
    /// An API Gateway proxy event, as large as one from a browser: list 20 photos, write a photo, or delete a photo. For SweepPhoto,
    /// an event of the table's stream: a photo was deleted.
    /// </summary>
    public static byte[] Event(string function) => function switch
    {
        "ListPhotos" => ProxyEvent("GET", "/photos", query: new() { ["limit"] = "20" }),
        "WritePhoto" => ProxyEvent("POST", "/photos", body: $$"""{"id":"{{PhotoId}}","name":"beach.jpg"}"""),
        "DeletePhoto" => ProxyEvent("DELETE", "/photos/{id}", path: new() { ["id"] = PhotoId }),
        "SweepPhoto" => Encoding.UTF8.GetBytes(StreamEvent),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "The function is unknown. Add its event to MeasuredFunctions.Event."),
    };

    /// <summary>Checks that a page has all photos, so that a variant that reads less is not compared by mistake.</summary>
    /// <exception cref="BenchException">It does not.</exception>
    public static void CheckResponse(string function, ReadOnlySpan<byte> response)
    {
        if (function == "ListPhotos")
        {
            string body = JsonElement.Parse(response).GetProperty("body").GetString()!;
            int photos = JsonElement.Parse(body).GetProperty("photos").GetArrayLength();
            if (photos != StandInResponses.Items)
            {
                throw new BenchException($"The page has {photos} photos instead of {StandInResponses.Items}. Correct the variant.");
            }
        }
    }

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

using System.Globalization;
using System.Text;

namespace Photos.Harness;

/// <summary>
/// The responses of a stand-in for DynamoDB and S3, created in advance. It stores nothing: every photo exists, whatever was
/// done to it before. Only the reserved user of the functions' warm-up has no photos, as in AWS; otherwise the warm-up would
/// run code that it does not run there.
/// </summary>
internal static class StandInResponses
{
    /// <summary>The number of items that a Query finds.</summary>
    public const int Items = 20;

    /// <summary>The key of the one object whose versions are listed, whatever is requested.</summary>
    public const string VersionKey = "private/warm-up/0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a";

    /// <summary>The keys of the renditions whose versions are listed, whatever is requested.</summary>
    public static readonly string[] RenditionKeys =
    [
        "renditions/warm-up/0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a/preview",
        "renditions/warm-up/0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a/thumbnail",
    ];

    private const string Json = "application/x-amz-json-1.0";

    private static readonly FakeResponse s_query = Response(200, Json, $"{{\"Items\":[{string.Join(',', Enumerable.Range(0, Items).Select(Item))}],\"Count\":{Items},\"ScannedCount\":{Items}}}");
    private static readonly FakeResponse s_emptyQuery = Response(200, Json, "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}");
    private static readonly FakeResponse s_getItem = Response(200, Json, $"{{\"Item\":{Item(0)}}}");
    private static readonly FakeResponse s_attributes = Response(200, Json, $"{{\"Attributes\":{Item(0)}}}");
    private static readonly FakeResponse s_conditionFails = Response(
        400, Json, "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\",\"message\":\"The conditional request failed\"}");
    private static readonly FakeResponse s_done = Response(200, Json, "{}");

    private static readonly FakeResponse s_notFound = new([Head(404, "application/xml", null, "Transfer-Encoding: chunked\r\n")]);
    private static readonly FakeResponse s_noSuchKey = Response(404, "application/xml", "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>");
    private static readonly FakeResponse s_head = new([Head(200, "image/jpeg", 123456, "ETag: \"9b2cf535f27731c974343645a3985328\"\r\nLast-Modified: Mon, 23 Nov 2026 12:00:00 GMT\r\n")]);
    private static readonly FakeResponse s_object = Response(200, "image/jpeg", "photo");
    private static readonly FakeResponse s_bucket = Response(
        200,
        "application/xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>photos</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>");
    private static readonly FakeResponse s_versions = Response(
        200,
        "application/xml",
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>photos</Name><Prefix>{VersionKey}</Prefix><KeyMarker></KeyMarker><VersionIdMarker></VersionIdMarker><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Version><Key>{VersionKey}</Key><VersionId>3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY</VersionId><IsLatest>true</IsLatest><LastModified>2026-11-23T12:00:00.000Z</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><Size>123456</Size><StorageClass>STANDARD</StorageClass></Version></ListVersionsResult>");
    private static readonly FakeResponse s_renditions = Response(
        200,
        "application/xml",
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListVersionsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>photos</Name>{string.Concat(RenditionKeys.Select(key => $"<Version><Key>{key}</Key><VersionId>3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY</VersionId><IsLatest>true</IsLatest><Size>12345</Size></Version>"))}</ListVersionsResult>");
    private static readonly FakeResponse s_stored = Response(200, null, "");
    private static readonly FakeResponse s_deleted = new([Head(204, null, null)]);

    /// <summary>The response to a request to DynamoDB or S3.</summary>
    public static FakeResponse To(HttpRequest request) =>
        request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase) is string target
            ? DynamoDb(target, request.Body.Span)
            : S3(request, IsWarmUp(Encoding.ASCII.GetBytes(request.Target)));

    private static bool IsWarmUp(ReadOnlySpan<byte> text) => text.IndexOf("warm-up"u8) >= 0;

    private static FakeResponse DynamoDb(string target, ReadOnlySpan<byte> body)
    {
        bool isWarmUp = IsWarmUp(body);
        return target[(target.LastIndexOf('.') + 1)..] switch
        {
            "Query" => isWarmUp ? s_emptyQuery : s_query,
            "GetItem" => isWarmUp ? s_done : s_getItem,

            // Every condition of the functions requires that there is an item.
            "UpdateItem" when isWarmUp => s_conditionFails,
            "UpdateItem" when body.IndexOf("\"ALL_NEW\""u8) >= 0 => s_attributes,
            "PutItem" or "UpdateItem" => s_done,
            string operation => throw new InvalidOperationException($"A function sends {operation}, which is new: add its response to harness/StandInResponses.cs."),
        };
    }

    private static FakeResponse S3(HttpRequest request, bool isWarmUp)
    {
        string path = request.Target.Split('?')[0].Trim('/');
        bool isObject = path.Contains('/');
        return request.Method switch
        {
            "HEAD" when isWarmUp => s_notFound,
            "HEAD" => s_head,
            "DELETE" => s_deleted,
            "GET" when isObject => isWarmUp ? s_noSuchKey : s_object,
            "GET" when !request.Target.EndsWith("&versions=", StringComparison.Ordinal) => s_bucket,
            "GET" => request.Target.Contains("prefix=renditions", StringComparison.Ordinal) ? s_renditions : s_versions,
            _ => s_stored,
        };
    }

    private static string Item(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"id":{"S":"alice"},"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c{{{Items - number:x2}}}"},"name":{"S":"photo {{{number}}}.jpg"},"date":{"S":"2026-11-23T12:00:00.000Z"},"size":{"N":"123456"},"contentType":{"S":"image/jpeg"},"rendered":{"S":"ready"},"width":{"N":"4032"},"height":{"N":"3024"},"taken":{"S":"2026-11-22T16:30:05+02:00"},"takenUtc":{"S":"2026-11-22T14:30:05.000Z"}}""");

    private static FakeResponse Response(int status, string? contentType, string body)
    {
        byte[] content = Encoding.UTF8.GetBytes(body);
        return new FakeResponse([[.. Head(status, contentType, content.Length), .. content]]);
    }

    private static byte[] Head(int status, string? contentType, int? length, string headers = "") => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 {status} {(status switch { 204 => "No Content", 400 => "Bad Request", 404 => "Not Found", _ => "OK" })}\r\nx-amzn-RequestId: 8TNFG5EX6TGC1KEF\r\n"
        + (contentType is null ? "" : $"Content-Type: {contentType}\r\n")
        + (length is null ? "" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n"))
        + headers
        + "\r\n");
}

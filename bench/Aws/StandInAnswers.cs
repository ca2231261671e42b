using System.Globalization;
using System.Text;

namespace Photos.Bench.Aws;

/// <summary>
/// What DynamoDB and S3 answer, made ahead. It keeps nothing: each photo is there whatever was done before. Only the user that
/// functions warm up as has none, as in AWS, or the warm-up would be given work to practise on that it does not get there.
/// </summary>
internal static class StandInAnswers
{
    /// <summary>How many items a Query finds.</summary>
    public const int Items = 20;

    private const string Json = "application/x-amz-json-1.0";

    private static readonly byte[] s_query = Answer(200, Json, $"{{\"Items\":[{string.Join(',', Enumerable.Range(0, Items).Select(Item))}],\"Count\":{Items},\"ScannedCount\":{Items}}}");
    private static readonly byte[] s_getItem = Answer(200, Json, $"{{\"Item\":{Item(0)}}}");
    private static readonly byte[] s_deleteItem = Answer(200, Json, $"{{\"Attributes\":{Item(0)}}}");
    private static readonly byte[] s_done = Answer(200, Json, "{}");

    private static readonly byte[] s_emptyQuery = Answer(200, Json, "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}");

    private static readonly byte[] s_notFound = Head(404, "application/xml", null, "Transfer-Encoding: chunked\r\n");
    private static readonly byte[] s_head = Head(200, "image/jpeg", 123456, "ETag: \"9b2cf535f27731c974343645a3985328\"\r\nLast-Modified: Mon, 23 Nov 2026 12:00:00 GMT\r\n");
    private static readonly byte[] s_object = Answer(200, "image/jpeg", "photo");
    private static readonly byte[] s_bucket = Answer(
        200,
        "application/xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>photos</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>");
    private static readonly byte[] s_stored = Answer(200, null, "");
    private static readonly byte[] s_deleted = Head(204, null, null);

    /// <summary>The whole answer, head and body.</summary>
    public static byte[] To(HttpRequest request) =>
        request.Headers.TryGetValue("X-Amz-Target", out string? target)
            ? DynamoDb(target, IsNobodys(request.Body))
            : S3(request, IsNobodys(Encoding.ASCII.GetBytes(request.Target)));

    private static bool IsNobodys(ReadOnlySpan<byte> text) => text.IndexOf("warm-up"u8) >= 0;

    private static byte[] DynamoDb(string target, bool nobodys) => target[(target.LastIndexOf('.') + 1)..] switch
    {
        "Query" when nobodys => s_emptyQuery,
        _ when nobodys => s_done,
        "Query" => s_query,
        "GetItem" => s_getItem,
        "DeleteItem" => s_deleteItem,
        _ => s_done,
    };

    private static byte[] S3(HttpRequest request, bool nobodys)
    {
        string path = request.Target.Split('?')[0].Trim('/');
        bool isObject = path.Contains('/');
        return request.Method switch
        {
            "HEAD" when nobodys => s_notFound,
            "HEAD" => s_head,
            "DELETE" => s_deleted,
            "GET" => isObject ? s_object : s_bucket,
            _ => s_stored,
        };
    }

    private static string Item(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"id":{"S":"alice"},"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c{{{Items - number:x2}}}"},"name":{"S":"photo {{{number}}}.jpg"},"date":{"S":"2026-11-23T12:00:00.000Z"},"size":{"N":"123456"},"contentType":{"S":"image/jpeg"}}""");

    private static byte[] Answer(int status, string? contentType, string body)
    {
        byte[] content = Encoding.UTF8.GetBytes(body);
        return [.. Head(status, contentType, content.Length), .. content];
    }

    private static byte[] Head(int status, string? contentType, int? length, string headers = "") => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 {status} {(status switch { 204 => "No Content", 404 => "Not Found", _ => "OK" })}\r\nx-amzn-RequestId: 8TNFG5EX6TGC1KEF\r\n"
        + (contentType is null ? "" : $"Content-Type: {contentType}\r\n")
        + (length is null ? "" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n"))
        + headers
        + "\r\n");
}

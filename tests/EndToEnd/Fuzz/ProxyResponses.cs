using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Photos.Album;
using Photos.Api;
using Photos.Aws;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Checks the form of every proxy response.</summary>
internal static partial class ProxyResponses
{
    private const string Id = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    private const string UploadHeaders = "content-length%3Bcontent-type%3Bhost%3Bif-none-match";

    private const string FixedHeaders =
        "\"Access-Control-Allow-Origin\":\"*\",\"Access-Control-Expose-Headers\":\"Retry-After,x-amzn-RequestId,x-amz-apigw-id\",\"Cache-Control\":\"no-store\"";

    /// <summary>Checks every byte of a response, except the user's own data.</summary>
    /// <param name="response">The proxy response.</param>
    /// <param name="subject">The user of the request; <see langword="null"/> for a request without one.</param>
    /// <param name="endpoint">The endpoint of S3.</param>
    /// <returns>The status.</returns>
    public static int Check(byte[] response, string? subject, string endpoint)
    {
        using var document = JsonDocument.Parse(response);
        JsonElement proxy = document.RootElement;
        AssertMembers(proxy, "statusCode", "headers", "isBase64Encoded", "body");
        Assert.False(proxy.GetProperty("isBase64Encoded").GetBoolean());
        int status = proxy.GetProperty("statusCode").GetInt32();
        string body = proxy.GetProperty("body").GetString()!;

        string contentType = status == 204 ? "" : ",\"Content-Type\":\"application/json\"";
        string retryAfter = status == 503 ? ",\"Retry-After\":\"1\"" : "";
        Assert.Equal(
            $"{{{FixedHeaders}{contentType}{retryAfter}}}", proxy.GetProperty("headers").GetRawText());
        if (status == 204)
        {
            Assert.Empty(body);
            return status;
        }

        using var json = JsonDocument.Parse(body);
        if (status >= 400)
        {
            CheckError(json.RootElement, status);
        }
        else
        {
            CheckSuccess(json.RootElement, Assert.IsType<string>(subject), endpoint);
        }

        return status;
    }

    private static void CheckError(JsonElement error, int status)
    {
        AssertMembers(error, "message", "code");
        Assert.Equal(status, error.GetProperty("code").GetString() switch
        {
            "InvalidField" or "InvalidEvent" => 400,
            "Unauthorized" => 401,
            "PhotoNotFound" => 404,
            "PhotoNotUploaded" => 409,
            "PhotoDeleted" or "GrantExpired" => 410,
            "PhotoTooLarge" => 413,
            "UnsupportedContentType" => 415,
            "InternalError" => 500,
            "ServiceUnavailable" => 503,
            string other => throw new InvalidDataException($"{other} is not an error code of the API. Add a new one, with its status, to this list."),
            null => throw new InvalidDataException("The error has no code."),
        });

        // A fixed sentence, which quotes neither the client nor an exception.
        Assert.Matches(Sentences(), error.GetProperty("message").GetString());
    }

    private static void CheckSuccess(JsonElement response, string subject, string endpoint)
    {
        if (response.TryGetProperty("photos", out JsonElement photos))
        {
            Assert.Equal(subject, response.GetProperty("id").GetString());
            foreach (JsonElement photo in photos.EnumerateArray())
            {
                CheckPhoto(photo, subject, endpoint);
            }

            if (response.TryGetProperty("next", out JsonElement next))
            {
                AssertMembers(response, "id", "photos", "next");
                string token = next.GetString()!;
                PhotoOrder order = token.Length == 32 ? PhotoOrder.Uploaded : PhotoOrder.Taken;
                PageToken.Open(UserId.FromSubject(subject), order, token);
                Assert.Throws<PhotoException>(() => PageToken.Open(UserId.FromSubject(subject + "x"), order, token));
            }
            else
            {
                AssertMembers(response, "id", "photos");
            }
        }
        else if (response.TryGetProperty("remaining", out JsonElement remaining))
        {
            AssertMembers(response, "remaining");
            Assert.True(remaining.GetBoolean());
        }
        else if (response.TryGetProperty("upload", out JsonElement upload))
        {
            AssertMembers(response, "id", "upload");
            AssertMembers(upload, "method", "url", "headers", "expires");
            Assert.Equal("PUT", upload.GetProperty("method").GetString());
            CheckUrl(upload.GetProperty("url"), subject, response.GetProperty("id"), UploadHeaders, endpoint);
            JsonElement headers = upload.GetProperty("headers");
            AssertMembers(headers, "Content-Length", "Content-Type", "If-None-Match");
            Assert.InRange(long.Parse(headers.GetProperty("Content-Length").GetString()!, CultureInfo.InvariantCulture), 1, FuzzedFunction.MaxPhotoBytes);
            Assert.Contains(headers.GetProperty("Content-Type").GetString(), PhotoRules.ContentTypes);
            Assert.Equal("*", headers.GetProperty("If-None-Match").GetString());
            Assert.Matches(Date(), upload.GetProperty("expires").GetString());
        }
        else if (response.TryGetProperty("retry", out JsonElement retry))
        {
            AssertMembers(response, "deleted", "notFound", "retry");
            string[] ids = [.. response.EnumerateObject().SelectMany(member => member.Value.EnumerateArray()).Select(id => id.GetString()!)];
            Assert.All(ids, id => Assert.Matches(PhotoId(), id));
            Assert.InRange(ids.Distinct().Count() - retry.GetArrayLength(), 1, 100);
            Assert.Equal(ids.Distinct().Count(), ids.Length);
        }
        else
        {
            CheckPhoto(response, subject, endpoint);
        }
    }

    private static void CheckPhoto(JsonElement photo, string subject, string endpoint)
    {
        // In this order, so that a member that is absent or too many is found.
        bool isOne = photo.TryGetProperty("downloadUrl", out JsonElement download);
        bool isReady = photo.GetProperty("status").GetString() == "ready";
        AssertMembers(
            photo,
            [
                "id", "name", "date", "size", "contentType", "url", "status",
                .. isReady ? (string[])["thumbnailUrl", "width", "height"] : [],
                .. isReady && photo.TryGetProperty("taken", out JsonElement taken) && taken.ValueKind == JsonValueKind.String ? (string[])["taken"] : [],
                .. isReady && isOne ? (string[])["previewUrl"] : [],
                .. isOne ? (string[])["downloadUrl"] : [],
            ]);
        Assert.Contains(photo.GetProperty("status").GetString(), (string[])["processing", "ready", "unsupported"]);
        Assert.Equal(JsonValueKind.String, photo.GetProperty("name").ValueKind);
        Assert.Equal(JsonValueKind.String, photo.GetProperty("date").ValueKind);
        Assert.Equal(JsonValueKind.String, photo.GetProperty("contentType").ValueKind);
        Assert.True(photo.GetProperty("size").TryGetInt64(out _));
        JsonElement id = photo.GetProperty("id");
        CheckUrl(photo.GetProperty("url"), subject, id, "host", endpoint, "&response-cache-control=private%2C%20max-age%3D31536000%2C%20immutable");
        if (isReady)
        {
            Assert.True(photo.GetProperty("width").GetInt32() > 0 && photo.GetProperty("height").GetInt32() > 0);
            CheckUrl(photo.GetProperty("thumbnailUrl"), subject, id, "host", endpoint, rendition: "thumbnail");
        }

        if (isReady && isOne)
        {
            CheckUrl(photo.GetProperty("previewUrl"), subject, id, "host", endpoint, rendition: "preview");
        }

        if (isOne)
        {
            string disposition = Uri.UnescapeDataString(ResponseHeader().Match(download.GetString()!).Groups["value"].Value);
            Assert.Matches(Disposition(), disposition);
            CheckUrl(download, subject, id, "host", endpoint, $"&response-content-disposition={SigV4.Encode(disposition)}");
        }
    }

    private static void CheckUrl(JsonElement url, string subject, JsonElement id, string signedHeaders, string endpoint, string response = "", string? rendition = null)
    {
        Assert.Matches(PhotoId(), id.GetString());
        string text = url.GetString()!;
        int query = text.IndexOf('?');
        string folder = rendition is null ? "private" : "renditions";
        string name = rendition is null ? "" : $"/{rendition}";
        Assert.Equal($"{endpoint}/{FuzzedFunction.Bucket}/{folder}/{Uri.EscapeDataString(subject)}/{id.GetString()}{name}", text[..query]);
        Match match = SignedQuery().Match(text, query, text.Length - query);
        Assert.True(match.Success, text);
        Assert.Equal(signedHeaders, match.Groups["headers"].Value);
        Assert.Equal(response, match.Groups["response"].Value);
        Assert.Equal(signedHeaders == "host" ? "1800" : "900", match.Groups["expires"].Value);
    }

    private static void AssertMembers(JsonElement json, params ReadOnlySpan<string> names)
    {
        int at = 0;
        foreach (JsonProperty member in json.EnumerateObject())
        {
            Assert.True(at < names.Length && member.NameEquals(names[at]), $"{member.Name} is not a member of this object, or is not in this place.");
            at++;
        }

        Assert.Equal(names.Length, at);
    }

    [GeneratedRegex("^" + Id + @"\z", RegexOptions.ExplicitCapture, 1000)]
    public static partial Regex PhotoId();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Date();

    [GeneratedRegex(@"^[A-Za-z][ -~]{10,200}\.\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sentences();

    [GeneratedRegex(@"\G\?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDFUZZ%2F\d{8}%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=\d{8}T\d{6}Z&X-Amz-Expires=(?<expires>\d+)&X-Amz-Security-Token=FUZZ%2FSESSION%2BTOKEN%3D%3D&X-Amz-SignedHeaders=(?<headers>[^&]+)(?<response>(&response-[^&]+)*)&X-Amz-Signature=[0-9a-f]{64}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SignedQuery();

    [GeneratedRegex("&response-content-disposition=(?<value>[^&]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ResponseHeader();

    /// <summary>Nothing but ASCII without quotes, control characters, and what RFC 8187 encodes.</summary>
    [GeneratedRegex("""^attachment; filename="[ !#$&-\[\]-~]+"; filename\*=UTF-8''(%[0-9A-F]{2}|[A-Za-z0-9._~-])+\z""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Disposition();
}

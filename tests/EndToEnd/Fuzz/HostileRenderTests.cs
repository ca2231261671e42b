using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using NetVips;
using Photos.Tests.Render;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Stream records that DynamoDB never sends, with responses that AWS never sends to the requests of the AWS SDK, to RenderPhoto.</summary>
public sealed partial class HostileRenderTests
{
    private const string Json = "Content-Type: application/x-amz-json-1.0";

    private static readonly byte[] s_picture = Picture();

    /// <summary>The item, as DynamoDB returns it: listed, rendered, not listed, or absent.</summary>
    private static readonly Gen<string> s_item = Gen.Frequency(
        (6, Gen.Const("""{"Item":{"id":{"S":"alice"},"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"photo 1.jpg"},"size":{"N":"123456"}}}""")),
        (1, Gen.Const("""{"Item":{"id":{"S":"alice"},"rendered":{"S":"ready"},"width":{"N":"4032"}}}""")),
        (2, Gen.OneOf("granted", "deleted", "archived").Select(state => "{\"Item\":{\"id\":{\"S\":\"alice\"},\"state\":{\"S\":\"" + state + "\"}}}")),
        (1, Gen.Const("{}")));

    /// <summary>The original; <see langword="null"/> if there is none.</summary>
    private static readonly Gen<byte[]?> s_original = Gen.Frequency(
        (6, Gen.Const((byte[]?)s_picture)),
        (1, Gen.Int[0, s_picture.Length].Select(length => (byte[]?)s_picture[..length])),
        (1, Gen.Const((byte[]?)[.. "<svg></svg>"u8])),
        (1, Gen.Const((byte[]?)null)));

    [Theory]
    [InlineData("JSON")]
    [InlineData("Text")]
    public void NoRecordChangesAnotherPhotoOrForgesALogLineOrEndsTheFunction(string logFormat)
    {
        using var function = new FuzzedFunction("RenderPhoto", logFormat);
        int stored = 0;
        int deleted = 0;
        int count = Cases.Count(shortRun: 60, longRun: 2000);
        Cases.Run(
            $"events to RenderPhoto, logging {logFormat}",
            count,
            Gen.Select(HostileEvents.OfStream, HostileResponses.All, s_item, s_original),
            one => $"{one.Item1}\n{one.Item3}\n{one.Item4?.Length} bytes",
            (_, one) =>
            {
                List<HttpRequest> requests = Check(function, logFormat, one.Item1, one.Item2, one.Item3, one.Item4);
                stored += requests.Count(request => request.Method == "PUT");
                deleted += requests.Count(request => request.Method == "DELETE");
            });

        // If almost every record is skipped, the test shows little.
        Assert.InRange(stored, count / 20, int.MaxValue);
        Assert.InRange(deleted, count / 20, int.MaxValue);
    }

    private static List<HttpRequest> Check(
        FuzzedFunction function, string logFormat, string streamEvent, ResponseFault[] faults, string item, byte[]? original)
    {
        int sent = 0;
        function.Storage.RespondWith(request => faults[Math.Min(sent++, faults.Length - 1)](Response(request, item, original).Bytes()));
        byte[] response = function.Invoke(Encoding.UTF8.GetBytes(streamEvent));
        byte[] log = function.TakeLog();
        List<HttpRequest> requests = function.Storage.TakeRequests();

        HashSet<(string User, string Id)> keys = HostileStreamEventTests.CheckResponse(response, streamEvent);
        LogLines.Check(log, logFormat, function.RequestId);
        Assert.Empty(Directory.EnumerateFileSystemEntries(function.TemporaryFiles));
        foreach (HttpRequest request in requests)
        {
            Assert.Contains(KeyOf(request), keys);
            CheckChange(request);
        }

        return requests;
    }

    private static FakeResponse Response(HttpRequest request, string item, byte[]? original) =>
        request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase) is string target
            ? FakeResponse.Http(200, [Json], target.EndsWith("GetItem", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(item) : "{}"u8)
            : request.Method == "GET" && request.Target.Contains("/private/", StringComparison.Ordinal)
                ? original is null
                    ? FakeResponse.Http(404, ["Content-Type: application/xml"], "<Error><Code>NoSuchKey</Code></Error>"u8)
                    : FakeResponse.Http(200, ["Content-Type: image/png"], original)
                : request.Method == "GET"
                    ? Versions(request)
                    : StandInResponses.To(request);

    /// <summary>The last key is not what was requested.</summary>
    private static FakeResponse Versions(HttpRequest request)
    {
        (string user, string id) = KeyOf(request);
        string versions = string.Concat(((string[])["renditions", "renditions", "private"]).Select((folder, number) =>
            $"<Version><Key>{folder}/{user}/{id}/preview</Key><VersionId>{number}</VersionId><IsLatest>{(number == 1 ? "false" : "true")}</IsLatest></Version>"));
        return FakeResponse.Http(200, ["Content-Type: application/xml"], Encoding.UTF8.GetBytes($"<ListVersionsResult>{versions}</ListVersionsResult>"));
    }

    /// <summary>Checks that a request changes an item only while the photo is listed, and stores only pictures that clients can show.</summary>
    private static void CheckChange(HttpRequest request)
    {
        if (request.Method == "PUT")
        {
            Assert.Equal("image/webp", request.Header("Content-Type", StringComparison.OrdinalIgnoreCase));
            Assert.Equal("RIFF"u8, request.Body.Span[..4]);
            Assert.Equal("WEBP"u8, request.Body.Span[8..12]);
        }
        else if (request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase) is "DynamoDB_20120810.UpdateItem")
        {
            JsonElement update = JsonElement.Parse(request.Body.Span);
            Assert.Matches("^SET (rendered = :rendered, takenUtc = .+|takenUtc = :takenUtc)\\z", update.GetProperty("UpdateExpression").GetString());
            Assert.StartsWith("attribute_exists(photoId) AND attribute_not_exists(#state)", update.GetProperty("ConditionExpression").GetString(), StringComparison.Ordinal);
            Assert.Equal("state", update.GetProperty("ExpressionAttributeNames").GetProperty("#state").GetString());
        }
    }

    /// <summary>The photo that a request is about.</summary>
    private static (string User, string Id) KeyOf(HttpRequest request)
    {
        if (request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase) is string target)
        {
            Assert.Contains(target, (string[])["DynamoDB_20120810.GetItem", "DynamoDB_20120810.UpdateItem"]);
            JsonElement body = JsonElement.Parse(request.Body.Span);
            Assert.Equal(FuzzedFunction.Table, body.GetProperty("TableName").GetString());
            JsonElement key = body.GetProperty("Key");
            Assert.Equal(2, key.GetPropertyCount());
            return (key.GetProperty("id").GetProperty("S").GetString()!, key.GetProperty("photoId").GetProperty("S").GetString()!);
        }

        Match path = S3Request().Match($"{request.Method} {Uri.UnescapeDataString(request.Target)}");
        Assert.True(path.Success, $"The function sent {request.Method} {request.Target}, which is not about one photo.");
        return (path.Groups["user"].Value, path.Groups["id"].Value);
    }

    private static byte[] Picture()
    {
        using Image image = Pictures.FourQuarters(64, 48);
        return image.PngsaveBuffer();
    }

    [GeneratedRegex(@"^(GET /photos\?prefix=renditions/(?<user>[-0-9:A-Z_a-z]{1,128})/(?<id>[-0-9a-f]{36})/&versions=|GET /photos/private/(?<user>[-0-9:A-Z_a-z]{1,128})/(?<id>[-0-9a-f]{36})|PUT /photos/renditions/(?<user>[-0-9:A-Z_a-z]{1,128})/(?<id>[-0-9a-f]{36})/(thumbnail|preview)|DELETE /photos/renditions/(?<user>[-0-9:A-Z_a-z]{1,128})/(?<id>[-0-9a-f]{36})/[a-z]+\?versionId=[^&]*)\z", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex S3Request();
}

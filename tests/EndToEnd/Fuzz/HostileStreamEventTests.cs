using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Stream records that DynamoDB never sends, with responses that AWS never sends, to SweepPhoto.</summary>
public sealed partial class HostileStreamEventTests
{
    [Theory]
    [InlineData("JSON")]
    [InlineData("Text")]
    public void NoRecordDeletesAnotherObjectOrForgesALogLineOrEndsTheFunction(string logFormat)
    {
        using var function = new FuzzedFunction("SweepPhoto", logFormat);
        int deletes = 0;
        int count = Cases.Count(shortRun: 400, longRun: 20_000);
        Cases.Run(
            $"stream events, logging {logFormat}",
            count,
            Gen.Select(HostileEvents.OfStream, HostileResponses.All, Gen.Bool),
            one => one.Item1,
            (_, one) => deletes += Check(function, logFormat, one.Item1, one.Item2, one.Item3));

        // If almost every record is skipped, the test shows little.
        Assert.InRange(deletes, count / 20, 3 * count * 3);
    }

    /// <returns>The number of requests that deleted an object or a version.</returns>
    private static int Check(FuzzedFunction function, string logFormat, string streamEvent, ResponseFault[] faults, bool isListed)
    {
        int sent = 0;
        function.Storage.RespondWith(request => faults[Math.Min(sent++, faults.Length - 1)](Response(request, isListed).Bytes()));
        byte[] response = function.Invoke(Encoding.UTF8.GetBytes(streamEvent));
        byte[] log = function.TakeLog();
        List<HttpRequest> requests = function.Storage.TakeRequests();

        HashSet<(string User, string Id)> keys = CheckResponse(response, streamEvent);
        LogLines.Check(log, logFormat, function.RequestId);
        foreach (HttpRequest request in requests)
        {
            Assert.Contains(KeyOf(request), keys);
        }

        return requests.Count(request => request.Method == "DELETE");
    }

    /// <summary>Checks that the response names at most one record, which is in the event.</summary>
    /// <returns>The keys of the event's records, except those that are not of a photo.</returns>
    internal static HashSet<(string User, string Id)> CheckResponse(byte[] response, string streamEvent)
    {
        JsonElement[] records = [.. JsonElement.Parse(Encoding.UTF8.GetBytes(streamEvent)).GetProperty("Records").EnumerateArray()];
        Match failures = Failures().Match(Encoding.UTF8.GetString(response));
        Assert.True(failures.Success, Encoding.UTF8.GetString(response));
        Assert.True(
            !failures.Groups["number"].Success
            || records.Any(record => record.GetProperty("dynamodb").GetProperty("SequenceNumber").ValueEquals(failures.Groups["number"].Value)),
            "The response names a record that is not in the event.");
        return [.. records.Select(KeyOf).OfType<(string, string)>()];
    }

    private static FakeResponse Response(HttpRequest request, bool isListed)
    {
        if (request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase) is not null)
        {
            return isListed
                ? StandInResponses.To(request)
                : FakeResponse.Http(200, ["Content-Type: application/x-amz-json-1.0"], """{"Item":{"id":{"S":"alice"},"state":{"S":"deleted"}}}"""u8);
        }

        if (request.Method == "DELETE")
        {
            return StandInResponses.To(request);
        }

        // The prefix also finds the objects whose keys only begin with it. The last key is not what was requested.
        string photo = $"{KeyOf(request).User}/{KeyOf(request).Id}";
        string key = $"private/{photo}";
        string[] keys = request.Target.Contains("prefix=renditions", StringComparison.Ordinal)
            ? [$"renditions/{photo}/preview", $"renditions/{photo}/thumbnail", key]
            : [key, key, key + "x"];
        string versions = string.Concat(keys.Select((of, number) =>
            $"<Version><Key>{of}</Key><VersionId>{number}</VersionId><IsLatest>{(number == 1 ? "false" : "true")}</IsLatest></Version>"));
        return FakeResponse.Http(200, ["Content-Type: application/xml"], Encoding.UTF8.GetBytes($"<ListVersionsResult>{versions}</ListVersionsResult>"));
    }

    private static (string User, string Id) KeyOf(HttpRequest request)
    {
        if (request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase) is string target)
        {
            Assert.Equal("DynamoDB_20120810.GetItem", target);
            JsonElement key = JsonElement.Parse(request.Body.Span).GetProperty("Key");
            return (key.GetProperty("id").GetProperty("S").GetString()!, key.GetProperty("photoId").GetProperty("S").GetString()!);
        }

        Match path = S3Request().Match($"{request.Method} {Uri.UnescapeDataString(request.Target)}");
        Assert.True(path.Success, $"The function sent {request.Method} {request.Target}, which is not about the object of one photo.");
        return (path.Groups["user"].Value, path.Groups["id"].Value);
    }

    /// <summary>The key of a record; <see langword="null"/> if it is not that of a photo.</summary>
    private static (string User, string Id)? KeyOf(JsonElement record)
    {
        try
        {
            JsonElement keys = record.GetProperty("dynamodb").GetProperty("Keys");
            string? user = keys.GetProperty("id").GetProperty("S").GetString();
            string? id = keys.GetProperty("photoId").GetProperty("S").GetString();
            return user is not null && id is not null ? (user, id.ToLowerInvariant()) : null;
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    [GeneratedRegex("""^\{"batchItemFailures":\[(\{"itemIdentifier":"(?<number>\d+)"\})?\]\}\z""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Failures();

    [GeneratedRegex(@"^(GET /photos\?prefix=(private/(?<user>[-0-9:A-Z_a-z]{1,128})/(?<id>[-0-9a-f]{36})|renditions/(?<user>[-0-9:A-Z_a-z]{1,128})/(?<id>[-0-9a-f]{36})/)&versions=|DELETE /photos/(private/(?<user>[-0-9:A-Z_a-z]{1,128})/(?<id>[-0-9a-f]{36})(\?versionId=[^&]*)?|renditions/(?<user>[-0-9:A-Z_a-z]{1,128})/(?<id>[-0-9a-f]{36})/[a-z]+\?versionId=[^&]*))\z", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex S3Request();
}

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Photos.Tests.Routes;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Sends events that API Gateway would not send to the deployed binaries.</summary>
public sealed partial class HostileEventTests
{
    private static readonly FakeResponse s_nothing = FakeResponse.Http(200, ["Content-Type: application/x-amz-json-1.0"], "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}"u8);
    private static readonly FakeResponse s_notFound = FakeResponse.Http(404, [], []);
    private static readonly FakeResponse s_noSuchKey = FakeResponse.Http(404, ["Content-Type: application/xml"], "<Error><Code>NoSuchKey</Code></Error>"u8);
    private static readonly FakeResponse s_conditionFails = FakeResponse.Http(
        400, ["Content-Type: application/x-amz-json-1.0"], "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\"}"u8);

    /// <summary>Every function that a route leads to, in each log format.</summary>
    public static MatrixTheoryData<string, string> Functions { get; } = new(ExampleRequest.Functions.Select(row => row.Data), ["JSON", "Text"]);

    /// <summary>The long form sends half of a function's 100,000 events in each log format.</summary>
    [Theory]
    [MemberData(nameof(Functions))]
    public void NoEventReachesAnotherUsersDataOrForgesALogLineOrEndsTheFunction(string name, string logFormat)
    {
        using var function = new FuzzedFunction(name, logFormat);

        // The buffers grow to their final size before memory is measured.
        foreach (byte[] payload in HostileEvents.Largest())
        {
            Check(function, logFormat, new HostileEvent(payload, IsThere: true));
        }

        ResourceUsage? settled = null;
        int responded = 0;
        int count = Cases.Count(shortRun: 800, longRun: 50_000);
        Cases.Run(
            $"events to {name}, logging {logFormat}",
            count,
            HostileEvents.For(name),
            one => $"IsThere={one.IsThere}: {Cases.Show(one.Payload)}",
            (index, one) =>
            {
                responded += Check(function, logFormat, one) < 300 ? 1 : 0;
                if (index == Math.Min(count / 2, 5000))
                {
                    settled = function.ResourceUsage;
                }
            });

        // If almost every event is refused at once, the test shows little.
        Assert.InRange(responded, count / 20, count / 2);
        ResourceUsage end = function.ResourceUsage;
        string? leak = end.LeakSince(settled!);
        LongRun.Close($"{name}, logging {logFormat}: {settled} when settled, {end} at the end");
        Assert.True(leak is null, $"{leak}: {settled} when settled, {end} at the end.");
    }

    /// <returns>The status.</returns>
    private static int Check(FuzzedFunction function, string logFormat, HostileEvent one)
    {
        function.Storage.RespondWith(request => Response(request, one.IsThere));
        byte[] response = function.Invoke(one.Payload);
        byte[] log = function.TakeLog();
        List<HttpRequest> requests = function.Storage.TakeRequests();

        string? subject = Subject(one.Payload);
        int status = ProxyResponses.Check(response, subject, function.Storage.Address);
        Assert.True(
            status is 200 or 201 or 204 or (>= 400 and < 500), string.Create(CultureInfo.InvariantCulture, $"The function responded {status} and logged: {Cases.Show(log)}"));
        LogLines.Check(log, logFormat, function.RequestId);
        Assert.True(subject is not null || requests.Count == 0, "An event without a valid user led to a storage request.");
        foreach (HttpRequest request in requests)
        {
            CheckRequest(request, subject!);
        }

        return status;
    }

    private static FakeResponse Response(HttpRequest request, bool isThere)
    {
        if (isThere)
        {
            return StandInResponses.To(request);
        }

        return request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase) is string target
            ? target.EndsWith("UpdateItem", StringComparison.Ordinal) ? s_conditionFails : s_nothing
            : request.Method == "HEAD" ? s_notFound : s_noSuchKey;
    }

    /// <summary>The user id in the event's claim; <see langword="null"/> where there is no valid one.</summary>
    private static string? Subject(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            string? subject = document.RootElement
                .GetProperty("requestContext").GetProperty("authorizer").GetProperty("claims").GetProperty("sub").GetString();
            return subject is not null && UserId().IsMatch(subject) ? subject : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static void CheckRequest(HttpRequest request, string subject)
    {
        if (request.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase) is not string target)
        {
            Match path = ObjectTarget().Match($"{request.Method} {request.Target}");
            Assert.True(path.Success, $"The function sent {request.Method} {request.Target}, which is not a request for a user's photo.");
            Assert.Equal(Uri.EscapeDataString(subject), path.Groups["user"].Value);
            return;
        }

        Assert.Equal("POST /", $"{request.Method} {request.Target}");
        using var document = JsonDocument.Parse(request.Body);
        JsonElement body = document.RootElement;
        Assert.Equal(FuzzedFunction.Table, body.GetProperty("TableName").GetString());
        switch (target)
        {
            case "DynamoDB_20120810.Query":
                string sortKey = body.TryGetProperty("IndexName", out JsonElement index) ? "takenUtc" : "photoId";
                Assert.Contains(
                    body.GetProperty("KeyConditionExpression").GetString(),
                    (string[])
                    [
                        "id = :user",
                        "id = :user AND photoId > :after",
                        .. ((string[])["< :after", ">= :from", "BETWEEN :from AND :after"]).Select(condition => $"id = :user AND {sortKey} {condition}"),
                    ]);
                Assert.Equal(subject, body.GetProperty("ExpressionAttributeValues").GetProperty(":user").GetProperty("S").GetString());
                CheckRange(body, sortKey);
                if (sortKey == "takenUtc")
                {
                    Assert.Equal("ByTaken", index.GetString());
                }

                if (body.TryGetProperty("ExclusiveStartKey", out JsonElement start))
                {
                    Assert.Equal("takenUtc", sortKey);
                    CheckKey(start, members: 3, subject);
                }

                break;
            case "DynamoDB_20120810.PutItem":
                CheckKey(body.GetProperty("Item"), members: 8, subject);
                break;
            case "DynamoDB_20120810.GetItem" or "DynamoDB_20120810.UpdateItem":
                CheckKey(body.GetProperty("Key"), members: 2, subject);
                break;
            default:
                Assert.Fail($"The function sent {target}, which is new: add what it may contain to {nameof(CheckRequest)}.");
                break;
        }
    }

    /// <summary>DynamoDB refuses a range that ends before it begins, and a start outside of it.</summary>
    private static void CheckRange(JsonElement query, string sortKey)
    {
        JsonElement values = query.GetProperty("ExpressionAttributeValues");
        string? from = Value(":from");
        string? after = Value(":after");
        Assert.True(from is null || after is null || string.CompareOrdinal(from, after) <= 0, $"The function queried the range from {from} to {after}.");
        if (query.TryGetProperty("ExclusiveStartKey", out JsonElement start))
        {
            string at = start.GetProperty(sortKey).GetProperty("S").GetString()!;
            bool isBeforeEnd = after is null || (from is null ? string.CompareOrdinal(at, after) < 0 : string.CompareOrdinal(at, after) <= 0);
            Assert.True(
                isBeforeEnd && (from is null || string.CompareOrdinal(from, at) <= 0),
                $"The function queried the range from {from} to {after}, starting at {at}.");
        }

        string? Value(string name) => values.TryGetProperty(name, out JsonElement value) ? value.GetProperty("S").GetString() : null;
    }

    private static void CheckKey(JsonElement key, int members, string subject)
    {
        Assert.Equal(members, key.GetPropertyCount());
        Assert.Equal(subject, key.GetProperty("id").GetProperty("S").GetString());
        Assert.Matches(ProxyResponses.PhotoId(), key.GetProperty("photoId").GetProperty("S").GetString());
    }

    [GeneratedRegex(@"^[-0-9:A-Z_a-z]{1,128}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UserId();

    [GeneratedRegex(@"^(HEAD|GET|DELETE) /photos/private/(?<user>[^/]+)/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ObjectTarget();
}

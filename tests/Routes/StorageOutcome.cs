using System.Text;
using System.Text.Json;
using Photos.Tests.EndToEnd.Faults;

namespace Photos.Tests.Routes;

/// <summary>One of the ways in which a storage request can end.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Response">What the function receives.</param>
/// <param name="IsLasting">Whether every later request of the same invocation ends so too.</param>
internal sealed record StorageOutcome(string Name, FakeResponse Response, bool IsLasting = false)
{
    private const string Json = "application/x-amz-json-1.0";
    private const string TakenUtc = ""","takenUtc":{"S":"2026-11-23T12:00:00.000Z"}""";

    /// <summary>Items that are not listed.</summary>
    private static readonly (string Name, string Item)[] s_others =
    [
        ("a granted item", Item(0, ""","state":{"S":"granted"},"expires":{"N":"4102444800"}""")),
        ("an expired grant", Item(0, ""","state":{"S":"granted"},"expires":{"N":"1"}""")),
        ("a tombstone", $$$"""{{{{Key(0)}}},"state":{"S":"deleted"},"expires":{"N":"4102444800"}}"""),
        ("an item of an unknown state", Item(0, ""","state":{"S":"new"}""")),
    ];

    /// <summary>Items of listed photos that RenderPhoto has looked at.</summary>
    private static readonly (string Name, string Item)[] s_rendered =
    [
        ("a ready item", Item(0, ""","rendered":{"S":"ready"},"width":{"N":"4032"},"height":{"N":"3024"},"taken":{"S":"2026-11-22T16:30:05+02:00"}""" + TakenUtc)),
        ("a ready item without a time", Item(0, ""","rendered":{"S":"ready"},"width":{"N":"4032"},"height":{"N":"3024"}""" + TakenUtc)),
        ("a ready item without takenUtc", Item(0, ""","rendered":{"S":"ready"},"width":{"N":"4032"},"height":{"N":"3024"},"taken":{"S":"2026-11-22T16:30:05"}""")),
        ("an unsupported item", Item(0, ""","rendered":{"S":"unsupported"}""" + TakenUtc)),
    ];

    private static readonly StorageOutcome s_unavailable = new("unavailable", FakeResponse.HangUp, IsLasting: true);

    /// <summary>The outcome of a request that the function's role does not allow.</summary>
    public static StorageOutcome Denied(StorageRequest request) => new("denied", request.IsDynamoDb
        ? Respond(400, Json, """{"__type":"com.amazon.coral.service#AccessDeniedException","message":"Not authorized."}""")
        : Respond(403, "application/xml", request.Operation == "HeadObject" ? "" : "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"));

    /// <summary>Every outcome of a request: first the one for an existing photo, then the one for a missing photo where they differ.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body.</param>
    public static IReadOnlyList<StorageOutcome> All(StorageRequest request, byte[] body) =>
        [.. Regular(request, body), Denied(request), s_unavailable];

    private static IEnumerable<StorageOutcome> Regular(StorageRequest request, byte[] body)
    {
        switch (request.Operation)
        {
            case "Query":
                // Without a limit, each item leads to further requests, so there are few.
                return JsonElement.Parse(body).TryGetProperty("Limit", out JsonElement limit)
                    ? [Page("one item", 1), Page("no item", 0), Page("a full page", limit.GetInt32()), Page("rendered items", [.. s_rendered.Select(one => one.Item)])]
                    : [Page("one item", 1), Page("no item", 0), Page("two items", 2)];
            case "GetItem":
                return
                [
                    Done("a listed item", $$"""{"Item":{{Item(0)}}}"""),
                    Done("no item", "{}"),
                    .. s_rendered.Concat(s_others).Select(other => Done(other.Name, $$"""{"Item":{{other.Item}}}""")),
                ];
            case "PutItem":
                return [Done("done", "{}"), Fails("the condition does not hold", item: null)];
            case "UpdateItem":
                bool returnsItem = JsonElement.Parse(body).TryGetProperty("ReturnValues", out _);
                return
                [
                    Done("done", returnsItem ? $$"""{"Attributes":{{Item(0)}}}""" : "{}"),
                    .. returnsItem ? s_rendered.Select(one => Done($"done: {one.Name}", $$"""{"Attributes":{{one.Item}}}""")) : [],
                    Fails("no item", item: null),
                    Fails("a listed item", Item(0)),
                    .. s_rendered.Concat(s_others).Select(other => Fails(other.Name, other.Item)),
                ];
            case "HeadObject":
                return
                [
                    new("an object", new FakeResponse(["HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 1234\r\n\r\n"u8.ToArray()])),
                    new("no object", Respond(404, "application/xml", "")),
                ];
            case "GetObject":
                return
                [
                    new("an object", FakeResponse.Http(200, ["Content-Type: image/png"], RacingPhoto.Picture)),
                    new("no object", Respond(404, "application/xml", "<Error><Code>NoSuchKey</Code></Error>")),
                    new("no bucket", Respond(404, "application/xml", "<Error><Code>NoSuchBucket</Code></Error>")),
                ];
            case "PutObject":
                return [new("done", FakeResponse.Http(200, ["ETag: \"9b2cf535f27731c974343645a3985328\""], []))];
            case "ListObjectVersions":
                return [Versions("two versions", request, 2), Versions("no version", request, 0)];
            case "DeleteObject" or "DeleteObjectVersion":
                return [new("done", new FakeResponse(["HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray()]))];
            default:
                throw request.Unknown("outcomes");
        }
    }

    private static StorageOutcome Done(string name, string body) => new(name, Respond(200, Json, body));

    private static StorageOutcome Fails(string name, string? item) => new($"the condition does not hold: {name}", Respond(
        400,
        Json,
        $$"""{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"{{(item is null ? "" : $",\"Item\":{item}")}}}"""));

    private static StorageOutcome Versions(string name, StorageRequest request, int count) => new(name, Respond(
        200,
        "application/xml",
        $"<ListVersionsResult>{string.Concat(Enumerable.Range(0, count).Select(number => Version(KeyOf(request.Resource.Split('/', 2)[1]), number)))}</ListVersionsResult>"));

    /// <summary>An object that a prefix finds: the one with that key, or one in that folder.</summary>
    private static string KeyOf(string prefix) => prefix.EndsWith('/') ? prefix + "thumbnail" : prefix;

    private static string Version(string key, int number) =>
        $"<Version><Key>{key}</Key><VersionId>{number}</VersionId><IsLatest>{(number == 0 ? "true" : "false")}</IsLatest></Version>";

    private static StorageOutcome Page(string name, int count) => Page(name, [.. Enumerable.Range(0, count).Select(number => Item(number))]);

    private static StorageOutcome Page(string name, string[] items) =>
        Done(name, $$$"""{"Items":[{{{string.Join(',', items)}}}],"Count":{{{items.Length}}},"ScannedCount":{{{items.Length}}}}""");

    private static FakeResponse Respond(int status, string contentType, string body) =>
        FakeResponse.Http(status, [$"Content-Type: {contentType}"], Encoding.UTF8.GetBytes(body));

    private static string Item(int number, string more = TakenUtc) => $$$"""
        {{{{Key(number)}}},"name":{"S":"beach.jpg"},"date":{"S":"2026-11-23T12:00:00.000Z"},"size":{"N":"1234"},"contentType":{"S":"image/jpeg"}{{{more}}}}
        """;

    private static string Key(int number) =>
        $$$"""
        "id":{"S":"{{{ExampleRequest.User}}}"},"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c{{{number:x2}}}"}
        """;
}

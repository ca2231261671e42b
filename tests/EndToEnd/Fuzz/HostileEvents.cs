using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Photos.Album;
using Photos.Api;
using Photos.Tests.Routes;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>An event.</summary>
/// <param name="Payload">The bytes.</param>
/// <param name="IsThere">Whether the photo that it is about exists.</param>
internal sealed record HostileEvent(byte[] Payload, bool IsThere);

/// <summary>
/// Events of each route, most of them invalid somewhere. They are built as text, because a JSON writer refuses to write an
/// unpaired surrogate, a duplicate member or half a document.
/// </summary>
internal static class HostileEvents
{
    /// <summary>A token in the headers of each event, which must never be logged.</summary>
    public const string Token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.FUZZ-SIGNATURE";

    private const int LargestEvent = 6 * 1024 * 1024;

    private static readonly string[] s_users = ["alice", "bob", "us-east-1:0c1f5f0e-6d2b-4b5e-8f57-2f6c1d8e9a3b", "warm-up"];

    private static readonly Gen<string> s_id = Gen.Select(
        Gen.UInt[0, 0xfff],
        Gen.UInt[0, 0xfff],
        Gen.OneOf("8", "9", "a", "b"),
        (a, b, variant) => string.Create(CultureInfo.InvariantCulture, $"0190a3c2-5f1e-7{a:x3}-{variant}{b:x3}-2b1f0e6d8c7a"));

    private static readonly Gen<string> s_hostileText = Gen.Frequency(
        (10, Gen.OneOf(
            "",
            " ",
            "../bob/0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a",
            "%2e%2e%2fbob%2f0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a",
            @"..\bob",
            "../bob",
            "a/b",
            "a\r\nX-Injected: 1\r\n\r\n",
            "\n2026-01-01T00:00:00.000Z\t8476a536-e9f4-11e8-9739-000000000000\tERROR\tforged",
            "\r2026-01-01T00:00:00.000Z\tforged",
            "\n{\"level\":\"FATAL\",\"message\":\"forged\"}\n",
            "\",\"level\":\"FATAL\",\"x\":\"",
            "\u001b[31mred\u001b[0m",
            "\u001b]0;title\a",
            "\0",
            "a\0b",
            "\v\f\b\u007f",
            "\u0085\u009b31m",
            "\u2028\u2029",
            "\u202egpj.exe",
            "\u2066\u2069\ufeff",
            "{0} {1} %s %n ${jndi:x}",
            "$ne",
            "0190a3c2-5f1e-4c4b-9d3a-2b1f0e6d8c7a",
            "{0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a}",
            "0190a3c25f1e7c4b9d3a2b1f0e6d8c7a",
            "0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a\0",
            " 0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a",
            "0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7\uff11",
            "0190A3C2-5F1E-7C4B-9d3a-2b1f0e6d8c7a",
            "0",
            "-1",
            "1e3",
            "٣",
            "2147483648",
            "é😀",
            "e\u0301")),
        (2, Gen.String[0, 40]),
        (1, Gen.Int[100, 300].Select(length => new string('a', length))),
        (1, s_id.Select(id => string.Concat(Enumerable.Repeat(id, 280)))));

    /// <summary>A value of any type, sometimes invalid JSON.</summary>
    private static readonly Gen<string> s_hostileValue = Gen.Frequency(
        (8, s_hostileText.Select(Quote)),
        (6, Gen.OneOf(
            "null",
            "true",
            "false",
            "0",
            "-1",
            "1e400",
            "-0.0",
            "123456789012345678901234567890",
            "[]",
            "{}",
            "[\"a\"]",
            "{\"a\":\"b\"}",
            "{\"sub\":\"bob\"}",
            "\"\\ud800\"",
            "\"a\\udc00b\"",
            "{\"\\ud800\":\"a\"}",
            "{\"\\u0069d\":\"a\",\"id\":1}",
            "\"\\u0000\"",
            "\"\\x\"",
            "\"\n\"",
            "\"\u0001\"",
            "NaN",
            "01",
            "'a'",
            "/**/1",
            "")),
        (1, Gen.Int[1, 2000].Select(depth => new string('[', depth) + new string(']', depth))),
        (1, Gen.Int[1, 100].Select(depth => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth))),
        (1, Gen.Int[1, 400].Select(digits => new string('9', digits))));

    private static readonly Gen<string> s_time = Gen.OneOf(
        "2024-05-01", "2024-05-02T00:00:00.123Z", "2024-06-01t00:00:00+02:00", "1969-12-31", "1969-12-31T23:59:59.9999999Z", "0001-01-01", "9999-12-31T23:59:59.9999999Z");

    private static readonly Gen<string> s_pageToken = Gen.Select(
        Gen.OneOf(s_users),
        s_id,
        Gen.OneOf("", "2024-05-01T00:00:00.000Z", "2024-05-02T00:00:00.122Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
        Gen.Int[0, 31],
        Gen.Frequency((3, 0), (1, 1), (1, 2), (1, 3), (1, 4)),
        (user, id, takenUtc, at, fault) =>
        {
            string token = PageToken.Create(UserId.FromSubject(user), new(PhotoId.Parse(id), takenUtc.Length == 0 ? null : takenUtc));
            return fault switch
            {
                0 => token,
                1 => token[..at],
                2 => token[at..] + token[..at],
                3 => $"{token[..at]}{(char)(token[at] ^ 1)}{token[(at + 1)..]}",
                _ => token + "=",
            };
        });

    private static readonly Gen<string> s_nothing = Gen.Frequency((6, Gen.Const("null")), (1, Gen.Const("{}")), (1, s_hostileValue));

    /// <summary>The members <c>body</c> and <c>isBase64Encoded</c>.</summary>
    private static readonly Gen<string> s_noBody = Gen.Const("\"body\":null,\"isBase64Encoded\":false");

    private static readonly Gen<string> s_hostileBody = Gen.OneOf(
        Gen.Select(s_hostileValue, s_hostileValue, (body, flag) => $"\"body\":{body},\"isBase64Encoded\":{flag}"),
        s_hostileValue.Select(body => $"\"body\":{Quote(body)},\"isBase64Encoded\":false"),
        Gen.Byte.Array[0, 200].Select(body => $"\"body\":\"{Convert.ToBase64String(body)}\",\"isBase64Encoded\":true"),
        Gen.Select(s_hostileText, Gen.OneOf("true", "false"), (body, flag) => $"\"body\":{Quote(body)},\"isBase64Encoded\":{flag}"));

    private static readonly Gen<string> s_headers = Gen.Select(s_hostileText, text =>
        $"{{\"Authorization\":\"Bearer {Token}\",\"Host\":{Quote(text)},\"X-Forwarded-For\":{Quote(text)},\"X-Amz-Security-Token\":\"{Token}\"}}");

    /// <summary>The events of each route, as text. A new route fails <c>CoverageTests.EveryRouteHasHostileEvents</c> until it is here.</summary>
    public static IReadOnlyDictionary<string, Gen<string>> Routes { get; } = new Dictionary<string, Gen<string>>
    {
        ["GET /photos"] = Event(
            "GET",
            "/photos",
            Gen.OneOf(
                Members(("limit", Text(Gen.Int[1, 100].Select(Number))), ("next", Text(s_pageToken))),
                Members(("order", Text(Gen.OneOf("taken", "uploaded"), 20)), ("from", Text(s_time, 20)), ("to", Text(s_time, 20)), ("next", Text(s_pageToken))),
                Members(("order", Text(Gen.Const("taken"), 20)), ("from", Text(s_time, 20))),
                Members(("to", Text(s_time, 20)))),
            s_nothing,
            s_noBody),
        ["GET /photos/{id}"] = Event("GET", "/photos/{id}", s_nothing, Members(("id", Text(s_id))), s_noBody),
        ["POST /photos/uploads"] = Event("POST", "/photos/uploads", s_nothing, s_nothing, Body(Members(
            ("name", Text(Gen.OneOf("beach.jpg", "Écluse 😀.png"))),
            ("contentType", Text(Gen.OneOf("image/jpeg", "IMAGE/PNG", "image/heic"))),
            ("size", Value(Gen.Long[1, FuzzedFunction.MaxPhotoBytes].Select(size => size.ToString(CultureInfo.InvariantCulture))))))),
        ["POST /photos"] = Gen.OneOf(
            Event("POST", "/photos", s_nothing, s_nothing, Body(Members(("id", Text(s_id)), ("name", Text(Gen.OneOf("beach.jpg", "a b")))))),
            Event("POST", "/photos", s_nothing, s_nothing, Body(Members(("id", Text(s_id))))),
            Event("POST", "/photos", s_nothing, s_nothing, s_hostileBody)),
        ["PATCH /photos/{id}"] = Event(
            "PATCH", "/photos/{id}", s_nothing, Members(("id", Text(s_id))), Body(Members(("name", Text(Gen.OneOf("beach.jpg", "Écluse 😀.png")))))),
        ["POST /photos/deletions"] = Gen.Frequency(
            (4, Event("POST", "/photos/deletions", s_nothing, s_nothing, Body(Members(("ids", Value(Array(s_id.Select(Quote), 1, 5))))))),
            (2, Event("POST", "/photos/deletions", s_nothing, s_nothing, Body(Members(("ids", Array(Text(s_id), 0, 5)))))),
            (1, Event("POST", "/photos/deletions", s_nothing, s_nothing, Body(Members(("ids", Array(s_id.Select(Quote), 99, 102))))))),
        ["DELETE /photos/{id}"] = Event("DELETE", "/photos/{id}", s_nothing, Members(("id", Text(s_id))), s_noBody),
        ["DELETE /photos"] = Event("DELETE", "/photos", Members(("id", Text(s_id))), s_nothing, s_noBody),
        ["DELETE /album"] = Event("DELETE", "/album", s_nothing, s_nothing, s_noBody),
    };

    /// <summary>
    /// Events of the table's stream, in which each record has a sequence number and a key of some kind. They are valid JSON with valid
    /// names, as DynamoDB stores only valid Unicode. Any other event is an error, and Lambda bisects the batch.
    /// </summary>
    public static Gen<string> OfStream { get; } = StreamRecord().Array[1, 3]
        .Select(records => $"{{\"Records\":[{string.Join(',', records)}]}}")
        .Where(IsValid);

    /// <summary>Events for one function, mostly of some hundred bytes to some hundred KB, and rarely of 6 MB.</summary>
    public static Gen<HostileEvent> For(string function)
    {
        Gen<string> text = Gen.OneOf([.. ExampleRequest.RoutesOf(function).Select(route => Routes[route])]);
        Gen<byte[]> payload = Gen.Frequency(
            (400, text.Select(Encoding.UTF8.GetBytes)),
            (40, Gen.Select(text, Gen.Int[1, 4].SelectMany(count => Gen.Select(Gen.Int[0, 5000], Gen.Byte).Array[count]), Garble)),
            (20, Gen.Select(text, Gen.Int[0, 700], (whole, end) => Encoding.UTF8.GetBytes(whole[..Math.Min(end, whole.Length)]))),
            (10, Gen.Byte.Array[0, 300]),
            (4, Gen.Select(text, Gen.Int[1_000, 300_000], Pad)));
        return Gen.Select(payload, Gen.Bool, (bytes, isThere) => new HostileEvent(bytes, isThere));
    }

    /// <summary>Events of the largest size that Lambda accepts, each of another shape.</summary>
    public static IEnumerable<byte[]> Largest()
    {
        yield return Pad("{\"resource\":\"/photos\"}", LargestEvent - 100);
        yield return Encoding.UTF8.GetBytes($"{{\"body\":\"{new string('x', LargestEvent - 100)}\"}}");
        yield return Encoding.UTF8.GetBytes($"[{string.Concat(Enumerable.Repeat("0,", (LargestEvent / 2) - 100))}0]");
        yield return Encoding.UTF8.GetBytes(new string('[', LargestEvent));
        yield return new byte[LargestEvent];
    }

    private static Gen<string> Body(Gen<string> json) => Gen.Frequency(
        (6, json.Select(body => $"\"body\":{Quote(body)},\"isBase64Encoded\":false")),
        (3, json.Select(body => $"\"body\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(body))}\",\"isBase64Encoded\":true")),
        (1, json.Select(body => $"\"body\":{Quote(body)},\"isBase64Encoded\":true")),
        (1, s_hostileBody));

    private static Gen<string> Event(string method, string resource, Gen<string> query, Gen<string> path, Gen<string> body) => Gen.Select(
        Members(
            ("resource", Value(Gen.Const(Quote(resource)), 60)),
            ("path", Value(Gen.Const(Quote(resource)), 20)),
            ("httpMethod", Value(Gen.Const(Quote(method)), 20)),
            ("headers", Value(s_headers, 20)),
            ("queryStringParameters", query),
            ("pathParameters", path)),
        Members(("requestContext", Value(
            Members(("authorizer", Value(
                Members(("claims", Value(
                    Members(("sub", Text(Gen.OneOf(s_users), 12))), 60))), 60))), 60))),
        body,
        (first, context, last) => $"{{{string.Join(',', new[] { Inside(first), Inside(context), last }.Where(part => part.Length > 0))}}}");

    private static Gen<string> StreamRecord()
    {
        Gen<string> key = Gen.Frequency(
            (9, Members(("id", Members(("S", Text(Gen.OneOf(s_users), 8)))), ("photoId", Members(("S", Text(s_id, 8)))))), (1, s_hostileValue));
        Gen<string> image = Gen.Frequency(
            (4, Members(("state", Members(("S", Text(Gen.OneOf("granted", "deleted"))))))), (1, s_hostileValue));
        return Gen.Select(
            Members(("eventName", Text(Gen.OneOf("MODIFY", "REMOVE"))), ("userIdentity", s_hostileValue)),
            Gen.Int[1, 999],
            key,
            Members(("OldImage", image), ("NewImage", image)),
            (record, number, keys, images) => string.Create(
                CultureInfo.InvariantCulture,
                $"{{{Inside(record)}{(record.Length > 2 ? "," : "")}\"dynamodb\":{{{Inside(images)}{(images.Length > 2 ? "," : "")}\"Keys\":{keys},\"SequenceNumber\":\"{number}\"}}}}"));
    }

    private static bool IsValid(string text)
    {
        try
        {
            return HasValidNames(JsonElement.Parse(Encoding.UTF8.GetBytes(text)));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <exception cref="InvalidOperationException">A name has an unpaired surrogate.</exception>
    private static bool HasValidNames(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().All(member => member.Name is not null && HasValidNames(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().All(HasValidNames),
        _ => true,
    };

    /// <summary>A valid string, or sometimes another value.</summary>
    private static Gen<string> Text(Gen<string> good, int times = 3) =>
        Gen.Frequency((times, good.Select(Quote)), (1, s_hostileText.Select(Quote)), (1, s_hostileValue));

    private static Gen<string> Value(Gen<string> good, int times = 3) => Gen.Frequency((times, good), (1, s_hostileValue));

    private static Gen<string> Array(Gen<string> element, int least, int most) =>
        element.Array[least, most].Select(elements => $"[{string.Join(',', elements)}]");

    /// <summary>An object of these members, where one is sometimes absent, duplicated or next to an unknown one.</summary>
    private static Gen<string> Members(params (string Name, Gen<string> Value)[] members)
    {
        Gen<string>[] each =
        [
            .. members.Select(member => Gen.Frequency(
                (40, member.Value.Select(value => $",{Quote(member.Name)}:{value}")),
                (1, Gen.Const("")),
                (1, Gen.Select(s_hostileValue, member.Value, (other, value) => $",{Quote(member.Name)}:{other},{Quote(member.Name)}:{value}")),
                (1, Gen.Select(s_hostileText, s_hostileValue, member.Value, (name, other, value) => $",{Quote(name)}:{other},{Quote(member.Name)}:{value}")),
                (1, member.Value.Select(value => $",\"\\ud800\":1,{Quote(member.Name)}:{value}")),
                (1, member.Value.Select(value => $",\"\\u{(int)member.Name[0]:x4}{member.Name[1..]}\":{value}")))),
        ];
        Gen<string> all = each.Aggregate((left, right) => Gen.Select(left, right, string.Concat));
        return all.Select(text => $"{{{(text.Length == 0 ? "" : text[1..])}}}");
    }

    private static string Inside(string json) => json[1..^1];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static byte[] Garble(string text, (int At, byte Value)[] changes)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach ((int at, byte value) in changes)
        {
            if (bytes.Length > 0)
            {
                bytes[at % bytes.Length] = value;
            }
        }

        return bytes;
    }

    private static byte[] Pad(string text, int bytes)
    {
        int end = text.LastIndexOf('}');
        return Encoding.UTF8.GetBytes(end < 0 ? text : $"{text[..end]},\"padding\":\"{new string('x', bytes)}\"}}");
    }
}

using System.Globalization;
using System.Text;
using CsCheck;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>A change of a valid AWS response.</summary>
internal delegate FakeResponse ResponseFault(byte[] good);

/// <summary>Responses that DynamoDB and S3 do not send.</summary>
internal static class HostileResponses
{
    private const string DynamoDbJson = "Content-Type: application/x-amz-json-1.0";

    private static readonly string[] s_states =
        ["{\"S\":\"granted\"}", "{\"S\":\"deleted\"}", "{\"S\":\"new\"}", "{\"N\":\"1\"}", "{\"S\":null}", "{\"S\":\"\\ud800\"}", "5", "null", "[]"];

    /// <summary>Parts of a JSON response, and their replacements.</summary>
    private static readonly (string Part, string[] Others)[] s_parts =
    [
        ("\"S\":", ["\"N\":", "\"B\":", "\"L\":", "\"M\":", "\"NULL\":", "\"\":", "\"S\":1,\"S\":", "\"S\":null,\"x\":", "\"BOOL\":"]),
        ("\"N\":\"123456\"", ["\"N\":123456", "\"N\":\"abc\"", "\"N\":\"-1\"", "\"N\":\"1e5\"", "\"N\":\"99999999999999999999\"", "\"N\":\"\"", "\"N\":null", "\"S\":\"1\"", "\"N\":[\"1\"]"]),
        ("\"name\"", ["\"names\"", "\"\\ud800\"", "null", "\"\""]),
        ("\"photoId\"", ["\"photoid\"", "\"x\":{},\"photoId\"", .. s_states.Select(state => $"\"state\":{state},\"photoId\"")]),
        ("\"date\"", ["\"d\""]),
        ("\"S\":\"ready\"", ["\"S\":\"unsupported\"", "\"S\":\"processing\"", "\"S\":\"\"", "\"S\":\"READY\"", "\"N\":\"1\"", "\"S\":null", "\"S\":[]", "\"S\":\"\\ud800\""]),
        ("\"rendered\":{", ["\"rendered\":[{", "\"rendered\":null,\"x\":{", "\"rendered\":5,\"x\":{", "\"rendered\":{},\"x\":{"]),
        ("\"N\":\"4032\"", ["\"N\":4032", "\"N\":\"abc\"", "\"N\":\"-1\"", "\"N\":\"0\"", "\"N\":\"1e5\"", "\"N\":\"2147483648\"", "\"N\":\"\"", "\"N\":null", "\"S\":\"4032\"", "\"N\":[1]"]),
        ("\"height\"", ["\"h\"", "\"height\":{},\"height\"", "\"width\""]),
        ("\"takenUtc\":{", ["\"takenUtc\":5,\"x\":{", "\"takenUtc\":[{", "\"takenUtc\":{\"N\":\"1\"},\"x\":{", "\"takenUtc\":{\"S\":\"2024\"},\"x\":{"]),
        ("\"taken\":{", ["\"taken\":5,\"x\":{", "\"taken\":[{", "\"taken\":{\"N\":\"1\"},\"x\":{"]),
        ("2026-11-22T16:30:05+02:00", ["", "\\ud800", "\\u0000", "<script>", "yesterday", "\u001b[31m"]),
        ("\"contentType\"", ["\"c\""]),
        ("0190a3c2", ["../../", "0190A3C2", "\\u0000", "\\ud800", "0190a3c", "\n", "\u001b[31m"]),
        ("photo ", ["\\ud800", "\\u0000", "a\\nb", "\\u2028", "é😀", "../", "\u0001"]),
        ("image/jpeg", ["text/html", "", "\\u001b[31m", "\\ud800"]),
        ("[", ["{", "null,[", "[[", "[null,", "[1,", "[{},", "[{\"id\":null},", "[{\"id\":{}},"]),
        ("{", ["[", "{{", "{\"\\ud800\":1,", "{\"Items\":1,", "{\"Items\":{},", "{\"Item\":[],", "{\"Attributes\":5,", "{\"Count\":\"x\",", "{\"Count\":1e99,", "{\"LastEvaluatedKey\":5,", "{\"LastEvaluatedKey\":{\"photoId\":{\"S\":\"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c01\"}},", "{\"a\":{\"b\":[{}]},"]),
        ("}", ["]", "", "}}", "}\0", "}garbage"]),
        (":", [",", "", "::"]),
        (",", ["", ",,", ":"]),
    ];

    private static readonly Gen<ResponseFault> s_none = Gen.Const<ResponseFault>(good => new FakeResponse([good]));

    private static readonly Gen<ResponseFault> s_otherJson = Gen.Select(Gen.Int, Gen.Int[1, 3], (seed, times) => new ResponseFault(good =>
        new FakeResponse([WithBody(good, body => Replace(body, new Random(seed), times))])));

    private static readonly Gen<ResponseFault> s_otherBody = Gen.OneOf(
        Gen.Byte.Array[0, 200],
        Gen.OneOf("", "null", "[]", "5", "\"text\"", "{", "{\"Items\":null}", "{\"Item\":{}}", "{\"Item\":{\"id\":{\"S\":\"alice\"}}}", "{\"Items\":[{}]}", "<html>", "\ufeff{}")
            .Select(Encoding.UTF8.GetBytes),
        Gen.Int[1, 3000].Select(depth => Encoding.ASCII.GetBytes($"{{\"Items\":{new string('[', depth)}{new string(']', depth)}}}")),
        Gen.Int[1, 600].Select(depth => Encoding.ASCII.GetBytes($"{{\"Item\":{{\"name\":{string.Concat(Enumerable.Repeat("{\"M\":{\"a\":", depth))}1{new string('}', 2 * depth)}}}}}")))
        .Select(other => new ResponseFault(good => new FakeResponse([WithBody(good, _ => other)])));

    private static readonly Gen<ResponseFault> s_cutBody = Gen.Double[0, 1].Select(place => new ResponseFault(good =>
        new FakeResponse([WithBody(good, body => body[..(int)(place * body.Length)])])));

    private static readonly Gen<ResponseFault> s_refusal = Gen.Select(
        Gen.OneOf(301, 302, 304, 400, 401, 403, 404, 405, 409, 412, 418, 206, 299),
        Gen.OneOf(DynamoDbJson, "Content-Type: application/xml", "X: y", "Content-Type: \u0001", "Content-Type: JSON"),
        Gen.OneOf((string[])
        [
            "", "{}", "{\"__type\":5}", "{\"__type\":null}", "{\"__type\":\"\\ud800\"}", "{\"__type\":\"a#\\u001b[31m\\nforged\"}", "[]", "null", "{\"__type\":",
            "{\"__type\":\"x#ResourceNotFoundException\",\"message\":\"m\"}", "{\"__type\":\"x#ConditionalCheckFailedException\"}",
            .. s_states.Select(state => $"{{\"__type\":\"x#ConditionalCheckFailedException\",\"Item\":{{\"state\":{state},\"expires\":{{\"N\":\"4102444800\"}}}}}}"),
            "{\"__type\":\"x#ConditionalCheckFailedException\",\"Item\":5}", "{\"__type\":\"x#ConditionalCheckFailedException\",\"Item\":[null]}",
            "<Error><Code>AccessDenied</Code></Error>", "<Error><Code>", "</Code><Code>", "</Code>", "<Code></Code>", "<Code>\r\n\u001b[31m</Code>", "<Error/>",
        ]),
        (status, header, body) => new ResponseFault(_ => FakeResponse.Http(status, [header], Encoding.UTF8.GetBytes(body))));

    // Each of these is retried after a pause, so they are rare.
    private static readonly Gen<ResponseFault> s_passing = Gen.OneOf(
        Gen.OneOf(429, 500, 502, 503, 599).Select(status => new ResponseFault(_ => FakeResponse.Http(status, [], "<Error><Code>SlowDown</Code></Error>"u8))),
        Gen.Const<ResponseFault>(_ => FakeResponse.Http(400, [DynamoDbJson], "{\"__type\":\"x#ThrottlingException\"}"u8)),
        Gen.Const<ResponseFault>(_ => FakeResponse.HangUp),
        Gen.Byte.Array[0, 100].Select(bytes => new ResponseFault(_ => new FakeResponse([bytes], Close: true))),
        Gen.Double[0, 1].Select(place => new ResponseFault(good => new FakeResponse([good[..(int)(place * good.Length)]], Close: true))),
        Gen.OneOf(
            "Content-Length: -1", "Content-Length: 99999999", "Content-Length: 99999999999999999999", "Content-Length: x", "Content-Length : 2", "Content-Length:",
            "Content-Length: 2\r\nContent-Length: 3", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked", "no colon", " folded", "X: \0", "X: a\rb")
            .Select(header => new ResponseFault(good => new FakeResponse([WithHeader(good, header)], Close: true))));

    // For HEAD only: the client would wait until the timeout for the body of any other response.
    private static readonly Gen<ResponseFault> s_otherLength = Gen.OneOf(
        "X: y", "Content-Length: -5", "Content-Length: +5", "Content-Length: 0", "Content-Length: 1.5", "Content-Length: 99999999999999999999",
        "Content-Length: 9223372036854775807", "Content-Length:", "Content-Length: 5\r\nContent-Type: text/html", "Content-Length: 5\r\nContent-Type: \u001b")
        .Select(header => new ResponseFault(good => good.AsSpan().IndexOf("\r\nETag:"u8) >= 0
            ? new FakeResponse([Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{header}\r\n\r\n")])
            : new FakeResponse([good])));

    /// <summary>The changes of the responses to a function's first, second, third and later requests.</summary>
    public static Gen<ResponseFault[]> All { get; } = Gen.Frequency(
        (8, s_none), (8, s_otherJson), (5, s_otherBody), (3, s_cutBody), (5, s_refusal), (6, s_otherLength), (1, s_passing)).Array[3];

    private static byte[] WithBody(byte[] response, Func<byte[], byte[]> change)
    {
        int end = response.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        byte[] old = response[end..];
        if (old.Length == 0)
        {
            return response;
        }

        byte[] body = change(old);
        string head = Encoding.Latin1.GetString(response, 0, end).Replace(
            string.Create(CultureInfo.InvariantCulture, $"Content-Length: {old.Length}\r\n"),
            string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n"),
            StringComparison.Ordinal);
        return [.. Encoding.Latin1.GetBytes(head), .. body];
    }

    /// <summary>Adds a header before the others, and removes the length.</summary>
    private static byte[] WithHeader(byte[] response, string header)
    {
        string text = Encoding.Latin1.GetString(response).Replace("Content-Length: ", "X-Length: ", StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(text.Insert(text.IndexOf("\r\n", StringComparison.Ordinal) + 2, header + "\r\n"));
    }

    private static byte[] Replace(byte[] body, Random random, int times)
    {
        string text = Encoding.UTF8.GetString(body);
        for (int i = 0; i < times; i++)
        {
            (string part, string[] others) = s_parts[random.Next(s_parts.Length)];
            int at = text.IndexOf(part, random.Next(text.Length + 1), StringComparison.Ordinal);
            at = at < 0 ? text.IndexOf(part, StringComparison.Ordinal) : at;
            if (at >= 0)
            {
                text = $"{text[..at]}{others[random.Next(others.Length)]}{text[(at + part.Length)..]}";
            }
        }

        return Encoding.UTF8.GetBytes(text);
    }
}

using System.Globalization;
using System.Text;
using CsCheck;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>An invocation in one of its HTTP encodings.</summary>
internal sealed record EncodedInvocation(string RequestId, byte[] Payload, RuntimeScript Script);

/// <summary>Byte streams that a Runtime API may send, and some that it may not.</summary>
internal static class ByteStreams
{
    private static readonly byte[] s_accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n"u8.ToArray();

    private static readonly Gen<string> s_id = Gen.Char["-0123456789ABCDEFabcdefXYZxyz"].Array[1, 40].Select(chars => new string(chars));

    private static readonly Gen<byte[]> s_payload = Gen.Frequency(
        (20, Gen.Byte.Array[0, 300]),
        (2, Gen.Byte.Array[0, 40_000]),
        (2, Gen.OneOf("\r\n\r\n", "0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "5\r\nabcde\r\n").Select(Encoding.ASCII.GetBytes)));

    private static readonly Gen<string> s_space = Gen.OneOf("", " ", "\t", " \t ");

    private static readonly Gen<string> s_interim = Gen.OneOf(
        "", "", "", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 \r\nLink: </a>\r\nContent-Length: 5\r\n\r\nHTTP/1.1 199 x\r\n\r\n");

    private static readonly Gen<string> s_statusText = Gen.OneOf("", " ", " OK", " Any \u00e9 reason: x");

    private static readonly Gen<string[]> s_others = Gen.Shuffle(
        new[]
        {
            "Content-Type: application/json", "Lambda-Runtime-Deadline-Ms: 4102444800000", "lambda-runtime-trace-id:Root=1-2",
            "Lambda-Runtime-Invoked-Function-Arn:", "X-Lambda-Runtime-Aws-Request-Id: other", "Date: Mon, 23 Nov 2026 12:00:00 GMT",
            "Lambda-Runtime-Aws-Request-Id-2: other", "Set-Cookie: a", "Set-Cookie: b", "\u00e9: \u00ff", "Connection: keep-alive",
        },
        0,
        6);

    // How the body ends: after its length, after chunks of that size, or with the connection.
    private static readonly Gen<int> s_framing = Gen.Frequency((4, Gen.Const(0)), (4, Gen.Int[1, 400]), (1, Gen.Const(-1)));

    /// <summary>Valid responses in every form that RFC 9112 allows, with the connection kept or closed.</summary>
    public static Gen<EncodedInvocation> Legal { get; } = Gen.Select(
        Gen.Select(s_id, s_payload, s_framing),
        Gen.Select(s_interim, s_statusText, s_others, s_space),
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[0, 5], Gen.Int),
        (what, how, more) =>
        {
            (string id, byte[] payload, int framing) = what;
            (string interim, string statusText, string[] others, string space) = how;
            (bool closes, bool upper, int cuts, int random) = more;
            string Case(string name) => upper ? name.ToUpperInvariant() : name;
            string[] headers =
            [
                .. others,
                $"{Case("Lambda-Runtime-Aws-Request-Id")}:{space}{id}{space}",
                .. framing switch
                {
                    0 => [$"{Case("Content-length")}:{space}{payload.Length.ToString(CultureInfo.InvariantCulture)}{space}"],
                    > 0 => [$"{Case("transfer-encoding")}:{space}{Case("chunked")}"],
                    _ => (string[])[],
                },
            ];
            var order = new Random(random);
            order.Shuffle(headers);
            string head = $"{interim}HTTP/1.1 200{statusText}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";
            byte[] response = [.. Encoding.Latin1.GetBytes(head), .. framing > 0 ? Chunks(payload, framing, order) : payload];
            return new EncodedInvocation(
                id, payload, new RuntimeScript(Cut(response, cuts, order), s_accepted, closes || framing < 0));
        });

    /// <summary>Arbitrary bytes, most of them close to a valid response.</summary>
    public static Gen<RuntimeScript> Hostile { get; } = Gen.Select(
        Gen.Frequency((8, Garbled(Legal.Select(Whole))), (1, Gen.Byte.Array[0, 400]), (2, Legal.Select(Whole)), (1, Flood())),
        Gen.Frequency((4, Gen.Const(s_accepted)), (3, ResponseToPost()), (3, Garbled(ResponseToPost())), (1, Gen.Byte.Array[0, 100])),
        Gen.Int[0, 3],
        Gen.Int,
        (next, post, cuts, random) => new RuntimeScript(Cut(next, cuts, new Random(random)), post, Closes: true));

    private static Gen<byte[]> ResponseToPost() => Gen.Select(
        Gen.OneOf(200, 202, 204, 299, 302, 304, 400, 403, 410, 413, 499, 500, 503, 999, 100, 101),
        Gen.OneOf("Content-Length: 2\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "\r\n{}", "Content-Length: 9\r\n\r\n{}"),
        (status, rest) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} x\r\n{rest}")));

    /// <summary>A valid response with far too much of one part.</summary>
    private static Gen<byte[]> Flood() => Gen.Select(
        Gen.OneOf("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n", "X: y\r\n", "\r\n", "a", "1\r\nx\r\n", "1;", "\0"),
        Gen.OneOf("", "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a\r\n", "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Gen.Int[1, 20_000],
        (what, before, times) => Encoding.ASCII.GetBytes(before + string.Concat(Enumerable.Repeat(what, times))));

    private static Gen<byte[]> Garbled(Gen<byte[]> good) => Gen.Select(
        good,
        Gen.Select(
            Gen.Frequency(
                (2, Gen.Byte.Select(one => new[] { one })),
                (4, Gen.OneOf(
                    "\r", "\n", "\r\n", "\r\n\r\n", "\0", " ", "\t", ":", ",", ";", "-", "+", "0", "f", "9", "\r\n ", "\r\n\t", " :", "\n\n", "chunked",
                    "\r\nContent-Length: 3", "\r\nContent-Length: 3, 3", "\r\nContent-Length : 3", "\r\nContent-Length: -1", "\r\nContent-Length: +3",
                    "\r\nContent-Length:", "\r\nContent-Length: 0x3", "\r\nContent-Length: 2147483648", "\r\nContent-Length: 18446744073709551619",
                    "\r\nContent-Length: 003", "\r\nTransfer-Encoding: chunked", "\r\nTransfer-Encoding: gzip, chunked", "\r\nTransfer-Encoding: identity",
                    "\r\nTransfer-Encoding:", "\r\nTransfer-Encoding: xchunked", "\r\nTransfer-Encoding: chunked, chunked", "\r\nTransfer-Encoding : chunked",
                    "\r\nLambda-Runtime-Aws-Request-Id: a/../b", "\r\nLambda-Runtime-Aws-Request-Id: a b", "\r\nLambda-Runtime-Aws-Request-Id:",
                    "\r\nLambda-Runtime-Aws-Request-Id: a\r\n b", "\r\nLambda-Runtime-Aws-Request-Id : a", "\r\nConnection: close", "\r\nno colon",
                    "7fffffff\r\n", "ffffffff\r\n", "ffffffffffffffff\r\n", "00000000000000001\r\nx\r\n", "0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n", "-1\r\n", " 1\r\nx\r\n",
                    "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2000 OK\r\n")
                    .Select(Encoding.ASCII.GetBytes))),
            Gen.Double[0, 1],
            Gen.Int[0, 3],
            Gen.Bool).Array[1, 4],
        (bytes, changes) =>
        {
            foreach ((byte[] insert, double place, int remove, bool atLine) in changes)
            {
                int at = (int)(place * bytes.Length);
                if (atLine && bytes.AsSpan(at).IndexOf("\r\n"u8) is >= 0 and int line)
                {
                    at += line;
                }

                bytes = [.. bytes[..at], .. insert, .. bytes[Math.Min(at + (remove == 3 ? 20 : remove), bytes.Length)..]];
            }

            return bytes;
        });

    private static byte[] Whole(EncodedInvocation invocation) => [.. invocation.Script.Next.SelectMany(piece => piece)];

    private static byte[] Chunks(byte[] payload, int most, Random random)
    {
        var chunks = new List<byte>();
        for (int at = 0; at < payload.Length;)
        {
            int count = Math.Min(random.Next(1, most + 1), payload.Length - at);
            string size = random.Next(4) switch
            {
                0 => count.ToString("x", CultureInfo.InvariantCulture),
                1 => count.ToString("X8", CultureInfo.InvariantCulture),
                2 => count.ToString("X", CultureInfo.InvariantCulture) + ";name=\"value\"",
                _ => count.ToString("x", CultureInfo.InvariantCulture) + " ; name",
            };
            chunks.AddRange(Encoding.ASCII.GetBytes(size + "\r\n"));
            chunks.AddRange(payload.AsSpan(at, count));
            chunks.AddRange("\r\n"u8);
            at += count;
        }

        chunks.AddRange(Encoding.ASCII.GetBytes(random.Next(3) switch
        {
            0 => "0\r\n\r\n",
            1 => "000;last\r\n\r\n",
            _ => "0\r\nTrailer: x\r\nLambda-Runtime-Aws-Request-Id: other\r\n\r\n",
        }));
        return [.. chunks];
    }

    private static byte[][] Cut(byte[] bytes, int cuts, Random random)
    {
        int[] places = [0, .. Enumerable.Range(0, cuts).Select(_ => random.Next(bytes.Length + 1)).Order(), bytes.Length];
        return [.. places.Zip(places.Skip(1), (from, to) => bytes[from..to]).Where(piece => piece.Length > 0)];
    }
}

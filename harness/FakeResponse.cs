using System.Globalization;
using System.Text;

namespace Photos.Harness;

/// <summary>What a server sends back: each piece in a separate write, then optionally the end of the connection.</summary>
internal sealed record FakeResponse(IReadOnlyList<byte[]> Pieces, bool Close = false)
{
    /// <summary>Waited between two pieces, so that the client can read the first before the second arrives.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The server closes the connection without a response.</summary>
    public static FakeResponse HangUp { get; } = new([], Close: true);

    public static FakeResponse Status(int status) => Http(status, [], "{\"status\":\"OK\"}"u8);

    /// <summary>The Runtime API's response to a request for the next invocation.</summary>
    public static FakeResponse Invocation(string requestId, string payload, params string[] headers) =>
        Http(200, [$"Lambda-Runtime-Aws-Request-Id: {requestId}", .. headers], Encoding.UTF8.GetBytes(payload));

    public static FakeResponse Http(int status, IEnumerable<string> headers, ReadOnlySpan<byte> body) =>
        new([[.. Head(status, [.. headers, $"Content-Length: {body.Length}"]), .. body]]);

    public static FakeResponse Chunked(int status, IEnumerable<string> headers, ReadOnlySpan<byte> body, int chunkSize)
    {
        List<byte> response = [.. Head(status, [.. headers, "Transfer-Encoding: chunked"])];
        for (ReadOnlySpan<byte> rest = body; !rest.IsEmpty;)
        {
            ReadOnlySpan<byte> chunk = rest[..Math.Min(chunkSize, rest.Length)];
            rest = rest[chunk.Length..];
            response.AddRange(Encoding.ASCII.GetBytes(chunk.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            response.AddRange(chunk);
            response.AddRange("\r\n"u8);
        }

        response.AddRange("0\r\n\r\n"u8);
        return new([[.. response]]);
    }

    /// <summary>The same bytes in two writes.</summary>
    public FakeResponse SplitAt(int position)
    {
        byte[] all = Bytes();
        return this with { Pieces = [all[..position], all[position..]] };
    }

    /// <summary>All pieces as one.</summary>
    public byte[] Bytes() => [.. Pieces.SelectMany(piece => piece)];

    private static byte[] Head(int status, IEnumerable<string> headers) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 {status} Any reason\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
}

using System.Globalization;
using System.Text;

namespace Photos.Harness;

/// <summary>Reads the HTTP/1.1 requests of one connection, one after another, with blocking calls.</summary>
/// <param name="stream">The connection.</param>
/// <param name="connection">Its number, for <see cref="HttpRequest.Connection"/>.</param>
internal sealed class HttpRequestReader(Stream stream, int connection)
{
    private static readonly byte[] s_continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    /// <summary>Waits for the next request.</summary>
    /// <returns><see langword="null"/> when the client has closed the connection.</returns>
    /// <exception cref="InvalidDataException">The request is malformed, or chunked, which no client here needs.</exception>
    public HttpRequest? Read()
    {
        int headLength;
        while ((headLength = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!Fill())
            {
                return null;
            }
        }

        (string method, string target, List<KeyValuePair<string, string>> headers) = ParseHead(_buffer.AsSpan(0, headLength));
        int bodyStart = headLength + 4;
        int end = bodyStart + BodyLength(headers);
        while (_length < end)
        {
            if (!Fill())
            {
                return null;
            }
        }

        byte[] raw = _buffer[..end];
        _buffer.AsSpan(end, _length - end).CopyTo(_buffer);
        _length -= end;
        return new HttpRequest(connection, raw, method, target, headers, raw.AsMemory(bodyStart));
    }

    private static (string Method, string Target, List<KeyValuePair<string, string>> Headers) ParseHead(ReadOnlySpan<byte> head)
    {
        string[]? requestLine = null;
        List<KeyValuePair<string, string>> headers = new(capacity: 16);
        foreach (Range range in head.Split("\r\n"u8))
        {
            ReadOnlySpan<byte> line = head[range];
            if (requestLine is null)
            {
                requestLine = Encoding.Latin1.GetString(line).Split(' ');
                continue;
            }

            int colon = line.IndexOf((byte)':');
            headers.Add(colon > 0
                ? KeyValuePair.Create(Encoding.Latin1.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..].Trim(" \t"u8)))
                : throw new InvalidDataException($"'{Encoding.Latin1.GetString(line)}' is not a header."));
        }

        return requestLine is [string method, string target, _]
            ? (method, target, headers)
            : throw new InvalidDataException($"'{string.Join(' ', requestLine!)}' is not a request line.");
    }

    /// <summary>Reads the length of the body, and asks for the body if the client waits for that.</summary>
    private int BodyLength(List<KeyValuePair<string, string>> headers)
    {
        if (HttpRequest.Find(headers, "Transfer-Encoding", StringComparison.OrdinalIgnoreCase) is not null)
        {
            throw new InvalidDataException("A request is chunked. Send it with a Content-Length.");
        }

        if (HttpRequest.Find(headers, "Expect", StringComparison.OrdinalIgnoreCase) is not null)
        {
            stream.Write(s_continue);
        }

        string length = HttpRequest.Find(headers, "Content-Length", StringComparison.OrdinalIgnoreCase) ?? "0";
        return int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes)
            ? bytes
            : throw new InvalidDataException($"'{length}' is not a Content-Length.");
    }

    private bool Fill()
    {
        if (_length == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int count = stream.Read(_buffer.AsSpan(_length));
        _length += count;
        return count > 0;
    }
}

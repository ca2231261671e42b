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

        string[] lines = Encoding.Latin1.GetString(_buffer, 0, headLength).Split("\r\n");
        string[] requestLine = lines[0].Split(' ');
        if (requestLine.Length != 3)
        {
            throw new InvalidDataException($"'{lines[0]}' is not a request line.");
        }

        var headers = new KeyValuePair<string, string>[lines.Length - 1];
        for (int i = 0; i < headers.Length; i++)
        {
            headers[i] = ParseHeader(lines[i + 1]);
        }

        var request = new HttpRequest(connection, [], requestLine[0], requestLine[1], headers, default);
        int bodyStart = headLength + 4;
        int end = bodyStart + BodyLength(request);
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
        return request with { Raw = raw, Body = raw.AsMemory(bodyStart) };
    }

    private static KeyValuePair<string, string> ParseHeader(string line)
    {
        int colon = line.IndexOf(':');
        return colon > 0
            ? KeyValuePair.Create(line[..colon], line[(colon + 1)..].Trim())
            : throw new InvalidDataException($"'{line}' is not a header.");
    }

    /// <summary>Asks for the body if the client waits to be asked.</summary>
    private int BodyLength(HttpRequest request)
    {
        if (request.Header("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) is not null)
        {
            throw new InvalidDataException($"{request.Method} {request.Target} is chunked. Send it with a Content-Length.");
        }

        if (request.Header("Expect", StringComparison.OrdinalIgnoreCase) is not null)
        {
            stream.Write(s_continue);
        }

        string length = request.Header("Content-Length", StringComparison.OrdinalIgnoreCase) ?? "0";
        return int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes)
            ? bytes
            : throw new InvalidDataException($"{request.Method} {request.Target} has the Content-Length '{length}'.");
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

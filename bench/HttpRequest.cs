using System.Globalization;
using System.Text;

namespace Photos.Bench;

/// <summary>An HTTP/1.1 request.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">The path and the query.</param>
/// <param name="Headers">Case-insensitive.</param>
/// <param name="Body">Empty when there is none.</param>
internal sealed record HttpRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>Reads the requests of one connection, one after another.</summary>
internal sealed class HttpRequestReader(Stream stream)
{
    private static readonly byte[] s_continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    /// <summary>Waits for the next request; <see langword="null"/> when the connection has ended.</summary>
    /// <exception cref="InvalidDataException">The request is chunked.</exception>
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
        string[] request = lines[0].Split(' ');
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':');
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        if (headers.ContainsKey("Transfer-Encoding"))
        {
            throw new InvalidDataException($"{lines[0]} is chunked; send it with a Content-Length.");
        }

        if (headers.ContainsKey("Expect"))
        {
            stream.Write(s_continue);
        }

        int bodyStart = headLength + 4;
        int end = bodyStart + (headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0);
        while (_length < end)
        {
            if (!Fill())
            {
                return null;
            }
        }

        byte[] body = _buffer[bodyStart..end];
        _buffer.AsSpan(end, _length - end).CopyTo(_buffer);
        _length -= end;
        return new HttpRequest(request[0], request[1], headers, body);
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

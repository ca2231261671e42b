using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Album.Runtime;

/// <summary>
/// One blocking keep-alive HTTP/1.1 connection (RFC 9112), as much of it as the Runtime API needs. A second HTTP stack
/// costs less than starting the first: HttpClient would add its handlers, pools and threads before the first event.
/// </summary>
internal sealed class HttpConnection(string host, int port) : IDisposable
{
    // Lambda's largest event is 6 MiB; what is longer than this is no answer of the Runtime API.
    private const int MaxAnswerBytes = 8 * 1024 * 1024;
    private const int MaxHeadBytes = 64 * 1024;

    // Long enough for an ordinary event with its headers, so that most answers arrive in one read.
    private byte[] _received = new byte[16 * 1024];
    private int _end;
    private int _headersStart;
    private int _headersEnd;
    private Socket? _socket;
    private volatile bool _aborted;

    /// <summary>The last answer's headers, without the status line. Valid until the next exchange.</summary>
    public ReadOnlySpan<byte> Headers => _received.AsSpan(_headersStart, _headersEnd - _headersStart);

    /// <summary>The last answer's body. Valid until the next exchange.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>
    /// Sends a request and reads the whole answer, without a time-out. A connection that turns out closed before the
    /// first byte of the answer is opened again, once.
    /// </summary>
    /// <returns>The status code.</returns>
    /// <exception cref="RuntimeApiException">The second try failed too, or the answer is no HTTP.</exception>
    public int Exchange(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        for (bool again = false; ; again = true)
        {
            _end = 0;
            try
            {
                _socket ??= Connect();
                ObjectDisposedException.ThrowIf(_aborted, this);
                Send(head);
                Send(body);
                return ReadAnswer();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or EndOfStreamException)
            {
                Close();
                if (again || _end > 0 || _aborted)
                {
                    throw new RuntimeApiException($"The connection to the Runtime API at {host}:{port} failed: {e.Message}", e);
                }
            }
            catch
            {
                Close();
                throw;
            }
        }
    }

    /// <summary>The value of one of <see cref="Headers"/>, trimmed; <see langword="null"/> where absent or empty.</summary>
    /// <param name="name">In lower case; the wire's case does not matter (RFC 9110, 5.1).</param>
    public string? Header(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> value = HeaderBytes(name);
        return value.IsEmpty ? null : Encoding.UTF8.GetString(value);
    }

    /// <summary>Ends a blocked <see cref="Exchange"/> from another thread, and every later one.</summary>
    public void Abort()
    {
        _aborted = true;
        Volatile.Read(ref _socket)?.Dispose();
    }

    public void Dispose() => Close();

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                socket.Connect(address, port);
            }
            else
            {
                socket.Connect(host, port);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket!.Send(bytes)..];
        }
    }

    private int ReadAnswer()
    {
        int start = 0;
        int status;
        do
        {
            int headEnd = ReadHead(start);
            status = ParseStatus(_received.AsSpan(start, headEnd - start));
            _headersStart = start + _received.AsSpan(start).IndexOf("\r\n"u8) + 2;
            _headersEnd = headEnd - 2;
            start = headEnd;
        }
        while (status < 200);

        bool close = HeaderHasToken("connection"u8, "close"u8);
        if (HeaderHasToken("transfer-encoding"u8, "chunked"u8))
        {
            Body = ReadChunks(start);
        }
        else if (HeaderBytes("content-length"u8) is { IsEmpty: false } length)
        {
            if (!Utf8Parser.TryParse(length, out int count, out int used) || used != length.Length || count < 0)
            {
                throw new RuntimeApiException("The Runtime API sent a Content-Length that is no length.");
            }

            ReadUntil(start, count);
            Body = _received.AsMemory(start, count);
        }
        else
        {
            close = true;
            Body = ReadToClose(start);
        }

        if (close)
        {
            Close();
        }

        return status;
    }

    /// <returns>Where the head that begins at <paramref name="start"/> ends, its empty line included.</returns>
    private int ReadHead(int start)
    {
        int searched = start;
        while (true)
        {
            int found = _received.AsSpan(searched, _end - searched).IndexOf("\r\n\r\n"u8);
            if (found >= 0)
            {
                return searched + found + 4;
            }

            if (_end - start > MaxHeadBytes)
            {
                throw new RuntimeApiException("The Runtime API sent headers without an end.");
            }

            searched = Math.Max(start, _end - 3);
            Receive();
        }
    }

    private static int ParseStatus(ReadOnlySpan<byte> head)
    {
        // "HTTP/1.1 200 OK": RFC 9112, 4.
        if (head.Length >= 13
            && head.StartsWith("HTTP/1."u8)
            && head[8] == ' '
            && Utf8Parser.TryParse(head.Slice(9, 3), out int status, out int used)
            && used == 3
            && status >= 100)
        {
            return status;
        }

        throw new RuntimeApiException("The Runtime API sent an answer that is no HTTP/1.1.");
    }

    private ReadOnlySpan<byte> HeaderBytes(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = Headers;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf("\r\n"u8);
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 2)..];
            if (line.Length > name.Length
                && line[name.Length] == ':'
                && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                return line[(name.Length + 1)..].Trim(" \t"u8);
            }
        }

        return default;
    }

    private bool HeaderHasToken(ReadOnlySpan<byte> name, ReadOnlySpan<byte> token)
    {
        ReadOnlySpan<byte> value = HeaderBytes(name);
        foreach (Range part in value.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(value[part].Trim(" \t"u8), token))
            {
                return true;
            }
        }

        return false;
    }

    private ReadOnlyMemory<byte> ReadToClose(int start)
    {
        try
        {
            while (true)
            {
                Receive();
            }
        }
        catch (EndOfStreamException)
        {
            return _received.AsMemory(start, _end - start);
        }
    }

    /// <summary>Reads a chunked body (RFC 9112, 7.1) and moves its chunks together where they lie.</summary>
    private ReadOnlyMemory<byte> ReadChunks(int start)
    {
        int at = start;
        int written = start;
        while (true)
        {
            int lineEnd = ReadLine(at);
            ReadOnlySpan<byte> size = _received.AsSpan(at, lineEnd - 2 - at);
            int extension = size.IndexOf((byte)';');
            size = (extension < 0 ? size : size[..extension]).Trim(" \t"u8);
            if (!Utf8Parser.TryParse(size, out int count, out int used, 'x') || used != size.Length || count < 0)
            {
                throw new RuntimeApiException("The Runtime API sent a chunk whose size is no number.");
            }

            at = lineEnd;
            if (count == 0)
            {
                break;
            }

            ReadUntil(at, checked(Math.Min(count, MaxAnswerBytes) + 2));
            if (count > MaxAnswerBytes || !_received.AsSpan(at + count, 2).SequenceEqual("\r\n"u8))
            {
                throw new RuntimeApiException("The Runtime API sent a chunk without an end.");
            }

            _received.AsSpan(at, count).CopyTo(_received.AsSpan(written));
            written += count;
            at += count + 2;
        }

        // Trailers end with an empty line.
        for (int lineEnd = ReadLine(at); lineEnd - at > 2; lineEnd = ReadLine(at))
        {
            at = lineEnd;
        }

        return _received.AsMemory(start, written - start);
    }

    private int ReadLine(int start)
    {
        while (true)
        {
            int found = _received.AsSpan(start, _end - start).IndexOf("\r\n"u8);
            if (found >= 0)
            {
                return start + found + 2;
            }

            if (_end - start > MaxHeadBytes)
            {
                throw new RuntimeApiException("The Runtime API sent a line without an end.");
            }

            Receive();
        }
    }

    private void ReadUntil(int start, int count)
    {
        if (count > MaxAnswerBytes)
        {
            throw new RuntimeApiException($"The Runtime API sent {count} bytes; an event has at most 6 MiB.");
        }

        Reserve(start + count);
        while (_end - start < count)
        {
            Receive();
        }
    }

    private void Receive()
    {
        if (_end == _received.Length)
        {
            if (_end > 2 * MaxAnswerBytes)
            {
                throw new RuntimeApiException("The Runtime API sent an answer without an end.");
            }

            Reserve(_end + 1);
        }

        int count = _socket!.Receive(_received.AsSpan(_end));
        if (count == 0)
        {
            throw new EndOfStreamException("closed by the other end");
        }

        _end += count;
    }

    private void Reserve(int size)
    {
        if (size > _received.Length)
        {
            Array.Resize(ref _received, Math.Max(size, 2 * _received.Length));
        }
    }
}

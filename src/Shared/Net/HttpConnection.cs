using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Photos.Net;

/// <summary>
/// One blocking keep-alive HTTP/1.1 connection (RFC 9112), as much of it as the Runtime API, DynamoDB and S3 need. A process
/// has one invocation at a time, so there is nobody to give the thread to while it waits; HttpClient would add its handlers,
/// pools and threads before the first event.
/// </summary>
/// <param name="host">A name or an address.</param>
/// <param name="port">The port.</param>
/// <param name="trust">Whom to trust; <see langword="null"/> for a connection without TLS.</param>
/// <param name="timeout">How long connecting, sending, or waiting for a part of the answer may take; for ever without.</param>
internal sealed class HttpConnection(string host, int port, ServerTrust? trust, TimeSpan? timeout) : IDisposable
{
    // Lambda's largest event is 6 MiB; what is longer than this is no answer of the Runtime API, and DynamoDB ends at 1 MB.
    private const int MaxAnswerBytes = 8 * 1024 * 1024;
    private const int MaxHeadBytes = 64 * 1024;

    // Long enough for an ordinary event or a page of photos with its headers, so that most answers arrive in one read.
    private byte[] _received = new byte[16 * 1024];
    private readonly byte[] _sent = new byte[8 * 1024];
    private int _end;
    private int _headersStart;
    private int _headersEnd;
    private volatile Socket? _socket;
    private Stream? _stream;

    /// <summary>Whether the last exchange failed after the answer had begun.</summary>
    public bool AnswerBegan => _end > 0;

    /// <summary>The last answer's body. Valid until the next exchange.</summary>
    public ArraySegment<byte> Body { get; private set; }

    /// <summary>
    /// Sends a request and reads the whole answer. The connection is opened when there is none, or when the other end has
    /// closed it since.
    /// </summary>
    /// <param name="head">The request line and the headers, with their empty line.</param>
    /// <param name="body">The body.</param>
    /// <param name="cancellationToken">Closes the connection, whatever it waits for.</param>
    /// <returns>The status code.</returns>
    /// <exception cref="IOException">The other end is away, too slow, or sends what is no HTTP/1.1.</exception>
    /// <exception cref="AuthenticationException">The other end is not who it should be.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public int Exchange(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration abort = cancellationToken.UnsafeRegister(
            static connection => ((HttpConnection)connection!)._socket?.Dispose(), this);
        _end = 0;
        try
        {
            // Nothing was asked, so what can be read is the other end's farewell.
            if (_stream is not null && _socket!.Poll(0, SelectMode.SelectRead))
            {
                Close();
            }

            _stream ??= Open();
            cancellationToken.ThrowIfCancellationRequested();
            Send(head, body);
            return ReadAnswer(head.StartsWith("HEAD "u8));
        }
        catch (Exception e)
        {
            Close();
            cancellationToken.ThrowIfCancellationRequested();
            if (e is SocketException or ObjectDisposedException)
            {
                throw new IOException(e.Message, e);
            }

            throw;
        }
    }

    /// <summary>
    /// The value of one of the last answer's headers, trimmed; <see langword="null"/> where absent or empty. Valid until the
    /// next exchange.
    /// </summary>
    /// <param name="name">In lower case; the wire's case does not matter (RFC 9110, 5.1).</param>
    public string? Header(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> value = HeaderBytes(name);
        return value.IsEmpty ? null : Encoding.UTF8.GetString(value);
    }

    public void Dispose() => Close();

    private ReadOnlySpan<byte> Headers => _received.AsSpan(_headersStart, _headersEnd - _headersStart);

    private Stream Open()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket = socket;
        if (timeout is TimeSpan limit)
        {
            // On Linux the first of them limits connecting, too.
            socket.SendTimeout = (int)limit.TotalMilliseconds;
            socket.ReceiveTimeout = (int)limit.TotalMilliseconds;
        }

        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            socket.Connect(address, port);
        }
        else
        {
            socket.Connect(host, port);
        }

        _stream = new NetworkStream(socket, ownsSocket: true);
        if (trust is not null)
        {
            var secure = new SslStream(_stream);
            _stream = secure;
            try
            {
                secure.AuthenticateAsClient(trust.OptionsFor(host));
            }
            catch (AuthenticationException e)
            {
                throw new AuthenticationException(
                    $"{host} showed a certificate that is not trusted. certs/README.md says how to find out why, and how to trust the system's roots until then.", e);
            }
        }

        return _stream;
    }

    private void Close()
    {
        _stream?.Dispose();
        _socket?.Dispose();
        _stream = null;
        _socket = null;
    }

    private void Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        if (head.Length + body.Length > _sent.Length)
        {
            _stream!.Write(head);
            _stream.Write(body);
            return;
        }

        // One packet and, with TLS, one record.
        head.CopyTo(_sent);
        body.CopyTo(_sent.AsSpan(head.Length));
        _stream!.Write(_sent, 0, head.Length + body.Length);
    }

    private int ReadAnswer(bool headOnly)
    {
        int start = 0;
        int status;
        do
        {
            int headEnd = ReadHead(start);
            status = ParseHead(_received.AsSpan(start, headEnd - start));
            _headersStart = start + _received.AsSpan(start).IndexOf("\r\n"u8) + 2;
            _headersEnd = headEnd - 2;
            start = headEnd;
        }
        while (status < 200);

        bool close = HeaderHasToken("connection"u8, "close"u8);
        if (headOnly || status is 204 or 304)
        {
            Body = ArraySegment<byte>.Empty;
        }
        else if (IsChunked())
        {
            Body = ReadChunks(start);
        }
        else if (ContentLength() is int count)
        {
            ReadUntil(start, count);
            Body = new ArraySegment<byte>(_received, start, count);
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
                throw new IOException("The other end sent headers without an end.");
            }

            searched = Math.Max(start, _end - 3);
            Receive();
        }
    }

    /// <returns>The status code.</returns>
    private static int ParseHead(ReadOnlySpan<byte> head)
    {
        // "HTTP/1.1 200 OK": RFC 9112, 4.
        if (head.Length < 14
            || !head.StartsWith("HTTP/1."u8)
            || !char.IsAsciiDigit((char)head[7])
            || head[8] != ' '
            || !Utf8Parser.TryParse(head.Slice(9, 3), out uint status, out int used)
            || used != 3
            || status < 100
            || head[12] is not ((byte)' ' or (byte)'\r'))
        {
            throw NoHttp();
        }

        // What one reader takes for one header and another for two, or for none: a bare CR, LF or NUL (RFC 9110, 5.5), a
        // space before the colon and a folded line (RFC 9112, 5.1 and 5.2). Whoever sends it is no server of ours.
        ReadOnlySpan<byte> rest = head[..^2];
        for (bool isHeader = false; !rest.IsEmpty; isHeader = true)
        {
            ReadOnlySpan<byte> line = TakeLine(ref rest);
            int colon = line.IndexOf((byte)':');
            if (line.IndexOfAny((byte)'\r', (byte)'\n', (byte)'\0') >= 0
                || (isHeader && (colon <= 0 || line[..colon].IndexOfAny((byte)' ', (byte)'\t') >= 0)))
            {
                throw NoHttp();
            }
        }

        return (int)status;
    }

    private static IOException NoHttp() => new("The other end sent an answer that is no HTTP/1.1.");

    /// <summary>Takes a line off lines that each have their end.</summary>
    private static ReadOnlySpan<byte> TakeLine(scoped ref ReadOnlySpan<byte> lines)
    {
        int end = lines.IndexOf("\r\n"u8);
        ReadOnlySpan<byte> line = lines[..end];
        lines = lines[(end + 2)..];
        return line;
    }

    /// <summary>Takes headers off up to the first of that name.</summary>
    /// <returns>Whether there was one.</returns>
    private static bool TryTake(scoped ref ReadOnlySpan<byte> headers, scoped ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (!headers.IsEmpty)
        {
            ReadOnlySpan<byte> line = TakeLine(ref headers);
            if (line.Length > name.Length
                && line[name.Length] == ':'
                && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                value = line[(name.Length + 1)..].Trim(" \t"u8);
                return true;
            }
        }

        value = default;
        return false;
    }

    private ReadOnlySpan<byte> HeaderBytes(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> headers = Headers;
        return TryTake(ref headers, name, out ReadOnlySpan<byte> value) ? value : default;
    }

    private bool HeaderHasToken(ReadOnlySpan<byte> name, ReadOnlySpan<byte> token)
    {
        ReadOnlySpan<byte> headers = Headers;
        while (TryTake(ref headers, name, out ReadOnlySpan<byte> value))
        {
            foreach (Range part in value.Split((byte)','))
            {
                if (Ascii.EqualsIgnoreCase(value[part].Trim(" \t"u8), token))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether the body comes in chunks; no request offers to take another coding.</summary>
    private bool IsChunked()
    {
        ReadOnlySpan<byte> headers = Headers;
        if (!TryTake(ref headers, "transfer-encoding"u8, out ReadOnlySpan<byte> coding))
        {
            return false;
        }

        return Ascii.EqualsIgnoreCase(coding, "chunked"u8) && !TryTake(ref headers, "transfer-encoding"u8, out _)
            ? true
            : throw new IOException("The other end sent a Transfer-Encoding that is not chunked.");
    }

    /// <summary>The one length that the headers give; <see langword="null"/> where they give none.</summary>
    private int? ContentLength()
    {
        ReadOnlySpan<byte> headers = Headers;
        if (!TryTake(ref headers, "content-length"u8, out ReadOnlySpan<byte> length))
        {
            return null;
        }

        return Utf8Parser.TryParse(length, out uint count, out int used) && used == length.Length && count <= int.MaxValue
            && !TryTake(ref headers, "content-length"u8, out _)
            ? (int)count
            : throw new IOException("The other end sent a Content-Length that is no length.");
    }

    private ArraySegment<byte> ReadToClose(int start)
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
            return new ArraySegment<byte>(_received, start, _end - start);
        }
    }

    /// <summary>Reads a chunked body (RFC 9112, 7.1) and moves its chunks together where they lie.</summary>
    private ArraySegment<byte> ReadChunks(int start)
    {
        int at = start;
        int written = start;
        while (true)
        {
            int lineEnd = ReadLine(at);
            ReadOnlySpan<byte> size = _received.AsSpan(at, lineEnd - 2 - at);
            int extension = size.IndexOf((byte)';');
            size = (extension < 0 ? size : size[..extension]).TrimEnd(" \t"u8);
            if (!Utf8Parser.TryParse(size, out int count, out int used, 'x') || used != size.Length || count < 0)
            {
                throw new IOException("The other end sent a chunk whose size is no number.");
            }

            at = lineEnd;
            if (count == 0)
            {
                break;
            }

            ReadUntil(at, checked(Math.Min(count, MaxAnswerBytes) + 2));
            if (count > MaxAnswerBytes || !_received.AsSpan(at + count, 2).SequenceEqual("\r\n"u8))
            {
                throw new IOException("The other end sent a chunk without an end.");
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

        return new ArraySegment<byte>(_received, start, written - start);
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
                throw new IOException("The other end sent a line without an end.");
            }

            Receive();
        }
    }

    private void ReadUntil(int start, int count)
    {
        if (count > MaxAnswerBytes)
        {
            throw new IOException($"The other end sent {count} bytes; the most is {MaxAnswerBytes}.");
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
            Reserve(_end + 1);
        }

        int count = _stream!.Read(_received, _end, _received.Length - _end);
        if (count == 0)
        {
            throw new EndOfStreamException("closed by the other end");
        }

        _end += count;
    }

    private void Reserve(int size)
    {
        // The body and what carries it: chunks' sizes, heads that came before.
        if (size > 2 * MaxAnswerBytes)
        {
            throw new IOException("The other end sent an answer without an end.");
        }

        if (size > _received.Length)
        {
            Array.Resize(ref _received, Math.Max(size, 2 * _received.Length));
        }
    }
}

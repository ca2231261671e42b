using System.Buffers.Text;

namespace Photos.Net;

// Strategy: the parser does no I/O. The caller adds received bytes to the buffer and calls Parse until the response is
// complete, or calls ParseEnd when the peer closes the connection. Each state has one method. The method either consumes the
// whole element (a head, a line, a chunk, a body) and sets the next state, or leaves the buffer unchanged because bytes are
// missing. The same bytes therefore give the same result however they are split, and tests do not need a socket.
//
// The parser supports what the Runtime API, DynamoDB and S3 send and refuses everything else. Three limits keep a peer from
// filling the memory: on the bytes of a head or line, on an announced length, and on the response as a whole.

/// <summary>Parses HTTP/1.1 responses (RFC 9112), one after another.</summary>
internal sealed class ResponseParser
{
    /// <summary>The most bytes of a head, a chunk size line or a trailer, without the delimiter that ends it.</summary>
    public const int MaxLineBytes = 64 * 1024;

    /// <summary>
    /// The most bytes that a Content-Length or a chunk size may announce. Lambda's largest event is 6 MiB, DynamoDB's
    /// largest response 1 MB.
    /// </summary>
    public const int MaxBodyBytes = 8 * 1024 * 1024;

    private State _state;
    private bool _isHeadRequest;
    private int _headStart;
    private int _headEnd;
    private int _bodyStart;
    private int _bodyEnd;
    private int _announced;

    private enum State
    {
        Head,
        Body,
        BodyToClose,
        ChunkSize,
        Chunk,
        Trailer,
        Complete,
    }

    /// <summary>Holds the received bytes.</summary>
    public ReceiveBuffer Buffer { get; } = new();

    /// <summary>The status code.</summary>
    public int Status { get; private set; }

    /// <summary>The body of the complete response. Valid until <see cref="Begin"/>.</summary>
    public ArraySegment<byte> Body => Buffer.Segment(_bodyStart, _bodyEnd);

    /// <summary>Whether the connection cannot be used after the complete response.</summary>
    public bool ClosesConnection { get; private set; }

    private ResponseHead Head => new(Buffer.Received[_headStart.._headEnd]);

    /// <summary>Prepares for the next response and removes all received bytes.</summary>
    /// <param name="isHeadRequest">Whether the request is HEAD; its response has no body, whatever the headers say.</param>
    public void Begin(bool isHeadRequest)
    {
        Buffer.Clear();
        _state = State.Head;
        _isHeadRequest = isHeadRequest;
        _headStart = _headEnd = _bodyStart = _bodyEnd = 0;
    }

    /// <summary>Parses as far as the received bytes allow.</summary>
    /// <returns>Whether the response is complete; if not, add more bytes.</returns>
    /// <exception cref="IOException">The response is not valid HTTP/1.1 or too long.</exception>
    public bool Parse()
    {
        while (TryNext())
        {
        }

        return _state == State.Complete;
    }

    /// <summary>Completes a response that ends when the peer closes the connection.</summary>
    /// <exception cref="EndOfStreamException">The response does not end that way; a part of it is missing.</exception>
    public void ParseEnd()
    {
        if (_state != State.BodyToClose)
        {
            throw new EndOfStreamException("The peer closed the connection before the response was complete.");
        }

        Buffer.TryConsume(Buffer.Count - Buffer.Consumed, out _);
        _bodyEnd = Buffer.Consumed;
        _state = State.Complete;
    }

    /// <summary>The trimmed value of a header; empty if there is none. Valid until <see cref="Begin"/>.</summary>
    /// <param name="name">In lower case. Case does not matter in the response.</param>
    public ReadOnlySpan<byte> Header(scoped ReadOnlySpan<byte> name) => Head.Field(name);

    /// <returns>Whether an element was consumed.</returns>
    private bool TryNext() => _state switch
    {
        State.Head => TryHead(),
        State.Body => TryBody(),
        State.ChunkSize => TryChunkSize(),
        State.Chunk => TryChunk(),
        State.Trailer => TryTrailer(),
        _ => false,
    };

    private bool TryHead()
    {
        if (!Buffer.TryConsumeThrough("\r\n\r\n"u8, MaxLineBytes, out Span<byte> head))
        {
            return false;
        }

        _headStart = Buffer.Consumed - head.Length;
        _headEnd = Buffer.Consumed - 2;
        Status = Head.Check();

        // An interim response (1xx) is followed by another head (RFC 9110, 15.2).
        if (Status >= 200)
        {
            BeginBody();
        }

        return true;
    }

    /// <summary>Determines how the body ends (RFC 9112, 6.3).</summary>
    private void BeginBody()
    {
        _bodyStart = _bodyEnd = Buffer.Consumed;
        ClosesConnection = Head.HasToken("connection"u8, "close"u8);
        if (_isHeadRequest || Status is 204 or 304)
        {
            _state = State.Complete;
        }
        else if (Head.IsChunked())
        {
            _state = State.ChunkSize;
        }
        else if (Head.ContentLength() is int length)
        {
            Announce(length);
            Buffer.Reserve(length);
            _state = State.Body;
        }
        else
        {
            ClosesConnection = true;
            _state = State.BodyToClose;
        }
    }

    private bool TryBody()
    {
        if (!Buffer.TryConsume(_announced, out _))
        {
            return false;
        }

        _bodyEnd = Buffer.Consumed;
        _state = State.Complete;
        return true;
    }

    /// <summary>Reads the line before a chunk and ignores its extensions (RFC 9112, 7.1).</summary>
    private bool TryChunkSize()
    {
        if (!Buffer.TryConsumeThrough("\r\n"u8, MaxLineBytes, out Span<byte> line))
        {
            return false;
        }

        ReadOnlySpan<byte> size = line[..^2];
        int extension = size.IndexOf((byte)';');
        size = (extension < 0 ? size : size[..extension]).TrimEnd(" \t"u8);
        if (!Utf8Parser.TryParse(size, out int count, out int used, 'x') || used != size.Length || count < 0)
        {
            throw new IOException("The peer sent an invalid chunk size.");
        }

        if (count == 0)
        {
            _state = State.Trailer;
            return true;
        }

        Announce(count);
        Buffer.Reserve(count + 2);
        _state = State.Chunk;
        return true;
    }

    /// <summary>Moves a chunk within the buffer so that it directly follows the one before it.</summary>
    private bool TryChunk()
    {
        if (!Buffer.TryConsume(_announced + 2, out Span<byte> chunk))
        {
            return false;
        }

        if (!chunk.EndsWith("\r\n"u8))
        {
            throw new IOException("The peer sent a chunk whose size does not match its data.");
        }

        chunk[..^2].CopyTo(Buffer.Received[_bodyEnd..]);
        _bodyEnd += _announced;
        _state = State.ChunkSize;
        return true;
    }

    /// <summary>Ignores a trailer. The empty line after the last one completes the response.</summary>
    private bool TryTrailer()
    {
        if (!Buffer.TryConsumeThrough("\r\n"u8, MaxLineBytes, out Span<byte> line))
        {
            return false;
        }

        _state = line.Length == 2 ? State.Complete : State.Trailer;
        return true;
    }

    private void Announce(int count)
    {
        if (count > MaxBodyBytes)
        {
            throw new IOException($"The peer announced {count} bytes. The limit is {MaxBodyBytes} bytes.");
        }

        _announced = count;
    }
}

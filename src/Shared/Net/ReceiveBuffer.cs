namespace Photos.Net;

// Strategy: one array holds the whole response, so that its head and its body are read where they were received. The array
// doubles when it is full, or grows at once when the parser knows how much is still to come; the next response reuses it. A
// search that fails continues where it ended, so that a slow peer cannot make it scan the same bytes again and again. The array
// is not cleared when it is allocated, so a short response uses little of its memory.

/// <summary>
/// The received bytes of one response: first those that the parser has consumed, then the rest. Spans and segments are
/// valid until the buffer grows or is cleared.
/// </summary>
internal sealed class ReceiveBuffer
{
    /// <summary>The most bytes of a response, including its interim responses, chunk sizes and trailers.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    // Long enough for an ordinary event or a page of photos with its headers, so that most responses arrive in one read.
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(16 * 1024);
    private int _searched;

    /// <summary>The number of received bytes.</summary>
    public int Count { get; private set; }

    /// <summary>The number of consumed bytes.</summary>
    public int Consumed { get; private set; }

    /// <summary>The received bytes, consumed or not.</summary>
    public Span<byte> Received => _bytes.AsSpan(0, Count);

    /// <summary>The received bytes from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public ArraySegment<byte> Segment(int start, int end) => new(_bytes, start, end - start);

    /// <summary>Removes all bytes.</summary>
    public void Clear()
    {
        Count = 0;
        Consumed = 0;
        _searched = 0;
    }

    /// <summary>Where to receive the next bytes; not empty. Call <see cref="Add"/> with the number received.</summary>
    /// <exception cref="IOException">The response is too long.</exception>
    public ArraySegment<byte> Free()
    {
        if (Count == _bytes.Length)
        {
            Grow(Count + 1L);
        }

        return new ArraySegment<byte>(_bytes, Count, _bytes.Length - Count);
    }

    /// <summary>Adds the first <paramref name="count"/> bytes of <see cref="Free"/> to the received ones.</summary>
    public void Add(int count) => Count += count;

    /// <summary>Makes room for <paramref name="count"/> bytes after the consumed ones.</summary>
    /// <exception cref="IOException">The response is too long.</exception>
    public void Reserve(int count)
    {
        if (count > _bytes.Length - Consumed)
        {
            Grow((long)Consumed + count);
        }
    }

    /// <summary>Consumes the next <paramref name="count"/> bytes, once all of them are received.</summary>
    public bool TryConsume(int count, out Span<byte> bytes)
    {
        if (count > Count - Consumed)
        {
            bytes = default;
            return false;
        }

        bytes = _bytes.AsSpan(Consumed, count);
        Consumed += count;
        _searched = Consumed;
        return true;
    }

    /// <summary>Consumes the bytes up to and including <paramref name="delimiter"/>, once it is received.</summary>
    /// <param name="delimiter">Repeat a call with the same one until it is found.</param>
    /// <param name="most">The most bytes before the delimiter.</param>
    /// <param name="bytes">The consumed bytes.</param>
    /// <exception cref="IOException">There are more bytes before the delimiter.</exception>
    public bool TryConsumeThrough(ReadOnlySpan<byte> delimiter, int most, out Span<byte> bytes)
    {
        int found = _bytes.AsSpan(_searched, Count - _searched).IndexOf(delimiter);
        _searched = found >= 0 ? _searched + found : Math.Max(_searched, Count - delimiter.Length + 1);
        if (_searched - Consumed > most)
        {
            throw new IOException($"The peer sent a head or a line of more than {most} bytes.");
        }

        if (found < 0)
        {
            bytes = default;
            return false;
        }

        return TryConsume(_searched + delimiter.Length - Consumed, out bytes);
    }

    private void Grow(long size)
    {
        if (size > MaxBytes)
        {
            throw new IOException($"The peer sent a response of more than {MaxBytes} bytes.");
        }

        byte[] larger = GC.AllocateUninitializedArray<byte>(Math.Min(Math.Max((int)size, 2 * _bytes.Length), MaxBytes));
        Received.CopyTo(larger);
        _bytes = larger;
    }
}

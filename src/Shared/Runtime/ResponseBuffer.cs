using System.Buffers;

namespace Photos.Runtime;

/// <summary>
/// Holds the bytes of one response after another. <see cref="ArrayBufferWriter{T}"/> clears each array that it allocates, and so uses
/// all of its memory; here, only the memory that responses fill is used.
/// </summary>
public sealed class ResponseBuffer : IBufferWriter<byte>
{
    // Fits a page of 20 photos, so that most buffers never grow. It is below the size of .NET's large objects.
    private const int InitialBytes = 64 * 1024;

    // A buffer that has grown beyond this is released, so that one large response does not stay in memory.
    private const int KeptBytes = 512 * 1024;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(InitialBytes);

    /// <summary>The number of written bytes.</summary>
    public int Count { get; private set; }

    /// <summary>The written bytes. Valid until more are written or the buffer is cleared.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Count);

    /// <summary>Removes all bytes.</summary>
    public void Clear()
    {
        Count = 0;
        if (_bytes.Length > KeptBytes)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(InitialBytes);
        }
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Count);
        Count += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Count);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Count);
    }

    /// <summary>
    /// Makes one JSON string of the JSON that was written from <paramref name="start"/> on. Only quotes and backslashes need escaping,
    /// since valid JSON has no bare control characters. In place, because a copy would use as much new memory again.
    /// </summary>
    /// <param name="start">The number of bytes before the JSON.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="start"/> is not from 0 to <see cref="Count"/>.</exception>
    public void QuoteFrom(int start)
    {
        ReadOnlySpan<byte> json = Written.Span[start..];
        int from = json.Length;
        int length = from + json.Count((byte)'"') + json.Count((byte)'\\') + 2;
        Reserve(length - from);
        Span<byte> text = _bytes.AsSpan(start, length);
        Count = start + length;

        // From the end, so that no byte is overwritten before it has moved.
        int to = length;
        text[--to] = (byte)'"';
        while (true)
        {
            int escaped = text[..from].LastIndexOfAny((byte)'"', (byte)'\\');
            int plain = from - escaped - 1;
            to -= plain;
            text.Slice(escaped + 1, plain).CopyTo(text[to..]);
            if (escaped < 0)
            {
                text[--to] = (byte)'"';
                return;
            }

            text[--to] = text[escaped];
            text[--to] = (byte)'\\';
            from = escaped;
        }
    }

    private void Reserve(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int least = checked(Count + Math.Max(count, 1));
        if (least > _bytes.Length)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(least, 2L * _bytes.Length), Array.MaxLength));
            Written.Span.CopyTo(larger);
            _bytes = larger;
        }
    }
}

using Photos.Runtime;

namespace Photos.Tests.Unit.Runtime;

public class ResponseBufferTests
{
    private readonly ResponseBuffer _buffer = new();

    [Fact]
    public void WrittenBytesAreKeptInOrder()
    {
        Write("ab"u8);
        Write("cde"u8);

        Assert.Equal(5, _buffer.Count);
        Assert.Equal("abcde"u8, _buffer.Written.Span);
    }

    [Theory]
    [InlineData(70_000)]
    [InlineData(200_000)]
    [InlineData(6_291_556)]
    public void TheBufferKeepsItsBytesWhenItGrows(int count)
    {
        byte[] bytes = Bytes(count);

        Write(bytes.AsSpan(0, 60_000));
        Write(bytes.AsSpan(60_000));

        Assert.Equal(bytes, _buffer.Written.Span);
        Assert.False(_buffer.GetSpan().IsEmpty);
        Assert.False(_buffer.GetMemory().IsEmpty);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000_000)]
    public void ABufferIsReusedAfterAResponseOfAnySize(int count)
    {
        Write(Bytes(count));

        _buffer.Clear();

        Assert.Equal(0, _buffer.Count);
        Write("abc"u8);
        Assert.Equal("abc"u8, _buffer.Written.Span);
    }

    [Fact]
    public void TheMemoryOfALargeResponseIsReleased()
    {
        Write(Bytes(1_000_000));

        _buffer.Clear();

        Assert.InRange(_buffer.GetMemory().Length, 1, 512 * 1024);
    }

    [Fact]
    public void BytesBeyondTheProvidedMemoryAreRefused()
    {
        int free = _buffer.GetMemory().Length;

        Assert.Throws<ArgumentOutOfRangeException>(() => _buffer.Advance(free + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _buffer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _buffer.GetMemory(-1));
        Assert.Equal(0, _buffer.Count);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        Span<byte> free = _buffer.GetSpan(bytes.Length);
        bytes.CopyTo(free);
        _buffer.Advance(bytes.Length);
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}

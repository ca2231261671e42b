using System.Text;
using Photos.Net;

namespace Photos.Tests.Unit.Net;

public class ReceiveBufferTests
{
    private readonly ReceiveBuffer _buffer = new();

    [Fact]
    public void BytesAreConsumedInTheOrderOfTheirArrival()
    {
        Receive("ab");
        Receive("cde");

        Assert.True(_buffer.TryConsume(1, out Span<byte> first));
        Assert.Equal("a"u8, first);
        Assert.True(_buffer.TryConsume(3, out Span<byte> second));
        Assert.Equal("bcd"u8, second);

        Assert.Equal(4, _buffer.Consumed);
        Assert.Equal(5, _buffer.Count);
        Assert.Equal("abcde"u8, _buffer.Received);
        Assert.Equal("cd"u8, _buffer.Segment(2, 4));
    }

    [Fact]
    public void BytesThatAreNotReceivedAreNotConsumed()
    {
        Receive("ab");

        Assert.False(_buffer.TryConsume(3, out _));
        Assert.Equal(0, _buffer.Consumed);

        Receive("c");
        Assert.True(_buffer.TryConsume(3, out _));
        Assert.False(_buffer.TryConsume(1, out _));
        Assert.True(_buffer.TryConsume(0, out _));
    }

    [Fact]
    public void TheBufferKeepsItsBytesWhenItGrows()
    {
        byte[] sent = new byte[300_000];
        new Random(1).NextBytes(sent);

        Receive(sent);

        Assert.Equal(sent, _buffer.Received);
        Assert.NotEqual(0, _buffer.Free().Count);
    }

    [Fact]
    public void RoomForReservedBytesIsMadeAtOnce()
    {
        Receive("abc");
        _buffer.TryConsume(2, out _);

        _buffer.Reserve(1_000_000);

        Assert.InRange(_buffer.Free().Count, 999_999, 1_100_000);
        Assert.Equal("abc"u8, _buffer.Received);
    }

    [Fact]
    public void RoomThatExistsIsNotMadeAgain()
    {
        byte[] before = _buffer.Free().Array!;

        _buffer.Reserve(_buffer.Free().Count);

        Assert.Same(before, _buffer.Free().Array);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5_000_001)]
    public void TheBufferHoldsTheMostBytesAndNotOneMore(int reserved)
    {
        _buffer.Reserve(reserved);
        Receive(new byte[ReceiveBuffer.MaxBytes]);

        Assert.Equal(ReceiveBuffer.MaxBytes, _buffer.Count);
        Assert.Equal(
            "The peer sent a response of more than 16777216 bytes.", Assert.Throws<IOException>(() => _buffer.Free()).Message);
    }

    [Theory]
    [InlineData(ReceiveBuffer.MaxBytes - 1)]
    [InlineData(int.MaxValue)]
    public void RoomForMoreIsNotReserved(int count)
    {
        Receive("ab");
        _buffer.TryConsume(2, out _);
        _buffer.Reserve(ReceiveBuffer.MaxBytes - 2);

        Assert.Throws<IOException>(() => _buffer.Reserve(count));
    }

    [Theory]
    [InlineData("\r\n\r\n", "a\r\nb\r\n\r\n", "c\r\n\r\n")]
    [InlineData("\r\n", "a\rb\r\n", "\r\n")]
    [InlineData("\r\n\r\n", "\r\n\r\r\n\r\n", "\r\n\r\n")]
    public void ADelimiterIsFoundAsSoonAsItsLastByteArrives(string delimiter, params string[] parts)
    {
        byte[] end = Encoding.ASCII.GetBytes(delimiter);
        foreach (string part in parts)
        {
            foreach (char one in part[..^1])
            {
                Receive(one.ToString());
                Assert.False(_buffer.TryConsumeThrough(end, 100, out _));
            }

            Receive(part[^1..]);
            Assert.True(_buffer.TryConsumeThrough(end, 100, out Span<byte> consumed));
            Assert.Equal(part, Encoding.ASCII.GetString(consumed));
        }
    }

    [Fact]
    public void ADelimiterThatArrivedEarlyIsFoundLater()
    {
        Receive("a\r\nb\r\n\r\n12c\r\n");

        Assert.True(_buffer.TryConsumeThrough("\r\n\r\n"u8, 100, out Span<byte> head));
        Assert.Equal("a\r\nb\r\n\r\n"u8, head);
        Assert.True(_buffer.TryConsume(2, out _));
        Assert.True(_buffer.TryConsumeThrough("\r\n"u8, 100, out Span<byte> line));
        Assert.Equal("c\r\n"u8, line);
    }

    [Fact]
    public void ASearchDoesNotScanTheSameBytesAgain()
    {
        Receive("abcdef");
        Assert.False(_buffer.TryConsumeThrough("\r\n"u8, 100, out _));

        // A search from the start would find this one.
        "\r\n"u8.CopyTo(_buffer.Received);
        Receive("\r\n");

        Assert.True(_buffer.TryConsumeThrough("\r\n"u8, 100, out Span<byte> consumed));
        Assert.Equal(8, consumed.Length);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r\n\r\n")]
    public void TheLimitBeforeADelimiterIsExactHoweverTheBytesArrive(string delimiter)
    {
        byte[] end = Encoding.ASCII.GetBytes(delimiter);
        for (int split = 0; split <= 10 + end.Length; split++)
        {
            Assert.True(Finds(10, split));
            Assert.Throws<IOException>(() => Finds(11, split));
        }

        bool Finds(int count, int split)
        {
            byte[] sent = [.. Enumerable.Repeat((byte)'a', count), .. end];
            _buffer.Clear();
            Receive(sent.AsSpan(0, split));
            if (_buffer.TryConsumeThrough(end, 10, out _))
            {
                return true;
            }

            Receive(sent.AsSpan(split));
            return _buffer.TryConsumeThrough(end, 10, out _);
        }
    }

    [Fact]
    public void BytesWithoutADelimiterAreRefusedAsSoonAsTheyAreTooMany()
    {
        Receive("0123456789\r\n\r");
        Assert.False(_buffer.TryConsumeThrough("\r\n\r\n"u8, 10, out _));

        Receive("x");

        IOException refusal = Assert.Throws<IOException>(() => _buffer.TryConsumeThrough("\r\n\r\n"u8, 10, out _));
        Assert.Equal("The peer sent a head or a line of more than 10 bytes.", refusal.Message);
    }

    [Fact]
    public void AClearedBufferIsEmptyAndKeepsItsRoom()
    {
        Receive(new byte[100_000]);
        _buffer.TryConsumeThrough("\r\n"u8, 200_000, out _);
        _buffer.TryConsume(50_000, out _);
        int room = _buffer.Free().Count;

        _buffer.Clear();

        Assert.Equal((0, 0, 100_000 + room), (_buffer.Count, _buffer.Consumed, _buffer.Free().Count));
        Receive("\r\n");
        Assert.True(_buffer.TryConsumeThrough("\r\n"u8, 0, out _));
    }

    private void Receive(string bytes) => Receive(Encoding.ASCII.GetBytes(bytes));

    private void Receive(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ArraySegment<byte> free = _buffer.Free();
            int count = Math.Min(free.Count, bytes.Length);
            bytes[..count].CopyTo(free);
            _buffer.Add(count);
            bytes = bytes[count..];
        }
    }
}

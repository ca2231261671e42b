using System.Text;
using System.Text.Json;
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

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("\"\"\"\\\\\\")]
    [InlineData("""{"name":"a \"b\" \\ é 🏖","size":1}""")]
    public void JsonIsQuotedInPlace(string json)
    {
        Write("before:"u8);
        Write(Encoding.UTF8.GetBytes(json));

        _buffer.QuoteFrom("before:".Length);
        Write("}"u8);

        string quoted = Encoding.UTF8.GetString(_buffer.Written.Span);
        Assert.StartsWith("before:\"", quoted, StringComparison.Ordinal);
        Assert.EndsWith("\"}", quoted, StringComparison.Ordinal);
        Assert.Equal(json, JsonElement.Parse(quoted["before:".Length..^1]).GetString());
    }

    /// <summary>Quoting makes the text longer, so the buffer may have to grow.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(64)]
    public void AnyJsonIsQuotedWhateverTheSpaceLeft(int space)
    {
        int size = _buffer.GetMemory().Length;
        var random = new Random(space);
        byte[] json = [.. Enumerable.Range(0, size - space).Select(_ => (byte)"\"\\abcdefgh{}:, "[random.Next(15)])];
        Write(json);

        _buffer.QuoteFrom(0);

        Assert.Equal(json, Encoding.UTF8.GetBytes(JsonElement.Parse(_buffer.Written.Span).GetString()!));
    }

    [Fact]
    public void OnlyWrittenBytesAreQuoted()
    {
        Write("ab"u8);

        Assert.Throws<ArgumentOutOfRangeException>(() => _buffer.QuoteFrom(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => _buffer.QuoteFrom(-1));
        Assert.Equal("ab"u8, _buffer.Written.Span);
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

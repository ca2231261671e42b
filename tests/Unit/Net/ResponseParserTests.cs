using System.Text;
using Photos.Net;

namespace Photos.Tests.Unit.Net;

public class ResponseParserTests
{
    private const string NotValid = "The peer sent a response that is not valid HTTP/1.1.";
    private const string NotChunked = "The peer sent a Transfer-Encoding other than chunked.";
    private const string NoLength = "The peer sent an invalid or repeated Content-Length.";
    private const string NoChunkSize = "The peer sent an invalid chunk size.";
    private const string NoChunkEnd = "The peer sent a chunk whose size does not match its data.";
    private const string LongLine = "The peer sent a head or a line of more than 65536 bytes.";
    private const string LongResponse = "The peer sent a response of more than 16777216 bytes.";
    private const string Incomplete = "The peer closed the connection before the response was complete.";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private readonly ResponseParser _parser = new();

    public static TheoryData<string, int, string, bool> Responses => new()
    {
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false },
        { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", false },
        { "HTTP/1.1 200 OK\r\nContent-Length: 005\r\n\r\nhello", 200, "hello", false },
        { "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n\r\n\r\n\r\n\r\n", 200, "\r\n\r\n\r\n\r\n", true },
        { "HTTP/1.1 500 No\r\nconnection: keep-alive, CLOSE ,x\r\ncontent-length:2\r\n\r\n{}", 500, "{}", true },
        { "HTTP/1.1 500 No\r\nConnection: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 500, "", true },
        { "HTTP/1.1 200 OK\r\nConnection: keep-alive, closed\r\nX-Connection: close\r\nContent-Length: 0\r\n\r\n", 200, "", false },
        { $"{Chunked}5\r\nhello\r\n0\r\n\r\n", 200, "hello", false },
        { $"{Chunked}1\r\nh\r\n00000003\r\nell\r\n1;name=\"value\"\r\no\r\n0\r\n\r\n", 200, "hello", false },
        { $"{Chunked}A;x\r\n0123456789\r\na \t; x\r\nabcdefghij\r\n000;last\r\nTrailer: t\r\nConnection: close\r\n\r\n", 200, "0123456789abcdefghij", false },
        { $"{Chunked}4\r\n\r\n\r\n\r\n0\r\n\r\n", 200, "\r\n\r\n", false },
        { $"{Chunked}0\r\n\r\n", 200, "", false },
        { "HTTP/1.1 200 OK\r\ntransfer-encoding:\tCHUNKED \r\nContent-Length: 99\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200, "{}", true },
        { "HTTP/1.1 200 OK\r\n\r\nhello", 200, "hello", true },
        { "HTTP/1.1 200 OK\r\n\r\n", 200, "", true },
        { "HTTP/1.1 204\r\n\r\n", 204, "", false },
        { "HTTP/1.1 204 No Content\r\n\r\n", 204, "", false },
        { "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, "", false },
        { "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n", 304, "", true },
        { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", false },
        { "HTTP/1.1 103 x\r\nConnection: close\r\nContent-Length: 9\r\n\r\nHTTP/1.1 199 \r\n\r\nHTTP/1.1 201\r\nContent-Length: 2\r\n\r\n{}", 201, "{}", false },
        { "HTTP/1.0 200\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", false },
        { "HTTP/1.9 999 \u00e9 : x\r\n\u00e9:\u00ff\r\nContent-Length: 2\r\n\r\n{}", 999, "{}", false },
    };

    [Theory]
    [MemberData(nameof(Responses))]
    public void AResponseIsTheSameHoweverItIsSplit(string response, int status, string body, bool closes)
    {
        byte[] sent = Encoding.Latin1.GetBytes(response);
        ParserResult expected = new(status, "", body, sent.Length, closes, Error: null);

        Assert.Equal(expected, ParserResult.OfSingleBytes(_parser, sent));
        for (int i = 0; i <= sent.Length; i++)
        {
            Assert.Equal(expected, ParserResult.Of(_parser, sent, [i, sent.Length - i]));
        }
    }

    [Theory]
    [MemberData(nameof(Responses))]
    public void AResponseIsCompleteAtItsLastByte(string response, int status, string body, bool closes)
    {
        byte[] sent = Encoding.Latin1.GetBytes(response);
        bool endsWithTheConnection = closes && !response.Contains("connection:", StringComparison.OrdinalIgnoreCase);
        for (int i = 0; i < sent.Length; i++)
        {
            ParserResult cut = ParserResult.Of(_parser, sent[..i]);
            if (!endsWithTheConnection || i < response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)
            {
                Assert.Equal(Incomplete, cut.Error);
            }
        }

        // What follows is not part of it, unless the end of the connection is its end.
        ParserResult followed = ParserResult.Of(_parser, [.. sent, .. "HTTP/1.1 400 x\r\n\r\n"u8]);
        Assert.Equal(status, followed.Status);
        Assert.Equal(endsWithTheConnection ? body + "HTTP/1.1 400 x\r\n\r\n" : body, followed.Body);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    public void AResponseToHeadHasNoBody(string response)
    {
        byte[] sent = Encoding.ASCII.GetBytes(response);

        ParserResult result = ParserResult.OfSingleBytes(_parser, sent, isHeadRequest: true);

        Assert.Equal((null, "", sent.Length, false), (result.Error, result.Body, result.Length, result.ClosesConnection));
    }

    [Fact]
    public void HeadersAreFoundInAnyCaseWithoutTheSpaceAroundTheirValues()
    {
        Parse("HTTP/1.1 103 x\r\nInterim: x\r\n\r\nHTTP/1.1 200 OK\r\nLOWER:a\r\nx-y: \t b c\t \r\nX-YZ: z\r\nTwice: 1\r\ntwice: 2\r\nEmpty: \r\nColon:a:b\r\n"
            + "Last:x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: t\r\n\r\n");

        Assert.Equal("a"u8, _parser.Header("lower"u8));
        Assert.Equal("b c"u8, _parser.Header("x-y"u8));
        Assert.Equal("1"u8, _parser.Header("twice"u8));
        Assert.Equal("a:b"u8, _parser.Header("colon"u8));
        Assert.Equal("x"u8, _parser.Header("last"u8));
        Assert.Equal(""u8, _parser.Header("empty"u8));
        Assert.Equal(""u8, _parser.Header("x"u8));
        Assert.Equal(""u8, _parser.Header("interim"u8));
        Assert.Equal(""u8, _parser.Header("trailer"u8));
    }

    [Fact]
    public void WithoutAResponseThereAreNoHeadersAndNoBody()
    {
        Assert.Equal(""u8, _parser.Header("x"u8));
        Assert.Equal(0, _parser.Body.Count);

        Parse("HTTP/1.1 200 OK\r\nx: y\r\nContent-Length: 2\r\n\r\n{}");
        _parser.Begin(isHeadRequest: false);

        Assert.Equal(""u8, _parser.Header("x"u8));
        Assert.Equal(0, _parser.Body.Count);
        Assert.False(_parser.Parse());
    }

    [Theory]
    [InlineData("220 smtp.example.org ESMTP\r\n\r\n", NotValid)]
    [InlineData("\r\n\r\n", NotValid)]
    [InlineData("\r\nHTTP/1.1 200 OK\r\n\r\n", NotValid)]
    [InlineData("http/1.1 200 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/2 200 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.x 200 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1\t200 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 20\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 +20 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 2e2 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200\tOK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200\rOK\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\nX: y\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 a\0b\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\nb\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n\tfolded: x\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nX : a\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nX\t: a\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nX y: a\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\n: a\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 100 Continue\r\nno colon\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", NotValid)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n{}\r\n\r\n", NotValid)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2 2\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2.0\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4294967298\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\n{}", NoLength)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n", "The peer announced 8388609 bytes. The limit is 8388608 bytes.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2147483647\r\n\r\n", "The peer announced 2147483647 bytes. The limit is 8388608 bytes.")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", NotChunked)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", NotChunked)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NotChunked)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", NotChunked)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}", NotChunked)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 2\r\n\r\n{}", NotChunked)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", NotChunked)]
    [InlineData($"{Chunked}xyz\r\n", NoChunkSize)]
    [InlineData($"{Chunked}\r\n", NoChunkSize)]
    [InlineData($"{Chunked};x\r\n", NoChunkSize)]
    [InlineData($"{Chunked} 2\r\n{{}}\r\n0\r\n\r\n", NoChunkSize)]
    [InlineData($"{Chunked}2 x\r\n{{}}\r\n0\r\n\r\n", NoChunkSize)]
    [InlineData($"{Chunked}+2\r\n{{}}\r\n0\r\n\r\n", NoChunkSize)]
    [InlineData($"{Chunked}-2\r\n{{}}\r\n0\r\n\r\n", NoChunkSize)]
    [InlineData($"{Chunked}0x2\r\n{{}}\r\n0\r\n\r\n", NoChunkSize)]
    [InlineData($"{Chunked}ffffffff\r\n", NoChunkSize)]
    [InlineData($"{Chunked}100000002\r\n", NoChunkSize)]
    [InlineData($"{Chunked}ffffffffffffffff\r\n", NoChunkSize)]
    [InlineData($"{Chunked}1\r\na\r\nx\r\n", NoChunkSize)]
    [InlineData($"{Chunked}2\r\n{{}}xx", NoChunkEnd)]
    [InlineData($"{Chunked}2\r\n{{}}\n\r", NoChunkEnd)]
    [InlineData($"{Chunked}2\r\n{{}}x\n", NoChunkEnd)]
    [InlineData($"{Chunked}2\r\n{{}}\rx", NoChunkEnd)]
    [InlineData($"{Chunked}1\r\n{{}}\r\n0\r\n\r\n", NoChunkEnd)]
    [InlineData($"{Chunked}800001\r\n", "The peer announced 8388609 bytes. The limit is 8388608 bytes.")]
    [InlineData($"{Chunked}7fffffff\r\n", "The peer announced 2147483647 bytes. The limit is 8388608 bytes.")]
    public void AResponseThatIsNotValidIsRefusedHoweverItIsSplit(string response, string error)
    {
        byte[] sent = Encoding.Latin1.GetBytes(response);

        Assert.Equal(error, ParserResult.OfSingleBytes(_parser, sent).Error);
        for (int i = 0; i <= sent.Length; i++)
        {
            Assert.Equal(error, ParserResult.Of(_parser, sent, [i, sent.Length - i]).Error);
        }
    }

    [Fact]
    public void AnEndThatIsTooEarlyIsAnEndOfStream()
    {
        Assert.Throws<EndOfStreamException>(_parser.ParseEnd);
        Assert.False(ParserResult.Receive(_parser, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"u8));
        Assert.Throws<EndOfStreamException>(_parser.ParseEnd);
    }

    [Theory]
    [InlineData("", "HTTP/1.1 200 ", "\r\nContent-Length: 0\r\n\r\n", "\r\nContent-Length: 0")]
    [InlineData("", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ", "\r\n\r\n", "")]
    [InlineData("HTTP/1.1 100 x\r\n\r\n", "HTTP/1.1 204 ", "\r\n\r\n", "")]
    [InlineData(Chunked, "0;", "\r\n\r\n", "")]
    [InlineData($"{Chunked}0\r\n", "X: ", "\r\n\r\n", "")]
    public void AHeadOrALineHas64KiBAtMost(string before, string start, string end, string counted)
    {
        int most = ResponseParser.MaxLineBytes - start.Length - counted.Length;

        foreach (int split in (int[])[0, 1, 100, before.Length + ResponseParser.MaxLineBytes - 1])
        {
            Assert.Null(Result(most, split));
            Assert.Equal(LongLine, Result(most + 1, split));
        }

        string? Result(int count, int split)
        {
            byte[] sent = Encoding.ASCII.GetBytes(before + start + new string('x', count) + end);
            return ParserResult.Of(_parser, sent, [split, sent.Length - split]).Error;
        }
    }

    [Theory]
    [InlineData("", 'x')]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", '\r')]
    [InlineData($"{Chunked}1", '0')]
    [InlineData($"{Chunked}0\r\n", ' ')]
    public void AHeadOrALineWithoutAnEndIsRefusedBeforeTheConnectionEnds(string start, char endless)
    {
        byte[] sent = Encoding.ASCII.GetBytes(start + new string(endless, ResponseParser.MaxLineBytes + 4));

        Assert.Equal(LongLine, ParserResult.Of(_parser, sent).Error);
        Assert.Equal(LongLine, ParserResult.OfSingleBytes(_parser, sent).Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n", "")]
    [InlineData($"{Chunked}800000\r\n", "\r\n0\r\n\r\n")]
    public void ABodyOf8MiBIsReceivedInTheRoomThatWasMadeForIt(string head, string end)
    {
        byte[] body = new byte[ResponseParser.MaxBodyBytes];
        new Random(1).NextBytes(body);

        Assert.False(ParserResult.Receive(_parser, Encoding.ASCII.GetBytes(head)));
        byte[] room = _parser.Buffer.Free().Array!;
        Assert.False(ParserResult.Receive(_parser, body.AsSpan(0, body.Length - 1)));
        Assert.Equal(end == "", ParserResult.Receive(_parser, body.AsSpan(body.Length - 1)));
        Assert.Same(room, _parser.Body.Array);
        Assert.Equal(end != "", ParserResult.Receive(_parser, Encoding.ASCII.GetBytes(end)));

        Assert.True(body.AsSpan().SequenceEqual(_parser.Body));
    }

    [Theory]
    [InlineData(Chunked, "100000\r\n", 0x100000, "\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "", 0x100000, "")]
    [InlineData("", "HTTP/1.1 100 ", 1000, "\r\n\r\n")]
    [InlineData($"{Chunked}0\r\n", "X:", 60_000, "\r\n")]
    public void AResponseWithoutAnEndIsRefusedAt16MiB(string start, string before, int count, string after)
    {
        byte[] repeated = Encoding.ASCII.GetBytes(before + new string('x', count) + after);
        ParserResult.Receive(_parser, Encoding.ASCII.GetBytes(start));

        IOException refusal = Assert.Throws<IOException>(() =>
        {
            while (!ParserResult.Receive(_parser, repeated))
            {
                Assert.InRange(_parser.Buffer.Count, 0, ReceiveBuffer.MaxBytes);
            }
        });

        Assert.Equal(LongResponse, refusal.Message);
        Assert.InRange(_parser.Buffer.Count, ReceiveBuffer.MaxBytes - repeated.Length - 2, ReceiveBuffer.MaxBytes);
    }

    [Fact]
    public void ALengthThatDoesNotFitAfterTheInterimResponsesIsRefusedAtOnce()
    {
        byte[] interim = Encoding.ASCII.GetBytes($"HTTP/1.1 100 {new string('x', 60_000)}\r\n\r\n");
        while (_parser.Buffer.Count <= ReceiveBuffer.MaxBytes - ResponseParser.MaxBodyBytes)
        {
            ParserResult.Receive(_parser, interim);
        }

        IOException refusal = Assert.Throws<IOException>(
            () => ParserResult.Receive(_parser, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n"u8));
        Assert.Equal(LongResponse, refusal.Message);
    }

    [Fact]
    public void ChunksAreJoinedWhereTheyWereReceived()
    {
        Parse($"{Chunked}5\r\nhello\r\n1\r\n \r\n5;x\r\nworld\r\n0\r\n\r\n");

        Assert.Equal("hello world"u8, _parser.Body);
        Assert.Equal(Chunked.Length, _parser.Body.Offset);
        Assert.Same(_parser.Buffer.Free().Array, _parser.Body.Array);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 400 x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{}")]
    [InlineData($"{Chunked}5\r\nhel")]
    [InlineData($"{Chunked}xyz\r\n")]
    [InlineData("no HTTP")]
    public void ANewResponseDependsOnNothingOfTheLastOne(string last)
    {
        ParserResult.Of(_parser, Encoding.ASCII.GetBytes(last), isHeadRequest: true);
        ParserResult.Of(_parser, Encoding.ASCII.GetBytes(last));

        byte[] sent = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray();
        Assert.Equal(new ParserResult(200, "", "{}", sent.Length, false, null), ParserResult.Of(_parser, sent));
    }

    private void Parse(string response) => Assert.True(ParserResult.Receive(_parser, Encoding.ASCII.GetBytes(response)));
}

using CsCheck;
using Photos.Net;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Gives the bytes of <see cref="ByteStreams"/> to the response parser, without sockets.</summary>
public class ResponseParserFuzzTests
{
    // All cases share one parser, so a case also fails if an earlier one left something in it.
    private readonly ResponseParser _parser = new();

    [Fact]
    public void AnyBytesGiveTheResponseOfTheModelHoweverTheyAreSplit() => Cases.Run(
        "parsed byte streams",
        Cases.Count(shortRun: 10_000, longRun: 500_000),
        Gen.Select(ByteStreams.Hostile, Gen.Int),
        one => ByteStreamTests.Show(one.Item1),
        (_, one) =>
        {
            (RuntimeScript script, int random) = one;
            CheckAgainstModel([.. script.Next.SelectMany(piece => piece)], new Random(random));
            CheckAgainstModel(script.Post, new Random(random));
        });

    [Fact]
    public void AnyLegalEncodingGivesItsResponse() => Cases.Run(
        "parsed legal encodings",
        Cases.Count(shortRun: 10_000, longRun: 500_000),
        ByteStreams.Legal,
        one => ByteStreamTests.Show(one.Script),
        (_, one) =>
        {
            byte[] sent = [.. one.Script.Next.SelectMany(piece => piece)];

            ParserResult result = ParserResult.Of(_parser, sent, one.Script.Next.Select(piece => piece.Length));

            Assert.Null(result.Error);
            Assert.Equal(200, result.Status);
            Assert.Equal(one.RequestId, result.RequestId);
            Assert.True(one.Payload.AsSpan().SequenceEqual(_parser.Body));
            Assert.Equal(sent.Length, result.Length);
            Assert.Equal(result, ParserResult.OfSingleBytes(_parser, sent));

            ParserResult head = ParserResult.Of(_parser, sent, isHeadRequest: true);
            Assert.Equal((null, 200, one.RequestId, ""), (head.Error, head.Status, head.RequestId, head.Body));
        });

    private void CheckAgainstModel(byte[] sent, Random random)
    {
        ParserResult result = ParserResult.Of(_parser, sent);
        ModelResponse? model = HttpResponseModel.Read(sent);
        Assert.Equal(model is { LongestHead: <= ResponseParser.MaxLineBytes }, result.Error is null);
        if (result.Error is null)
        {
            Assert.Equal(model!.Status, result.Status);
            Assert.Equal(model.Length, result.Length);
            Assert.True(model.Body.AsSpan().SequenceEqual(_parser.Body));
            bool isId = result.RequestId.Length > 0 && result.RequestId.All(one => one == '-' || char.IsAsciiLetterOrDigit(one));
            Assert.Equal(model.RequestId, isId ? result.RequestId : null);
        }

        Assert.Equal(result, ParserResult.OfSingleBytes(_parser, sent));
        int first = random.Next(sent.Length + 1);
        int second = random.Next(sent.Length - first + 1);
        Assert.Equal(result, ParserResult.Of(_parser, sent, [first, second, sent.Length - first - second]));
        Assert.InRange(_parser.Buffer.Count + _parser.Buffer.Free().Count, 0, ReceiveBuffer.MaxBytes);
    }
}

using System.Text;
using Photos.Net;

namespace Photos.Tests.Unit.Net;

/// <summary>What a <see cref="ResponseParser"/> makes of the bytes of a peer. The body is Latin-1, one character for each byte.</summary>
/// <param name="Status">The status code.</param>
/// <param name="RequestId">The header <c>Lambda-Runtime-Aws-Request-Id</c>.</param>
/// <param name="Body">The body.</param>
/// <param name="Length">The number of bytes that belong to the response.</param>
/// <param name="ClosesConnection">Whether the connection cannot be used again.</param>
/// <param name="Error">Why there is no response; <see langword="null"/> if there is one.</param>
internal sealed record ParserResult(int Status, string RequestId, string Body, int Length, bool ClosesConnection, string? Error)
{
    /// <summary>The result for a peer that sends the bytes at once.</summary>
    public static ParserResult Of(ResponseParser parser, byte[] sent, bool isHeadRequest = false) =>
        Of(parser, sent, [sent.Length], isHeadRequest);

    /// <summary>The result for a peer that sends every byte separately.</summary>
    public static ParserResult OfSingleBytes(ResponseParser parser, byte[] sent, bool isHeadRequest = false) =>
        Of(parser, sent, Enumerable.Repeat(1, sent.Length), isHeadRequest);

    /// <summary>The result for a peer that sends the bytes in pieces of these lengths and then closes the connection.</summary>
    public static ParserResult Of(ResponseParser parser, byte[] sent, IEnumerable<int> lengths, bool isHeadRequest = false)
    {
        parser.Begin(isHeadRequest);
        try
        {
            bool isComplete = false;
            int start = 0;
            using IEnumerator<int> length = lengths.GetEnumerator();
            while (!isComplete && length.MoveNext())
            {
                isComplete = Receive(parser, sent.AsSpan(start, length.Current));
                start += length.Current;
            }

            if (!isComplete)
            {
                parser.ParseEnd();
            }

            return new ParserResult(
                parser.Status,
                Encoding.Latin1.GetString(parser.Header("lambda-runtime-aws-request-id"u8)),
                Encoding.Latin1.GetString(parser.Body),
                parser.Buffer.Consumed,
                parser.ClosesConnection,
                Error: null);
        }
        catch (IOException e)
        {
            return new ParserResult(0, "", "", 0, ClosesConnection: false, e.Message);
        }
    }

    /// <summary>Adds bytes to the parser's buffer, as many at a time as it has room for.</summary>
    /// <returns>Whether the response is complete.</returns>
    public static bool Receive(ResponseParser parser, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ArraySegment<byte> free = parser.Buffer.Free();
            int count = Math.Min(free.Count, bytes.Length);
            bytes[..count].CopyTo(free);
            bytes = bytes[count..];
            parser.Buffer.Add(count);
            if (parser.Parse())
            {
                return true;
            }
        }

        return false;
    }
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>An HTTP response, read as RFC 9112 defines it.</summary>
/// <param name="Status">The status code.</param>
/// <param name="RequestId">The invocation's id; <see langword="null"/> if there is none that a request line may contain.</param>
/// <param name="Body">The body.</param>
/// <param name="Length">The length of the whole response, in bytes.</param>
/// <param name="LongestHead">The length of the longest head or line, in bytes.</param>
internal sealed record ModelResponse(int Status, string? RequestId, byte[] Body, int Length, int LongestHead);

/// <summary>
/// A second implementation of RFC 9112, with regular expressions over the whole response, to compare the client with. Where the
/// RFC allows a client to repair or to refuse, as for folded headers or repeated lengths, the model refuses.
/// </summary>
internal static partial class HttpResponseModel
{
    /// <param name="sent">All bytes that the server sends before it closes the connection.</param>
    /// <returns><see langword="null"/> if they are not a complete response.</returns>
    public static ModelResponse? Read(byte[] sent)
    {
        string text = Encoding.Latin1.GetString(sent);
        int start = 0;
        int longest = 0;
        while (true)
        {
            int end = text.IndexOf("\r\n\r\n", start, StringComparison.Ordinal);
            if (end < 0)
            {
                return null;
            }

            string[] lines = text[start..end].Split("\r\n");
            longest = Math.Max(longest, end - start);
            start = end + 4;
            Match status = StatusLine().Match(lines[0]);
            if (!status.Success || lines.Skip(1).Any(line => !HeaderLine().IsMatch(line)))
            {
                return null;
            }

            int code = int.Parse(status.Groups["code"].ValueSpan, CultureInfo.InvariantCulture);
            if (code >= 200)
            {
                ILookup<string, string> headers = lines.Skip(1).Select(line => line.Split(':', 2))
                    .ToLookup(parts => parts[0], parts => parts[1].Trim(' ', '\t'), StringComparer.OrdinalIgnoreCase);
                string? id = headers["Lambda-Runtime-Aws-Request-Id"].FirstOrDefault();
                byte[]? body = Body(code, headers, sent, text, ref start, ref longest);
                return body is null ? null : new ModelResponse(code, id is not null && Id().IsMatch(id) ? id : null, body, start, longest);
            }
        }
    }

    private static byte[]? Body(int status, ILookup<string, string> headers, byte[] sent, string text, ref int at, ref int longest)
    {
        if (status is 204 or 304)
        {
            return [];
        }

        if (headers.Contains("Transfer-Encoding"))
        {
            // The client accepts no other coding.
            return string.Join(',', headers["Transfer-Encoding"]).Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? Chunks(sent, text, ref at, ref longest)
                : null;
        }

        int length = sent.Length - at;
        if (headers.Contains("Content-Length"))
        {
            string[] lengths = [.. headers["Content-Length"]];
            if (lengths.Length != 1 || !Digits().IsMatch(lengths[0])
                || !int.TryParse(lengths[0], CultureInfo.InvariantCulture, out int given) || given > length)
            {
                return null;
            }

            length = given;
        }

        at += length;
        return sent[(at - length)..at];
    }

    private static byte[]? Chunks(byte[] sent, string text, ref int at, ref int longest)
    {
        var body = new MemoryStream();
        while (true)
        {
            int end = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            Match size = end < 0 ? Match.Empty : ChunkSize().Match(text[at..end]);
            if (!size.Success || !long.TryParse(size.Groups["size"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long count))
            {
                return null;
            }

            longest = Math.Max(longest, end - at);
            at = end + 2;
            if (count == 0)
            {
                break;
            }

            if (count < 0 || at + count + 2 > text.Length
                || text[(at + (int)count)..(at + (int)count + 2)] != "\r\n")
            {
                return null;
            }

            body.Write(sent, at, (int)count);
            at += (int)count + 2;
        }

        // The trailers, which the client ignores.
        while (true)
        {
            int end = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (end < 0)
            {
                return null;
            }

            longest = Math.Max(longest, end - at);
            bool isLast = end == at;
            at = end + 2;
            if (isLast)
            {
                return body.ToArray();
            }
        }
    }

    [GeneratedRegex(@"^HTTP/1\.[0-9] (?<code>[1-9][0-9]{2})( [^\0\r\n]*)?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"^[^\0\r\n\t :]+:[^\0\r\n]*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HeaderLine();

    [GeneratedRegex(@"^[-0-9A-Za-z]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();

    [GeneratedRegex(@"^[0-9]+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"^(?<size>[0-9A-Fa-f]+)[\t ]*(;.*)?\z", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex ChunkSize();
}

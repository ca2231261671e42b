using System.Buffers.Text;
using System.Text;

namespace Photos.Net;

// Strategy: a head is checked once and stays bytes. A lookup scans its lines again: there are about ten and callers look up a
// few, so a dictionary would cost more than it saves. A head that another parser might read differently is refused, not
// repaired: if the end of a response is ambiguous, so is the start of the next one on the connection.

/// <summary>The head of a response (RFC 9112, 4 and 5): the status line and the header fields.</summary>
/// <param name="lines">The lines, each with its CRLF, without the empty line that ends the head.</param>
internal readonly ref struct ResponseHead(ReadOnlySpan<byte> lines)
{
    private readonly ReadOnlySpan<byte> _lines = lines;

    /// <summary>Checks every line. Call this before the other members.</summary>
    /// <returns>The status code, at least 100.</returns>
    /// <exception cref="IOException">The head is not valid.</exception>
    public int Check()
    {
        // "HTTP/1.1 200 OK": RFC 9112, 4.
        if (_lines.Length < 14
            || !_lines.StartsWith("HTTP/1."u8)
            || !char.IsAsciiDigit((char)_lines[7])
            || _lines[8] != ' '
            || !Utf8Parser.TryParse(_lines.Slice(9, 3), out uint status, out int used)
            || used != 3
            || status < 100
            || _lines[12] is not ((byte)' ' or (byte)'\r'))
        {
            throw Invalid();
        }

        // Parsers disagree on a bare CR, LF or NUL (RFC 9110, 5.5), on a space before the colon and on a folded line
        // (RFC 9112, 5.1 and 5.2).
        ReadOnlySpan<byte> rest = _lines;
        for (bool isField = false; !rest.IsEmpty; isField = true)
        {
            ReadOnlySpan<byte> line = TakeLine(ref rest);
            int colon = line.IndexOf((byte)':');
            if (line.IndexOfAny((byte)'\r', (byte)'\n', (byte)'\0') >= 0
                || (isField && (colon <= 0 || line[..colon].IndexOfAny((byte)' ', (byte)'\t') >= 0)))
            {
                throw Invalid();
            }
        }

        return (int)status;
    }

    /// <summary>The trimmed value of the first field of that name; empty if there is none.</summary>
    /// <param name="name">In lower case. Case does not matter in the head (RFC 9110, 5.1).</param>
    public ReadOnlySpan<byte> Field(scoped ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = _lines;
        return TryTakeField(ref rest, name, out ReadOnlySpan<byte> value) ? value : default;
    }

    /// <summary>Whether a field of that name contains the token in its comma-separated list.</summary>
    public bool HasToken(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> token)
    {
        ReadOnlySpan<byte> rest = _lines;
        while (TryTakeField(ref rest, name, out ReadOnlySpan<byte> value))
        {
            foreach (Range part in value.Split((byte)','))
            {
                if (Ascii.EqualsIgnoreCase(value[part].Trim(" \t"u8), token))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether the body is chunked. Requests accept no other transfer coding.</summary>
    /// <exception cref="IOException">The body has another coding.</exception>
    public bool IsChunked()
    {
        ReadOnlySpan<byte> rest = _lines;
        if (!TryTakeField(ref rest, "transfer-encoding"u8, out ReadOnlySpan<byte> coding))
        {
            return false;
        }

        return Ascii.EqualsIgnoreCase(coding, "chunked"u8) && !TryTakeField(ref rest, "transfer-encoding"u8, out _)
            ? true
            : throw new IOException("The peer sent a Transfer-Encoding other than chunked.");
    }

    /// <summary>The body's length in bytes; <see langword="null"/> if there is no such field.</summary>
    /// <exception cref="IOException">The value is not a length, or the field is repeated, even with the same value.</exception>
    public int? ContentLength()
    {
        ReadOnlySpan<byte> rest = _lines;
        if (!TryTakeField(ref rest, "content-length"u8, out ReadOnlySpan<byte> length))
        {
            return null;
        }

        return Utf8Parser.TryParse(length, out uint count, out int used) && used == length.Length && count <= int.MaxValue
            && !TryTakeField(ref rest, "content-length"u8, out _)
            ? (int)count
            : throw new IOException("The peer sent an invalid or repeated Content-Length.");
    }

    /// <summary>Takes lines up to and including the first field of that name.</summary>
    /// <remarks>The status line does not match, because it contains a space and names do not.</remarks>
    private static bool TryTakeField(
        scoped ref ReadOnlySpan<byte> rest, scoped ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<byte> line = TakeLine(ref rest);
            if (line.Length > name.Length
                && line[name.Length] == ':'
                && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                value = line[(name.Length + 1)..].Trim(" \t"u8);
                return true;
            }
        }

        value = default;
        return false;
    }

    private static ReadOnlySpan<byte> TakeLine(scoped ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf("\r\n"u8);
        ReadOnlySpan<byte> line = rest[..end];
        rest = rest[(end + 2)..];
        return line;
    }

    private static IOException Invalid() => new("The peer sent a response that is not valid HTTP/1.1.");
}

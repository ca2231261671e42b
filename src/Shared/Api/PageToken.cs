using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Photos.Album;

namespace Photos.Api;

/// <summary>
/// The opaque <c>next</c> of a page: the last photo's id and a checksum over it and the user. The checksum detects a token
/// that was altered or belongs to another user. It is not a security boundary: a page's partition key is always the caller's.
/// </summary>
public static class PageToken
{
    private const int IdBytes = 16;
    private const int ChecksumBytes = 8;

    /// <summary>The token that continues after <paramref name="last"/>.</summary>
    public static string Create(UserId user, PhotoId last)
    {
        Span<byte> token = stackalloc byte[IdBytes + ChecksumBytes];
        Guid.ParseExact(last.Value, "D").TryWriteBytes(token, bigEndian: true, out _);
        WriteChecksum(user, token[..IdBytes], token[IdBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The photo that the page follows.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: the token was altered or belongs to another user.</exception>
    public static PhotoId Open(UserId user, string token)
    {
        // 24 bytes fill 32 characters exactly, so each token has one text.
        Span<byte> bytes = stackalloc byte[IdBytes + ChecksumBytes];
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        if (token.Length == Base64Url.GetEncodedLength(bytes.Length)
            && Base64Url.DecodeFromChars(token, bytes, out _, out int written) == OperationStatus.Done
            && written == bytes.Length)
        {
            WriteChecksum(user, bytes[..IdBytes], checksum);
            if (checksum.SequenceEqual(bytes[IdBytes..])
                && PhotoId.TryParse(new Guid(bytes[..IdBytes], bigEndian: true).ToString(), out PhotoId last))
            {
                return last;
            }
        }

        throw new PhotoException(PhotoFault.InvalidField, "next is not a valid page token for this album. Send it exactly as the previous page returned it, or omit it to start with the newest photo.");
    }

    private static void WriteChecksum(UserId user, ReadOnlySpan<byte> id, Span<byte> checksum)
    {
        Span<byte> text = stackalloc byte[IdBytes + 3 * 128];
        id.CopyTo(text);
        int length = IdBytes + Encoding.UTF8.GetBytes(user.Value, text[IdBytes..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        hash[..ChecksumBytes].CopyTo(checksum);
    }
}

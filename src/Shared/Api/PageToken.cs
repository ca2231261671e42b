using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Photos.Album;
using Photos.Net;

namespace Photos.Api;

/// <summary>
/// The opaque <c>next</c> of a page: the place of the last photo and a checksum over it and the user. The checksum detects a token
/// that was altered or belongs to another user. It is not a security boundary: a page's partition key is always the caller's.
/// </summary>
/// <remarks>The length of a token tells its order. Each fills its characters exactly, so each has one text.</remarks>
public static class PageToken
{
    private const int IdBytes = 16;
    private const int TimeBytes = sizeof(long);
    private const int UploadedBytes = IdBytes + 8;
    private const int TakenBytes = IdBytes + TimeBytes + 9;

    /// <summary>The token that continues after <paramref name="last"/>.</summary>
    public static string Create(UserId user, PhotoPosition last)
    {
        Span<byte> token = stackalloc byte[TakenBytes];
        Guid.ParseExact(last.Id.Value, "D").TryWriteBytes(token, bigEndian: true, out _);
        int length = IdBytes;
        if (last.TakenUtc is string taken)
        {
            if (!PhotoRules.TryParseDate(taken, out DateTimeOffset time))
            {
                throw new ArgumentException("The time is not in the format of photos.", nameof(last));
            }

            BinaryPrimitives.WriteInt64BigEndian(token[IdBytes..], time.ToUnixTimeMilliseconds());
            length += TimeBytes;
        }
        else
        {
            token = token[..UploadedBytes];
        }

        WriteChecksum(user, token[..length], token[length..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The place that the page follows.</summary>
    /// <exception cref="PhotoException">
    /// <see cref="PhotoFault.InvalidField"/>: the token was altered, belongs to another user, or is of another order.
    /// </exception>
    public static PhotoPosition Open(UserId user, PhotoOrder order, string token)
    {
        bool isByTaken = order == PhotoOrder.Taken;
        Span<byte> bytes = stackalloc byte[TakenBytes];
        bytes = isByTaken ? bytes : bytes[..UploadedBytes];
        if (token.Length == Base64Url.GetEncodedLength(bytes.Length)
            && Base64Url.DecodeFromChars(token, bytes, out _, out int written) == OperationStatus.Done
            && written == bytes.Length)
        {
            int length = isByTaken ? IdBytes + TimeBytes : IdBytes;
            Span<byte> checksum = stackalloc byte[TakenBytes];
            checksum = checksum[length..bytes.Length];
            WriteChecksum(user, bytes[..length], checksum);
            if (checksum.SequenceEqual(bytes[length..])
                && PhotoId.TryParse(new Guid(bytes[..IdBytes], bigEndian: true).ToString(), out PhotoId last)
                && TimeOf(bytes[IdBytes..length], out string? takenUtc))
            {
                return new PhotoPosition(last, takenUtc);
            }
        }

        throw new PhotoException(PhotoFault.InvalidField, "next is not a valid page token for this album in this order. Send it exactly as the previous page returned it, with the same order, or omit it to start with the newest photo.");
    }

    private static bool TimeOf(ReadOnlySpan<byte> bytes, out string? takenUtc)
    {
        takenUtc = null;
        if (bytes.IsEmpty)
        {
            return true;
        }

        long milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        takenUtc = PhotoRules.FormatDate(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
        return true;
    }

    private static void WriteChecksum(UserId user, ReadOnlySpan<byte> position, Span<byte> checksum)
    {
        Span<byte> text = stackalloc byte[IdBytes + TimeBytes + 3 * 128];
        position.CopyTo(text);
        int length = position.Length + Encoding.UTF8.GetBytes(user.Value, text[position.Length..]);
        Span<byte> hash = stackalloc byte[Sha256.Size];
        Sha256.Hash(text[..length], hash);
        hash[..checksum.Length].CopyTo(checksum);
    }
}

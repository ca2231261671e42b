using System.Buffers;
using System.Globalization;
using System.Text;

namespace Album.Photos;

/// <summary>What makes a photo valid.</summary>
public static class PhotoRules
{
    /// <summary>The longest name, in Unicode code points.</summary>
    public const int MaxNameLength = 255;

    /// <summary>The media types a photo may have.</summary>
    public static readonly string[] ContentTypes =
        ["image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif"];

    /// <summary>Gives the name back when it is one.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/></exception>
    public static string CheckName(string? name)
    {
        string? problem = name switch
        {
            null or "" => "is missing",
            _ when CountCodePoints(name) is null => "has half of a surrogate pair",
            _ when CountCodePoints(name) > MaxNameLength => $"is longer than {MaxNameLength} characters",
            _ when name.Any(char.IsControl) => "has a control character",
            _ when name.AsSpan().ContainsAny('/', '\\') => "has a slash or a backslash",
            _ => null,
        };
        return problem is null
            ? name!
            : throw new PhotoException(
                PhotoFault.InvalidField,
                $"name {problem}. Send 1 to {MaxNameLength} characters without control characters, / and \\.");
    }

    /// <summary>Gives the media type in lower case when a photo may have it.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>, <see cref="PhotoFault.UnsupportedType"/></exception>
    public static string CheckContentType(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            throw new PhotoException(PhotoFault.InvalidField, $"contentType is missing. Send one of {string.Join(", ", ContentTypes)}.");
        }

        // Media types are case-insensitive (RFC 9110, 8.3.1).
        return Array.Find(ContentTypes, type => type.Equals(contentType, StringComparison.OrdinalIgnoreCase))
            ?? throw new PhotoException(PhotoFault.UnsupportedType, $"contentType is not supported. Send one of {string.Join(", ", ContentTypes)}.");
    }

    /// <summary>Gives the size back when a photo may have it.</summary>
    /// <param name="size">In bytes.</param>
    /// <param name="maxBytes">The most a photo may have.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>, <see cref="PhotoFault.TooLarge"/></exception>
    public static long CheckSize(long? size, long maxBytes) => size switch
    {
        null => throw new PhotoException(PhotoFault.InvalidField, $"size is missing. Send the photo's size in bytes, 1 to {maxBytes}."),
        < 1 => throw new PhotoException(PhotoFault.InvalidField, $"size is below 1. Send the photo's size in bytes, 1 to {maxBytes}."),
        long bytes when bytes > maxBytes => throw new PhotoException(PhotoFault.TooLarge, $"size is over the {maxBytes} bytes that a photo may have. Send a smaller photo."),
        long bytes => bytes,
    };

    /// <summary>A moment as photos carry it: ISO 8601, UTC, milliseconds.</summary>
    public static string FormatDate(DateTimeOffset date) =>
        date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static int? CountCodePoints(string text)
    {
        int count = 0;
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty; count++)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out int used) != OperationStatus.Done)
            {
                return null;
            }

            rest = rest[used..];
        }

        return count;
    }
}

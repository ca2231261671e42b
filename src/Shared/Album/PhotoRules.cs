using System.Buffers;
using System.Globalization;
using System.Text;

namespace Photos.Album;

/// <summary>The rules for a valid photo.</summary>
public static class PhotoRules
{
    /// <summary>The longest name, in Unicode code points.</summary>
    public const int MaxNameLength = 255;

    /// <summary>The media types a photo may have.</summary>
    public static readonly string[] ContentTypes =
        ["image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif"];

    private const string DateFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // RFC 3339, 5.6. A fraction may be absent.
    private static readonly string[] s_timeFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    /// <summary>Returns the name if it is valid.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/></exception>
    public static string CheckName(string? name)
    {
        string? problem = name switch
        {
            null or "" => "is missing",
            _ when CountCodePoints(name) is null => "has an unpaired surrogate",
            _ when CountCodePoints(name) > MaxNameLength => $"is longer than {MaxNameLength} characters",
            _ when name.Any(char.IsControl) => "has a control character",
            _ when HasBidirectionalControl(name) => "has a bidirectional control character",
            _ when name.AsSpan().ContainsAny('/', '\\') => "has a slash or a backslash",
            _ => null,
        };
        return problem is null
            ? name!
            : throw new PhotoException(
                PhotoFault.InvalidField,
                $"name {problem}. Send 1 to {MaxNameLength} characters without control characters, / and \\.");
    }

    /// <summary>Returns the media type in its standard form, in lower case, if a photo may have it.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>, <see cref="PhotoFault.UnsupportedType"/></exception>
    public static string CheckContentType(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            throw new PhotoException(PhotoFault.InvalidField, $"contentType is missing. Send one of {string.Join(", ", ContentTypes)}.");
        }

        // Browsers and phones send these for JPEG and HEIC. Media types are case-insensitive (RFC 9110, 8.3.1).
        string standard = contentType.ToLowerInvariant() switch
        {
            "image/jpg" or "image/pjpeg" => "image/jpeg",
            "image/heif" => "image/heic",
            string other => other,
        };
        return Array.Find(ContentTypes, type => type == standard)
            ?? throw new PhotoException(PhotoFault.UnsupportedType, $"contentType is not supported. Send one of {string.Join(", ", ContentTypes)}.");
    }

    /// <summary>Returns the size if a photo may have it.</summary>
    /// <param name="size">In bytes.</param>
    /// <param name="maxBytes">The largest allowed size, in bytes.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>, <see cref="PhotoFault.TooLarge"/></exception>
    public static long CheckSize(long? size, long maxBytes) => size switch
    {
        null => throw new PhotoException(PhotoFault.InvalidField, $"size is missing. Send the photo's size in bytes, 1 to {maxBytes}."),
        < 1 => throw new PhotoException(PhotoFault.InvalidField, $"size is below 1. Send the photo's size in bytes, 1 to {maxBytes}."),
        long bytes when bytes > maxBytes => throw new PhotoException(PhotoFault.TooLarge, $"size is larger than the {maxBytes} bytes allowed. Send a smaller photo."),
        long bytes => bytes,
    };

    /// <summary>A time in the format of photos: ISO 8601, UTC, milliseconds.</summary>
    public static string FormatDate(DateTimeOffset date) => date.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture);

    /// <summary>Reads a time in the format of photos, and in no other.</summary>
    public static bool TryParseDate(string text, out DateTimeOffset date) =>
        DateTimeOffset.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date);

    /// <summary>Reads a date, which begins at midnight UTC, or a date and time with its offset, with at most seven digits of a second's fraction.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="text">What the client sent.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: it is not one of RFC 3339.</exception>
    public static DateTimeOffset ParseTime(string name, string text) =>
        DateTimeOffset.TryParseExact(
            text.ToUpperInvariant(), s_timeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw new PhotoException(
                PhotoFault.InvalidField,
                $"{name} must be an RFC 3339 date or time such as 2024-05-01, 2024-05-01T12:34:56Z or 2024-05-01T12:34:56+02:00. In a URL, encode + as %2B.");

    /// <summary>
    /// Embeddings, overrides and isolates reorder the text around them, so that one name shows as another: "a", U+202E, "gpj.exe" shows as
    /// "aexe.jpg". Marks such as U+200F do not, and names in right-to-left scripts have them.
    /// </summary>
    /// <remarks>https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters</remarks>
    private static bool HasBidirectionalControl(string name) =>
        name.AsSpan().ContainsAnyInRange('\u202a', '\u202e') || name.AsSpan().ContainsAnyInRange('\u2066', '\u2069');

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

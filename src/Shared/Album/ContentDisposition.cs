using System.Text;
using Photos.Aws;

namespace Photos.Album;

/// <summary>The name under which a downloaded photo is saved.</summary>
internal static class ContentDisposition
{
    /// <summary>The longest name of a file in most file systems, in bytes of UTF-8.</summary>
    private const int MaxNameBytes = 255;

    /// <summary>The value of a <c>Content-Disposition</c> header (RFC 6266) with the name in ASCII, and in UTF-8 (RFC 8187).</summary>
    public static string Attachment(Photo photo)
    {
        string name = FileName(photo.Name, photo.ContentType);
        var ascii = new StringBuilder(name.Length);
        foreach (Rune rune in name.EnumerateRunes())
        {
            // RFC 6266, appendix D: a quote, a backslash or a percent sign is not understood by every client.
            ascii.Append(rune is { IsAscii: true, Value: not ('"' or '\\' or '%') } && !Rune.IsControl(rune) ? (char)rune.Value : '_');
        }

        return $"attachment; filename=\"{ascii}\"; filename*=UTF-8''{SigV4.Encode(name)}";
    }

    /// <summary>
    /// The photo's name. Without an extension of the content type, systems cannot tell what the file is, or run it: then one is added. A
    /// name that is too long for a file is cut before its extension.
    /// </summary>
    public static string FileName(string name, string contentType)
    {
        string[] extensions = Extensions(contentType);
        string? own = Array.Find(extensions, extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) && name.Length > extension.Length);
        string extension = own is null ? extensions.FirstOrDefault("") : name[^own.Length..];
        string stem = own is null ? name : name[..^own.Length];

        int length = 0;
        int bytes = extension.Length;
        foreach (Rune rune in stem.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxNameBytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return stem[..length] + extension;
    }

    /// <summary>The extensions of a content type, the usual one first.</summary>
    private static string[] Extensions(string contentType) => contentType switch
    {
        "image/jpeg" => [".jpg", ".jpeg", ".jpe", ".jfif"],
        "image/png" => [".png"],
        "image/gif" => [".gif"],
        "image/webp" => [".webp"],
        "image/heic" => [".heic", ".heif", ".hif"],
        "image/avif" => [".avif"],
        _ => [],
    };
}

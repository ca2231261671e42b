using System.Globalization;

namespace Photos.Album;

/// <summary>
/// A photo's id: a UUIDv7 (RFC 9562, 5.7) in lower case. Its first 48 bits are its creation time, so ids sort by age.
/// </summary>
public readonly record struct PhotoId
{
    private const int TextLength = 36;

    private PhotoId(string value) => Value = value;

    /// <summary>The canonical text, 36 characters.</summary>
    public string Value { get; }

    /// <summary>A new id for <paramref name="now"/>.</summary>
    public static PhotoId Create(DateTimeOffset now) => new(Guid.CreateVersion7(now).ToString());

    /// <summary>The time at which the id was created, with milliseconds.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(
        (long.Parse(Value.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) << 16)
        | long.Parse(Value.AsSpan(9, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    /// <summary>The text that ids of this time and later sort after, and earlier ones before.</summary>
    public static string PrefixOf(DateTimeOffset time)
    {
        long milliseconds = Math.Max(0, time.ToUnixTimeMilliseconds());
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds >> 16:x8}-{milliseconds & 0xffff:x4}");
    }

    /// <summary>Reads an id in either case.</summary>
    /// <param name="text">What the client sent.</param>
    /// <param name="field">The field that it is in, for the message.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/>: it is not a UUIDv7.</exception>
    public static PhotoId Parse(string? text, string field = "id") =>
        TryParse(text, out PhotoId id)
            ? id
            : throw new PhotoException(PhotoFault.InvalidField, $"{field} must be a UUIDv7 such as 0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a.");

    /// <summary>Reads an id in either case.</summary>
    public static bool TryParse(string? text, out PhotoId id)
    {
        // Guid also accepts "+" and "0x" in its parts, so the canonical text is compared too.
        bool valid = text?.Length == TextLength
            && Guid.TryParseExact(text, "D", out Guid guid)
            && guid.Version == 7
            && guid.Variant is >= 8 and <= 11
            && guid.ToString().Equals(text, StringComparison.OrdinalIgnoreCase);
        id = valid ? new PhotoId(text!.ToLowerInvariant()) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}

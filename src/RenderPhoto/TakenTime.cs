using System.Globalization;

namespace Photos.RenderPhoto;

/// <summary>The time at which a picture was taken.</summary>
internal static class TakenTime
{
    /// <summary>Reads a <see cref="Photos.Album.Picture.Taken"/>, which is taken to be UTC if it has no offset.</summary>
    /// <returns><see langword="null"/> if it is absent or not a time.</returns>
    public static DateTimeOffset? InUtc(string? taken) =>
        DateTimeOffset.TryParseExact(
            taken, ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:sszzz"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time.ToUniversalTime()
            : null;
}

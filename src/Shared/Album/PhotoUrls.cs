using System.Globalization;
using Photos.Aws;

namespace Photos.Album;

/// <summary>
/// The presigned URLs by which clients reach the bucket directly. Not thread-safe, like the table and the bucket: a process
/// handles one invocation at a time.
/// </summary>
public sealed class PhotoUrls
{
    /// <summary>How long a URL is valid.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly UrlSigner _signer;
    private readonly string _pathPrefix;
    private readonly SigningState _signing;
    private readonly TimeProvider _clock;

    /// <summary>Signs for the bucket of <paramref name="settings"/> with its credentials.</summary>
    public PhotoUrls(AlbumSettings settings, TimeProvider clock)
    {
        (Uri origin, _pathPrefix) = PhotoBucket.Locate(settings);
        _signer = new UrlSigner(origin, settings.Aws);
        _signing = settings.Aws.Signing;
        _clock = clock;
    }

    private DateTimeOffset Now => _clock.GetUtcNow() + _signing.ClockOffset;

    /// <summary>A URL that downloads the photo's object.</summary>
    public string Download(UserId user, PhotoId id) => Sign("GET", user, id, []);

    /// <summary>A grant to upload one object of exactly this type and size, never over another object.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The new photo's id.</param>
    /// <param name="contentType">The media type.</param>
    /// <param name="size">The exact size in bytes.</param>
    public UploadGrant Upload(UserId user, PhotoId id, string contentType, long size)
    {
        // In alphabetical order, as the signature requires.
        KeyValuePair<string, string>[] headers =
        [
            new("Content-Length", size.ToString(CultureInfo.InvariantCulture)),
            new("Content-Type", contentType),
            new("If-None-Match", "*"),
        ];
        string expires = PhotoRules.FormatDate(Now + Lifetime);
        return new UploadGrant("PUT", Sign("PUT", user, id, headers), new Dictionary<string, string>(headers), expires);
    }

    private string Sign(string method, UserId user, PhotoId id, ReadOnlySpan<KeyValuePair<string, string>> headers) =>
        _signer.Sign(method, _pathPrefix + PhotoBucket.Key(user, id), headers, Now, Lifetime);
}

/// <summary>A grant to upload one object.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">The presigned URL.</param>
/// <param name="Headers">The headers to send, exactly; they are part of the signature.</param>
/// <param name="Expires">When the grant expires, ISO 8601 UTC.</param>
public sealed record UploadGrant(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string Expires);

using System.Globalization;
using Photos.Aws;

namespace Photos.Album;

/// <summary>
/// The presigned URLs by which clients reach the bucket directly. Not thread-safe, like the table and the bucket: a process
/// handles one invocation at a time.
/// </summary>
/// <remarks>
/// The URLs of downloads are signed with the start of a window of time, so that within it a process gives the same URL again, and a
/// client finds the picture in its cache.
/// </remarks>
public sealed class PhotoUrls
{
    /// <summary>How long the URL of an upload is valid.</summary>
    public static readonly TimeSpan UploadLifetime = TimeSpan.FromMinutes(15);

    /// <summary>How long the URL of a download stays the same.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>How long the URL of a download is valid from the start of its window: at least 15 minutes when a client receives it.</summary>
    public static readonly TimeSpan DownloadLifetime = 2 * Window;

    // The bytes of an id never change. A rendition's object has the same header.
    private static readonly string s_cacheControl = $"&response-cache-control={SigV4.Encode("private, max-age=31536000, immutable")}";

    private readonly UrlSigner _signer;
    private readonly string _pathPrefix;
    private readonly SigningState _signing;
    private readonly TimeProvider _clock;

    /// <summary>Signs for the bucket of <paramref name="settings"/> with its credentials.</summary>
    public PhotoUrls(AlbumSettings settings, TimeProvider clock)
    {
        (ServiceEndpoint origin, _pathPrefix) = PhotoBucket.Locate(settings);
        _signer = new UrlSigner(origin, settings.Aws);
        _signing = settings.Aws.Signing;
        _clock = clock;
    }

    private DateTimeOffset Now => _clock.GetUtcNow() + _signing.ClockOffset;

    /// <summary>A URL of the photo's object, which clients may cache.</summary>
    public string Original(UserId user, PhotoId id) => Download(PhotoBucket.Key(user, id), s_cacheControl);

    /// <summary>A URL of a rendition.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The photo's id.</param>
    /// <param name="rendition"><see cref="PhotoBucket.Thumbnail"/> or <see cref="PhotoBucket.Preview"/>.</param>
    public string Rendition(UserId user, PhotoId id, string rendition) => Download(PhotoBucket.RenditionKey(user, id, rendition), "");

    /// <summary>A URL that saves the photo's object under the photo's name.</summary>
    public string Attachment(UserId user, Photo photo) => Download(
        PhotoBucket.Key(user, photo.Id), $"&response-content-disposition={SigV4.Encode(ContentDisposition.Attachment(photo))}");

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
        DateTimeOffset now = Now;
        string url = _signer.Sign("PUT", _pathPrefix + PhotoBucket.Key(user, id), headers, now, UploadLifetime);
        return new UploadGrant("PUT", url, new Dictionary<string, string>(headers), PhotoRules.FormatDate(now + UploadLifetime));
    }

    private string Download(string key, string responseHeaders)
    {
        DateTimeOffset now = Now;
        return _signer.Sign("GET", _pathPrefix + key, [], now.AddTicks(-(now.UtcTicks % Window.Ticks)), DownloadLifetime, responseHeaders);
    }
}

/// <summary>A grant to upload one object.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">The presigned URL.</param>
/// <param name="Headers">The headers to send, exactly; they are part of the signature.</param>
/// <param name="Expires">When the grant expires, ISO 8601 UTC.</param>
public sealed record UploadGrant(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string Expires);

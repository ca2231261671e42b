using System.Globalization;
using Album.Photos;

namespace Album.Storage;

/// <summary>
/// The presigned URLs by which clients reach the bucket without passing through a function. As with the table and the bucket,
/// one caller at a time: a process has one invocation at a time.
/// </summary>
public sealed class PhotoUrls
{
    /// <summary>How long a URL is good for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>The tag of an upload without metadata. The bucket's lifecycle expires what carries it.</summary>
    public const string UnfinishedTag = "photos-upload=unfinished";

    private readonly UrlSigner _signer;
    private readonly string _pathPrefix;
    private readonly TimeProvider _clock;

    /// <summary>Signs for the bucket of <paramref name="settings"/> with its credentials.</summary>
    public PhotoUrls(StorageSettings settings, TimeProvider clock)
    {
        (Uri origin, _pathPrefix) = PhotoBucket.Locate(settings);
        _signer = new UrlSigner(origin, settings);
        _clock = clock;
    }

    /// <summary>A URL that gets the photo's object.</summary>
    public string Download(UserId user, PhotoId id) => Sign("GET", user, id, []);

    /// <summary>A grant to upload one object: that type, that size, and never over another object.</summary>
    /// <param name="user">Whose album.</param>
    /// <param name="id">The photo to be.</param>
    /// <param name="contentType">The media type.</param>
    /// <param name="size">The exact size in bytes.</param>
    public UploadGrant Upload(UserId user, PhotoId id, string contentType, long size)
    {
        // In the alphabetical order that the signature wants.
        KeyValuePair<string, string>[] headers =
        [
            new("Content-Length", size.ToString(CultureInfo.InvariantCulture)),
            new("Content-Type", contentType),
            new("If-None-Match", "*"),
            new("x-amz-tagging", UnfinishedTag),
        ];
        string expires = PhotoRules.FormatDate(_clock.GetUtcNow() + Lifetime);
        return new UploadGrant("PUT", Sign("PUT", user, id, headers), new Dictionary<string, string>(headers), expires);
    }

    private string Sign(string method, UserId user, PhotoId id, ReadOnlySpan<KeyValuePair<string, string>> headers) =>
        _signer.Sign(method, _pathPrefix + PhotoBucket.Key(user, id), headers, _clock.GetUtcNow(), Lifetime);
}

/// <summary>A grant to upload one object.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">The presigned URL.</param>
/// <param name="Headers">The headers to send, exactly; they are part of the signature.</param>
/// <param name="Expires">When the grant ends, ISO 8601 UTC.</param>
public sealed record UploadGrant(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string Expires);

using System.Globalization;
using Amazon.S3;
using Amazon.S3.Model;

namespace Photos.Album;

/// <summary>The URLs that the SDK's client presigns.</summary>
public sealed class PhotoUrls(AlbumSettings settings, TimeProvider clock)
{
    /// <summary>How long the URL of an upload is valid.</summary>
    public static readonly TimeSpan UploadLifetime = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_downloadLifetime = TimeSpan.FromMinutes(30);

    private readonly AmazonS3Client _client = PhotoBucket.Client();

    /// <summary>A URL of the photo's object.</summary>
    public string Original(UserId user, PhotoId id)
    {
        GetPreSignedUrlRequest request = Request(HttpVerb.GET, PhotoBucket.Key(user, id), s_downloadLifetime);
        request.ResponseHeaderOverrides.CacheControl = "private, max-age=31536000, immutable";
        return _client.GetPreSignedURL(request);
    }

    /// <summary>A URL of a rendition.</summary>
    public string Rendition(UserId user, PhotoId id, string rendition) =>
        _client.GetPreSignedURL(Request(HttpVerb.GET, $"renditions/{user.Value}/{id.Value}/{rendition}", s_downloadLifetime));

    /// <summary>A URL that saves the photo's object under the photo's name.</summary>
    public string Attachment(UserId user, Photo photo)
    {
        GetPreSignedUrlRequest request = Request(HttpVerb.GET, PhotoBucket.Key(user, photo.Id), s_downloadLifetime);
        request.ResponseHeaderOverrides.ContentDisposition = ContentDisposition.Attachment(photo);
        return _client.GetPreSignedURL(request);
    }

    /// <summary>A grant to upload one object.</summary>
    public UploadGrant Upload(UserId user, PhotoId id, string contentType, long size)
    {
        GetPreSignedUrlRequest request = Request(HttpVerb.PUT, PhotoBucket.Key(user, id), UploadLifetime);
        request.ContentType = contentType;
        request.Headers.ContentLength = size;
        request.Headers["If-None-Match"] = "*";
        var headers = new Dictionary<string, string>
        {
            ["Content-Length"] = size.ToString(CultureInfo.InvariantCulture),
            ["Content-Type"] = contentType,
            ["If-None-Match"] = "*",
        };
        return new UploadGrant("PUT", _client.GetPreSignedURL(request), headers, PhotoRules.FormatDate(clock.GetUtcNow() + UploadLifetime));
    }

    private GetPreSignedUrlRequest Request(HttpVerb verb, string key, TimeSpan lifetime) => new()
    {
        BucketName = settings.Bucket,
        Key = key,
        Verb = verb,
        Expires = clock.GetUtcNow().UtcDateTime + lifetime,
    };
}

/// <summary>A grant to upload one object.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">The presigned URL.</param>
/// <param name="Headers">The headers to send.</param>
/// <param name="Expires">When the grant expires, ISO 8601 UTC.</param>
public sealed record UploadGrant(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string Expires);

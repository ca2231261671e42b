using Amazon.S3;
using Amazon.S3.Model;

namespace Photos.Album;

/// <summary>The bucket through the SDK's client.</summary>
public sealed class PhotoBucket(AlbumSettings settings) : IUploads, IObjectDeleter
{
    /// <summary>The rendition that fits 512 × 512 pixels.</summary>
    public const string Thumbnail = "thumbnail";

    /// <summary>The rendition that fits 2048 × 2048 pixels.</summary>
    public const string Preview = "preview";

    private readonly AmazonS3Client _client = Client();

    /// <summary>A client that reads its settings from the environment. The benchmark's stand-in has buckets in the path.</summary>
    internal static AmazonS3Client Client() => new(new AmazonS3Config { ForcePathStyle = true });

    /// <summary>The key of a photo's object.</summary>
    public static string Key(UserId user, PhotoId id) => $"private/{user.Value}/{id.Value}";

    /// <inheritdoc/>
    public UploadedObject? Find(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        GetObjectMetadataResponse head = _client.GetObjectMetadataAsync(settings.Bucket, Key(user, id), cancellationToken).GetAwaiter().GetResult();
        return new UploadedObject(head.ContentLength, head.Headers.ContentType);
    }

    /// <inheritdoc/>
    public void Delete(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        _client.DeleteObjectAsync(settings.Bucket, Key(user, id), cancellationToken).GetAwaiter().GetResult();

    /// <summary>Looks for an object that does not exist.</summary>
    public void WarmUp(PhotoId none, CancellationToken cancellationToken) => Find(UserId.WarmUp, none, cancellationToken);
}

using System.Globalization;
using System.Text;
using Photos.Aws;

namespace Photos.Album;

/// <summary>The bucket of objects. Its requests have no bodies to marshal, so it does not use the SDK.</summary>
/// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html</remarks>
public sealed class PhotoBucket : IUploads, IObjectDeleter, IObjectSweeper
{
    /// <summary>The rendition that fits 512 × 512 pixels.</summary>
    public const string Thumbnail = "thumbnail";

    /// <summary>The rendition that fits 2048 × 2048 pixels.</summary>
    public const string Preview = "preview";

    private readonly AwsClient _client;
    private readonly string _pathPrefix;

    /// <summary>The bucket of <paramref name="settings"/>.</summary>
    public PhotoBucket(AlbumSettings settings)
    {
        (ServiceEndpoint origin, _pathPrefix) = Locate(settings);
        _client = AwsClient.Create("s3", origin, settings.Aws);
    }

    /// <summary>The key of a photo's object. The name is not part of it, so no name can lead out of the user's folder.</summary>
    public static string Key(UserId user, PhotoId id) => $"private/{user.Value}/{id.Value}";

    /// <summary>What the keys of a photo's renditions begin with.</summary>
    public static string RenditionPrefix(UserId user, PhotoId id) => $"renditions/{user.Value}/{id.Value}/";

    /// <summary>The key of a rendition's object.</summary>
    public static string RenditionKey(UserId user, PhotoId id, string rendition) => RenditionPrefix(user, id) + rendition;

    /// <summary>The bucket's origin, and what precedes a key in a URL's path.</summary>
    /// <remarks>Other engines address a bucket by path, AWS by host name.</remarks>
    internal static (ServiceEndpoint Origin, string PathPrefix) Locate(AlbumSettings settings) =>
        (AwsEndpoints.S3(settings.Aws, settings.Bucket), settings.Aws.S3Endpoint is null ? "/" : $"/{settings.Bucket}/");

    /// <inheritdoc/>
    public UploadedObject? Find(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        AwsResponse response = Send(new AwsRequest("HEAD", Path(user, id)), cancellationToken);
        return response.Status switch
        {
            200 => new UploadedObject(Size(response), response.Header("content-type"u8)),
            404 => Confirm(user, id, cancellationToken),
            _ => throw Refusal(response),
        };
    }

    /// <summary>
    /// Confirms that S3's 404 means the object. A missing bucket has the same status, and the response to HEAD has no body to tell them
    /// apart.
    /// </summary>
    /// <returns><see langword="null"/>: there is no object, or it was uploaded only now.</returns>
    private UploadedObject? Confirm(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        AwsResponse response = Send(new AwsRequest("GET", Path(user, id)) { Range = "bytes=0-0" }, cancellationToken);
        return response.IsSuccess || IsMissing(response) ? null : throw Refusal(response);
    }

    /// <inheritdoc/>
    public void Delete(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Delete(new AwsRequest("DELETE", Path(user, id)), cancellationToken);

    /// <inheritdoc/>
    public void Sweep(UserId user, PhotoId id, bool isRecoverable, CancellationToken cancellationToken)
    {
        string key = Key(user, id);
        foreach (ObjectVersion version in Versions(key, cancellationToken).Where(version => version.Key == key))
        {
            if (!isRecoverable)
            {
                Delete(version, cancellationToken);
            }
            else if (version is { IsLatest: true, IsDeleteMarker: false })
            {
                Delete(user, id, cancellationToken);
            }
        }

        DeleteRenditions(user, id, cancellationToken);
    }

    /// <summary>Deletes every version of the photo's renditions, which can be made again from the original.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    public void DeleteRenditions(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Versions(RenditionPrefix(user, id), cancellationToken).ForEach(version => Delete(version, cancellationToken));

    private void Delete(ObjectVersion version, CancellationToken cancellationToken) =>
        Delete(new AwsRequest("DELETE", Path(version.Key)) { Query = $"versionId={SigV4.Encode(version.VersionId)}" }, cancellationToken);

    private void Delete(AwsRequest request, CancellationToken cancellationToken)
    {
        AwsResponse response = Send(request, cancellationToken);
        if (!response.IsSuccess && !IsMissing(response))
        {
            throw Refusal(response);
        }
    }

    /// <summary>Warm-up: opens the connection by looking for an object that does not exist. Any response will do.</summary>
    public void WarmUp(PhotoId none, CancellationToken cancellationToken) =>
        _client.Send(new AwsRequest("HEAD", Path(UserId.WarmUp, none)), cancellationToken);

    /// <summary>The versions of the objects of one photo. An object that is uploaded once has few, so one page has them all.</summary>
    /// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html</remarks>
    private List<ObjectVersion> Versions(string prefix, CancellationToken cancellationToken)
    {
        string bucket = _pathPrefix.Length > 1 ? _pathPrefix[..^1] : _pathPrefix;
        var request = new AwsRequest("GET", bucket) { Query = $"prefix={SigV4.Encode(prefix)}&versions=" };
        AwsResponse response = Send(request, cancellationToken);
        return response.IsSuccess ? ObjectVersion.ReadAll(Encoding.UTF8.GetString(response.Body), prefix) : throw Refusal(response);
    }

    /// <summary>Whether the object or its version does not exist. Of a missing bucket, 404 is the status too.</summary>
    private static bool IsMissing(AwsResponse response) => response.Status == 404 && response.ErrorCode() is "NoSuchKey" or "NoSuchVersion";

    private string Path(UserId user, PhotoId id) => Path(Key(user, id));

    private string Path(string key) => SigV4.Encode(_pathPrefix + key, keepSlashes: true);

    private AwsResponse Send(AwsRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return _client.Send(request, cancellationToken);
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }

    private static long Size(AwsResponse response) =>
        long.TryParse(response.Header("content-length"u8), NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? size
            : throw StorageFault.From(new IOException("S3 responded to HEAD without the object's size."))!;

    private static Exception Refusal(AwsResponse response)
    {
        AwsException refusal = response.ToException();
        return StorageFault.From(refusal) ?? (Exception)refusal;
    }
}

using System.Globalization;
using System.Security.Cryptography;
using Album.Photos;

namespace Album.Storage;

/// <summary>The bucket of objects. Its three requests have no body to speak of, so no SDK's marshalling is needed.</summary>
/// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html</remarks>
public sealed class PhotoBucket : IUploadKeeper, IObjectDeleter
{
    private static readonly byte[] s_noTags = """<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet/></Tagging>"""u8.ToArray();
    private static readonly string s_noTagsChecksum = Convert.ToBase64String(SHA256.HashData(s_noTags));

    private readonly AwsClient _client;
    private readonly string _pathPrefix;

    /// <summary>The bucket of <paramref name="settings"/>.</summary>
    public PhotoBucket(StorageSettings settings)
    {
        (Uri origin, _pathPrefix) = Locate(settings);
        _client = AwsClient.Create("s3", origin, settings);
    }

    /// <summary>Where a photo's object lies. The name is no part of it, so no name can lead out of the user's folder.</summary>
    public static string Key(UserId user, PhotoId id) => $"private/{user.Value}/{id.Value}";

    /// <summary>The bucket's origin, and what comes before a key in a URL's path.</summary>
    internal static (Uri Origin, string PathPrefix) Locate(StorageSettings settings) => settings.S3Endpoint is Uri endpoint

        // Other engines know buckets by path; AWS wants them in the host name.
        ? (endpoint, $"/{settings.Bucket}/")
        : (new Uri($"https://{settings.Bucket}.s3.{settings.Region}.{settings.DnsSuffix}"), "/");

    /// <inheritdoc/>
    public UploadedObject? Find(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        AwsAnswer answer = Send(new AwsRequest("HEAD", Path(user, id)), cancellationToken);
        return answer.Status switch
        {
            200 => new UploadedObject(Size(answer), answer.Header("content-type"u8)),
            404 => null,
            _ => throw Refusal(answer),
        };
    }

    /// <inheritdoc/>
    public bool TryKeep(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new AwsRequest("PUT", Path(user, id))
        {
            Query = "tagging=",
            ContentType = "application/xml",
            Checksum = s_noTagsChecksum,
            Body = s_noTags,
        };
        AwsAnswer answer = Send(request, cancellationToken);

        // 405: the newest version is a delete marker.
        return answer.IsSuccess || (answer.Status is 404 or 405 ? false : throw Refusal(answer));
    }

    /// <inheritdoc/>
    public void Delete(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        AwsAnswer answer = Send(new AwsRequest("DELETE", Path(user, id)), cancellationToken);
        if (!answer.IsSuccess && answer.Status != 404)
        {
            throw Refusal(answer);
        }
    }

    /// <summary>Asks for an object that nobody has, and takes any answer: the connection is what matters.</summary>
    public void WarmUp(PhotoId none, CancellationToken cancellationToken) =>
        _client.Send(new AwsRequest("HEAD", Path(UserId.Nobody, none)), cancellationToken);

    private string Path(UserId user, PhotoId id) => UrlSigner.Encode(_pathPrefix + Key(user, id), keepSlashes: true);

    private AwsAnswer Send(AwsRequest request, CancellationToken cancellationToken)
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

    private static long Size(AwsAnswer answer) =>
        long.TryParse(answer.Header("content-length"u8), NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? size
            : throw StorageFault.From(new IOException("S3 sent an object's head without its size."))!;

    private static Exception Refusal(AwsAnswer answer)
    {
        AwsException refusal = answer.ToException();
        return StorageFault.From(refusal) ?? (Exception)refusal;
    }
}

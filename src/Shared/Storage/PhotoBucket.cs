using System.Net;
using Album.Photos;
using Amazon.S3;
using Amazon.S3.Model;

namespace Album.Storage;

/// <summary>The bucket of objects.</summary>
public sealed class PhotoBucket(StorageSettings settings) : IUploadKeeper, IObjectDeleter
{
    private readonly AmazonS3Client _client = AwsClients.S3(settings);

    /// <summary>Where a photo's object lies. The name is no part of it, so no name can lead out of the user's folder.</summary>
    public static string Key(UserId user, PhotoId id) => $"private/{user.Value}/{id.Value}";

    /// <inheritdoc/>
    public async Task<UploadedObject?> FindAsync(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetObjectMetadataRequest { BucketName = settings.Bucket, Key = Key(user, id) };
        try
        {
            GetObjectMetadataResponse response = await _client.GetObjectMetadataAsync(request, cancellationToken);
            return new UploadedObject(response.ContentLength, response.Headers.ContentType);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryKeepAsync(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new PutObjectTaggingRequest
        {
            BucketName = settings.Bucket,
            Key = Key(user, id),
            Tagging = new Tagging { TagSet = [] },
        };
        try
        {
            await _client.PutObjectTaggingAsync(request, cancellationToken);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
        {
            // 405: the newest version is a delete marker.
            return false;
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectRequest { BucketName = settings.Bucket, Key = Key(user, id) };
        try
        {
            await _client.DeleteObjectAsync(request, cancellationToken);
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }
}

using System.Net;
using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;

namespace Photos.Ops;

/// <summary>Compares the table with the bucket, page by page, while both are in use.</summary>
/// <param name="deployment">The table and the bucket.</param>
/// <param name="repairs">Whether to delete the objects that no item names and that are older than <see cref="RepairAge"/>.</param>
/// <param name="report">Receives each finding. It is called by several threads at once.</param>
internal sealed class BucketAudit(Deployment deployment, bool repairs, Action<Finding> report)
{
    /// <summary>
    /// The age of an object that is repaired. A grant lasts 7 days, time to live may be days late, and a discarded record can still
    /// be replayed.
    /// </summary>
    public static readonly TimeSpan RepairAge = TimeSpan.FromDays(10);

    private const string Prefix = "private/";
    private const string RenditionPrefix = "renditions/";

    // A page has 1,000 keys: those of this many photos, and the next one, which shows that these are complete.
    private const int PhotosPerList = 499;

    private static readonly string[] s_renditions = [PhotoBucket.Preview, PhotoBucket.Thumbnail];

    private static readonly ParallelOptions s_parallel = new() { MaxDegreeOfParallelism = 32 };

    private long _photos;
    private long _objects;
    private long _renditions;

    /// <summary>The listed photos so far.</summary>
    public long Photos => _photos;

    /// <summary>The objects so far.</summary>
    public long Objects => _objects;

    /// <summary>The renditions so far.</summary>
    public long Renditions => _renditions;

    /// <summary>Compares each listed photo with its object, each ready one with its renditions, then each of these with its item.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(PhotosAsync(rendered: null, cancellationToken), s_parallel, CheckPhotoAsync);
        await Parallel.ForEachAsync(ReadyPhotosAsync(cancellationToken), s_parallel, CheckRenditionsAsync);
        await Parallel.ForEachAsync(ObjectsAsync(Prefix), s_parallel, (stored, cancel) => CheckObjectAsync(stored.Key, cancel));
        await Parallel.ForEachAsync(ObjectsAsync(RenditionPrefix), s_parallel, CheckRenditionAsync);
    }

    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="after">The key after which the list begins; <see langword="null"/> for all.</param>
    private IAsyncEnumerable<S3Object> ObjectsAsync(string prefix, string? after = null) =>
        deployment.S3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = deployment.Bucket, Prefix = prefix, StartAfter = after }).S3Objects;

    /// <summary>The listed photos. An item that the scan returns late or early is read again before anything is reported.</summary>
    /// <param name="rendered">What the photos are rendered as; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    private async IAsyncEnumerable<(UserId User, PhotoId Id)> PhotosAsync(string? rendered, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ScanRequest
        {
            TableName = deployment.Table,
            FilterExpression = "attribute_not_exists(#state)",
            ProjectionExpression = $"{PhotoItem.User}, {PhotoItem.Id}",
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State },
        };
        if (rendered is not null)
        {
            request.FilterExpression += $" AND {PhotoItem.Rendered} = :rendered";
            request.ExpressionAttributeValues = new() { [":rendered"] = new AttributeValue(rendered) };
        }

        await foreach (ScanResponse page in deployment.DynamoDb.Paginators.Scan(request).Responses.WithCancellation(cancellationToken))
        {
            foreach (Dictionary<string, AttributeValue> key in page.Items ?? [])
            {
                // The functions skip an item whose key is not that of a photo, and an alarm reports it.
                if (UserId.TryParse(key[PhotoItem.User].S, out UserId user) && PhotoId.TryParse(key[PhotoItem.Id].S, out PhotoId id))
                {
                    yield return (user, id);
                }
            }
        }
    }

    /// <summary>The photos that are listed as ready, in lists of one user each. A scan returns a user's items together, in the order of the ids.</summary>
    private async IAsyncEnumerable<List<(UserId User, PhotoId Id)>> ReadyPhotosAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<(UserId User, PhotoId Id)> photos = [];
        await foreach ((UserId User, PhotoId Id) photo in PhotosAsync(PhotoItem.Ready, cancellationToken))
        {
            if (photos.Count == PhotosPerList || (photos.Count > 0 && photos[^1].User != photo.User))
            {
                yield return photos;
                photos = [];
            }

            photos.Add(photo);
        }

        if (photos.Count > 0)
        {
            yield return photos;
        }
    }

    private async ValueTask CheckPhotoAsync((UserId User, PhotoId Id) photo, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _photos);
        string key = PhotoBucket.Key(photo.User, photo.Id);
        if (await AgeAsync(key, cancellationToken) is null
            && await ItemAsync(photo.User, photo.Id, cancellationToken) is { } now && !now.ContainsKey(PhotoItem.State))
        {
            report(new Finding(FindingKind.MissingObject, key, TimeSpan.Zero));
        }
    }

    /// <summary>Lists the renditions of several photos at once. Those of a photo that seem to be missing are listed again.</summary>
    private async ValueTask CheckRenditionsAsync(List<(UserId User, PhotoId Id)> photos, CancellationToken cancellationToken)
    {
        (string first, string last) = (PhotoBucket.RenditionPrefix(photos[0].User, photos[0].Id), PhotoBucket.RenditionPrefix(photos[^1].User, photos[^1].Id));
        HashSet<string> keys = await ObjectsAsync($"{RenditionPrefix}{photos[0].User.Value}/", first)
            .Select(stored => stored.Key)
            .TakeWhile(key => string.CompareOrdinal(key, last) < 0 || key.StartsWith(last, StringComparison.Ordinal))
            .ToHashSetAsync(StringComparer.Ordinal, cancellationToken);
        foreach ((UserId user, PhotoId id) in photos)
        {
            string prefix = PhotoBucket.RenditionPrefix(user, id);
            if (!HasAll(keys)
                && !HasAll(await ObjectsAsync(prefix).Select(stored => stored.Key).ToHashSetAsync(StringComparer.Ordinal, cancellationToken))
                && await ItemAsync(user, id, cancellationToken) is { } now && !now.ContainsKey(PhotoItem.State) && IsReady(now))
            {
                report(new Finding(FindingKind.MissingRenditions, prefix, TimeSpan.Zero));
            }

            bool HasAll(HashSet<string> stored) => s_renditions.All(name => stored.Contains(prefix + name));
        }
    }

    private static bool IsReady(Dictionary<string, AttributeValue> item) => item.GetValueOrDefault(PhotoItem.Rendered)?.S == PhotoItem.Ready;

    private async ValueTask CheckObjectAsync(string key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _objects);
        bool isPhoto = TryParse(key, out UserId user, out PhotoId id);
        Dictionary<string, AttributeValue>? item = isPhoto ? await ItemAsync(user, id, cancellationToken) : null;
        bool isDeleted = item?.GetValueOrDefault(PhotoItem.State)?.S == PhotoItem.Deleted;
        if ((item is not null && !isDeleted) || await AgeAsync(key, cancellationToken) is not { } age)
        {
            return;
        }

        if (!isPhoto || isDeleted)
        {
            report(new Finding(isDeleted ? FindingKind.DeletedPhoto : FindingKind.ForeignObject, key, age));
        }
        else if (!repairs || age <= RepairAge)
        {
            report(new Finding(FindingKind.UnnamedObject, key, age));
        }
        else if (await ItemAsync(user, id, cancellationToken) is null)
        {
            // The version stays for 30 days. Only a grant adds an item, and never with an ID that was used before.
            await deployment.S3.DeleteObjectAsync(deployment.Bucket, key, cancellationToken);
            report(new Finding(FindingKind.Repaired, key, age));
        }
    }

    /// <summary>
    /// A rendition of a listed photo that is ready is named. One of a listed photo that was not looked at is about to be, and
    /// <c>make render</c> names it in any case.
    /// </summary>
    private async ValueTask CheckRenditionAsync(S3Object stored, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _renditions);
        TimeSpan age = DateTime.UtcNow - stored.LastModified!.Value.ToUniversalTime();
        string[] parts = stored.Key.Split('/');
        bool isPhoto = UserId.TryParse(parts.ElementAtOrDefault(1), out UserId user) & PhotoId.TryParse(parts.ElementAtOrDefault(2), out PhotoId id)
            && s_renditions.Any(name => PhotoBucket.RenditionPrefix(user, id) + name == stored.Key);
        Dictionary<string, AttributeValue>? item = isPhoto ? await ItemAsync(user, id, cancellationToken) : null;
        string? state = item?.GetValueOrDefault(PhotoItem.State)?.S;
        if (item is not null && state is not (PhotoItem.Granted or PhotoItem.Deleted) && item.GetValueOrDefault(PhotoItem.Rendered)?.S != PhotoItem.Unsupported)
        {
            return;
        }

        // It may have been removed since it was listed.
        if (await AgeAsync(stored.Key, cancellationToken) is null)
        {
            return;
        }

        if (!isPhoto || state == PhotoItem.Deleted)
        {
            report(new Finding(isPhoto ? FindingKind.DeletedPhoto : FindingKind.ForeignObject, stored.Key, age));
        }
        else if (!repairs || age <= RepairAge)
        {
            report(new Finding(FindingKind.UnnamedObject, stored.Key, age));
        }
        else
        {
            await DeleteVersionsAsync(stored.Key, cancellationToken);
            report(new Finding(FindingKind.Repaired, stored.Key, age));
        }
    }

    /// <summary>A rendition can be made again, so no version of it stays.</summary>
    private async Task DeleteVersionsAsync(string key, CancellationToken cancellationToken)
    {
        ListVersionsResponse versions = await deployment.S3.ListVersionsAsync(new ListVersionsRequest { BucketName = deployment.Bucket, Prefix = key }, cancellationToken);
        foreach (S3ObjectVersion version in versions.Versions.Where(version => version.Key == key))
        {
            await deployment.S3.DeleteObjectAsync(deployment.Bucket, key, version.VersionId, cancellationToken);
        }
    }

    private static bool TryParse(string key, out UserId user, out PhotoId id)
    {
        string[] parts = key.Split('/');
        id = default;
        return UserId.TryParse(parts.ElementAtOrDefault(1), out user)
            && PhotoId.TryParse(parts.ElementAtOrDefault(2), out id)
            && PhotoBucket.Key(user, id) == key;
    }

    /// <returns>The item; null if there is none.</returns>
    private async Task<Dictionary<string, AttributeValue>?> ItemAsync(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetItemRequest { TableName = deployment.Table, Key = PhotoItem.Key(user, id), ConsistentRead = true };
        GetItemResponse response = await deployment.DynamoDb.GetItemAsync(request, cancellationToken);
        return response.IsItemSet ? response.Item : null;
    }

    /// <returns>The time since the object was last modified; null if there is none.</returns>
    private async Task<TimeSpan?> AgeAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            GetObjectMetadataResponse response = await deployment.S3.GetObjectMetadataAsync(deployment.Bucket, key, cancellationToken);
            return DateTime.UtcNow - response.LastModified!.Value.ToUniversalTime();
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2.Model;
using Amazon.S3.Model;
using Photos.Album;

namespace Photos.Ops;

/// <summary>
/// Erases a user who was removed from the user pool: every item, and every version of every object and rendition. It can be ended and
/// repeated at any time.
/// </summary>
/// <param name="deployment">The table and the bucket.</param>
/// <param name="user">The user.</param>
/// <param name="removed">When the user was removed from the user pool.</param>
/// <param name="tokenLifetime">How long an ID token is valid.</param>
/// <param name="clock">Tells the time, and waits.</param>
/// <param name="output">Receives the progress.</param>
internal sealed class AlbumErasure(
    Deployment deployment, UserId user, DateTimeOffset removed, TimeSpan tokenLifetime, TimeProvider clock, TextWriter output)
{
    /// <summary>How long API Gateway may keep the result of an authorization, and a minute for the call itself.</summary>
    /// <remarks>https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html: authorizerResultTtlInSeconds, 300 by default.</remarks>
    public static readonly TimeSpan TokenMargin = TimeSpan.FromMinutes(6);

    /// <summary>
    /// How long an upload may take that began when its URL was still valid. An invocation of RenderPhoto that has found a photo listed
    /// ends in this time, too.
    /// </summary>
    public static readonly TimeSpan UploadMargin = TimeSpan.FromMinutes(15);

    private static readonly ParallelOptions s_parallel = new() { MaxDegreeOfParallelism = 32 };

    // The items go at the end, so this only covers the time of the command.
    private static readonly TimeSpan s_tombstoneLifetime = TimeSpan.FromDays(1);

    private readonly string _objects = $"private/{user.Value}/";
    private readonly string _renditions = $"renditions/{user.Value}/";

    /// <summary>When the last token has ended, and with it the last call of the API.</summary>
    public DateTimeOffset EndOfCalls => removed + tokenLifetime + TokenMargin;

    /// <summary>When the last upload and the last rendering have ended.</summary>
    public DateTimeOffset EndOfUploads => EndOfCalls + PhotoUrls.UploadLifetime + UploadMargin;

    /// <summary>Erases the user.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A tombstone keeps a grant from being written, and a photo from being rendered.
        await DeletePhotosAsync(cancellationToken);
        await WaitAsync("the user's last token has ended", EndOfCalls, cancellationToken);
        await DeletePhotosAsync(cancellationToken);
        await WaitAsync("the last upload and the last rendering have ended", EndOfUploads, cancellationToken);

        // The items go last: until then, SweepPhoto and RenderPhoto see that the photos are deleted.
        int versions = await DeleteVersionsAsync(_objects, cancellationToken);
        int renditions = await DeleteVersionsAsync(_renditions, cancellationToken);
        int items = await CountItemsAsync(filter: null, DeleteItemAsync, cancellationToken);
        await WriteAsync($"Deleted {versions} versions of objects, {renditions} versions of renditions and {items} items.");

        async Task<bool> DeleteItemAsync(Dictionary<string, AttributeValue> key)
        {
            await deployment.DynamoDb.DeleteItemAsync(deployment.Table, key, cancellationToken);
            return true;
        }
    }

    /// <summary>Counts what is left of the user.</summary>
    public async Task<Remains> CountAsync(CancellationToken cancellationToken) => new(
        await CountItemsAsync(filter: null, _ => Task.FromResult(true), cancellationToken),
        await VersionsAsync(_objects).CountAsync(cancellationToken),
        await VersionsAsync(_renditions).CountAsync(cancellationToken));

    private async Task DeletePhotosAsync(CancellationToken cancellationToken)
    {
        int photos = await CountItemsAsync(PhotoTable.IsUndeleted, DeletePhotoAsync, cancellationToken);
        await WriteAsync($"Deleted {photos} photos and grants in the table.");

        async Task<bool> DeletePhotoAsync(Dictionary<string, AttributeValue> key)
        {
            // The functions skip an item whose key is not that of a photo.
            if (!PhotoId.TryParse(key[PhotoItem.Id].S, out PhotoId id))
            {
                return false;
            }

            try
            {
                UpdateItemRequest request = PhotoTable.Deletion(deployment.Table, user, id, clock.GetUtcNow() + s_tombstoneLifetime);
                await deployment.DynamoDb.UpdateItemAsync(request, cancellationToken);
                return true;
            }
            catch (ConditionalCheckFailedException)
            {
                // It was deleted meanwhile.
                return false;
            }
        }
    }

    private async Task WaitAsync(string what, DateTimeOffset end, CancellationToken cancellationToken)
    {
        TimeSpan left = end - clock.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            await WriteAsync($"Waiting until {end:u}, when {what}. If you end the command, repeat it later with --removed {removed:yyyy-MM-ddTHH:mm:ssZ}.");
            await Task.Delay(left, clock, cancellationToken);
        }
    }

    /// <summary>Handles the key of each item.</summary>
    /// <param name="filter">The condition of the items; <see langword="null"/> for all.</param>
    /// <param name="handle">Handles a key, and returns whether it counts.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    private async Task<int> CountItemsAsync(string? filter, Func<Dictionary<string, AttributeValue>, Task<bool>> handle, CancellationToken cancellationToken)
    {
        int count = 0;
        await Parallel.ForEachAsync(KeysAsync(filter, cancellationToken), s_parallel, async (key, _) => Interlocked.Add(ref count, await handle(key) ? 1 : 0));
        return count;
    }

    private async IAsyncEnumerable<Dictionary<string, AttributeValue>> KeysAsync(string? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new QueryRequest
        {
            TableName = deployment.Table,
            KeyConditionExpression = $"{PhotoItem.User} = :user",
            FilterExpression = filter,
            ProjectionExpression = $"{PhotoItem.User}, {PhotoItem.Id}",
            ExpressionAttributeNames = filter is null ? null : new() { ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = new() { [":user"] = new AttributeValue(user.Value) },
            ConsistentRead = true,
        };
        if (filter is not null)
        {
            request.ExpressionAttributeValues[":granted"] = new AttributeValue(PhotoItem.Granted);
        }

        await foreach (QueryResponse page in deployment.DynamoDb.Paginators.Query(request).Responses.WithCancellation(cancellationToken))
        {
            foreach (Dictionary<string, AttributeValue> key in page.Items ?? [])
            {
                yield return key;
            }
        }
    }

    /// <summary>Every version and delete marker of the objects whose keys begin with a prefix. It ends with a slash, so that it is not that of another user.</summary>
    private IAsyncEnumerable<S3ObjectVersion> VersionsAsync(string prefix) => deployment.S3.Paginators
        .ListVersions(new ListVersionsRequest { BucketName = deployment.Bucket, Prefix = prefix }).Responses
        .SelectMany(page => (page.Versions ?? []).ToAsyncEnumerable());

    private async Task<int> DeleteVersionsAsync(string prefix, CancellationToken cancellationToken)
    {
        for (int count = 0; ;)
        {
            // From the beginning each time, because the marker of a further page would be a version that is gone. A page has as many
            // versions as a request may delete.
            ListVersionsResponse page = await deployment.S3.ListVersionsAsync(
                new ListVersionsRequest { BucketName = deployment.Bucket, Prefix = prefix }, cancellationToken);
            if (page.Versions is not { Count: > 0 } versions)
            {
                return count;
            }

            await deployment.S3.DeleteObjectsAsync(
                new DeleteObjectsRequest
                {
                    BucketName = deployment.Bucket,
                    Objects = [.. versions.Select(version => new KeyVersion { Key = version.Key, VersionId = version.VersionId })],
                    Quiet = true,
                },
                cancellationToken);
            count += versions.Count;
        }
    }

    private Task WriteAsync(FormattableString line) => output.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What is left of a user.</summary>
/// <param name="Items">The items in the table.</param>
/// <param name="Versions">The versions and delete markers of the objects.</param>
/// <param name="Renditions">The versions and delete markers of the renditions.</param>
internal sealed record Remains(int Items, int Versions, int Renditions)
{
    /// <summary>Whether nothing is left.</summary>
    public bool IsEmpty => this is { Items: 0, Versions: 0, Renditions: 0 };

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Items} items, {Versions} versions of objects, {Renditions} versions of renditions");
}

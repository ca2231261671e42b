using System.Net;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;
using Photos.Local.Engines;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>What the engines have of a photo, read by requests that bypass the code under test.</summary>
internal sealed class StoredPhotos(AlbumSettings settings) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly AmazonDynamoDBClient _table =
        new(LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = settings.Aws.DynamoDbEndpoint!.Origin });

    private readonly AmazonS3Client _bucket = new(LocalEngines.BuiltInCredentials, new AmazonS3Config
    {
        ServiceURL = settings.Aws.S3Endpoint!.Origin,
        AuthenticationRegion = settings.Aws.Region,
        ForcePathStyle = true,
    });

    public async Task<PhotoLife> ReadAsync(string user, string id)
    {
        GetItemResponse item = await _table.GetItemAsync(new GetItemRequest { TableName = settings.Table, Key = Key(user, id), ConsistentRead = true });
        PhotoState state = !item.IsItemSet ? PhotoState.None
            : !item.Item.TryGetValue(PhotoItem.State, out AttributeValue? value) ? PhotoState.Listed
            : value.S switch
            {
                PhotoItem.Granted => PhotoState.Granted,
                PhotoItem.Deleted => PhotoState.Deleted,
                _ => PhotoState.Unknown,
            };
        Assert.Equal((state, state == PhotoState.Listed), (state, item.Item?.ContainsKey(PhotoItem.TakenUtc) is true));
        Rendered rendered = item.Item?.GetValueOrDefault(PhotoItem.Rendered)?.S switch
        {
            PhotoItem.Ready => Rendered.Ready,
            PhotoItem.Unsupported => Rendered.Unsupported,
            _ => Rendered.NotYet,
        };
        Renditions renditions =
            (await HasObjectAsync($"renditions/{user}/{id}/thumbnail") ? Renditions.Thumbnail : Renditions.None)
            | (await HasObjectAsync($"renditions/{user}/{id}/preview") ? Renditions.Preview : Renditions.None);
        return new PhotoLife(state, await HasObjectAsync($"private/{user}/{id}"), rendered, renditions);
    }

    /// <summary>Waits until a photo is as expected.</summary>
    public async Task WaitAsync(string user, string id, PhotoLife expected)
    {
        PhotoLife stored = await ReadAsync(user, id);
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; stored != expected && Environment.TickCount64 < end;)
        {
            await Task.Delay(50);
            stored = await ReadAsync(user, id);
        }

        Assert.Equal(expected, stored);
    }

    /// <summary>Waits until every photo is as expected, for one after the other: polling for all at once would slow the functions.</summary>
    public async Task WaitAsync(IEnumerable<(string User, string Id)> photos, PhotoLife expected)
    {
        foreach ((string user, string id) in photos)
        {
            await WaitAsync(user, id, expected);
        }
    }

    /// <summary>Makes the item that of a release that did not write <see cref="PhotoItem.TakenUtc"/>.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The photo's id.</param>
    /// <param name="taken">When the picture was taken; <see langword="null"/> if it does not say.</param>
    public Task MakeUndatedAsync(string user, string id, string? taken) => _table.UpdateItemAsync(new UpdateItemRequest
    {
        TableName = settings.Table,
        Key = Key(user, id),
        UpdateExpression = taken is null ? $"REMOVE {PhotoItem.TakenUtc}" : $"SET {PhotoItem.Taken} = :taken REMOVE {PhotoItem.TakenUtc}",
        ExpressionAttributeValues = taken is null ? null : new() { [":taken"] = new AttributeValue(taken) },
    });

    /// <summary>The <see cref="PhotoItem.TakenUtc"/> of the item.</summary>
    public async Task<string?> TakenUtcOfAsync(string user, string id)
    {
        GetItemResponse item = await _table.GetItemAsync(new GetItemRequest { TableName = settings.Table, Key = Key(user, id), ConsistentRead = true });
        return item.Item?.GetValueOrDefault(PhotoItem.TakenUtc)?.S;
    }

    /// <summary>Removes the item, as time to live does.</summary>
    public Task RemoveItemAsync(string user, string id) =>
        _table.DeleteItemAsync(new DeleteItemRequest { TableName = settings.Table, Key = Key(user, id) });

    /// <summary>Removes the object, as no function does.</summary>
    public Task RemoveObjectAsync(string user, string id) => _bucket.DeleteObjectAsync(settings.Bucket, $"private/{user}/{id}");

    /// <summary>The content type, the sorted cache control and the first bytes of a rendition.</summary>
    public async Task<string> DescribeRenditionAsync(string user, string id, string name)
    {
        using GetObjectResponse response = await _bucket.GetObjectAsync(settings.Bucket, $"renditions/{user}/{id}/{name}");
        byte[] start = new byte[4];
        await response.ResponseStream.ReadExactlyAsync(start);
        string cacheControl = string.Join(", ", response.Headers.CacheControl.Split(", ").Order(StringComparer.Ordinal));
        return $"{response.Headers.ContentType}; {cacheControl}; {Encoding.ASCII.GetString(start)}";
    }

    /// <summary>The width and the height in the item.</summary>
    public async Task<(string? Width, string? Height)> SizeOfAsync(string user, string id)
    {
        GetItemResponse item = await _table.GetItemAsync(new GetItemRequest { TableName = settings.Table, Key = Key(user, id), ConsistentRead = true });
        return (item.Item.GetValueOrDefault(PhotoItem.Width)?.N, item.Item.GetValueOrDefault(PhotoItem.Height)?.N);
    }

    public void Dispose()
    {
        _table.Dispose();
        _bucket.Dispose();
    }

    private static Dictionary<string, AttributeValue> Key(string user, string id) => new()
    {
        [PhotoItem.User] = new AttributeValue(user),
        [PhotoItem.Id] = new AttributeValue(id),
    };

    private async Task<bool> HasObjectAsync(string key)
    {
        try
        {
            await _bucket.GetObjectMetadataAsync(settings.Bucket, key);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }
}

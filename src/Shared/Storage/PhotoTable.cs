using System.Globalization;
using Album.Photos;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Album.Storage;

/// <summary>The table of metadata: one item a photo, partitioned by user, sorted by photo id.</summary>
public sealed class PhotoTable(StorageSettings settings) : IPhotoLister, IPhotoFinder, IPhotoWriter, IPhotoDeleter
{
    private const string PartitionKey = "id";
    private const string SortKey = "photoId";
    private const string Name = "name";
    private const string Date = "date";
    private const string Size = "size";
    private const string ContentType = "contentType";

    private readonly AmazonDynamoDBClient _client = AwsClients.DynamoDb(settings);

    /// <inheritdoc/>
    public async Task<PhotoPage> ListAsync(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken)
    {
        var request = new QueryRequest
        {
            TableName = settings.Table,
            KeyConditionExpression = after is null ? $"{PartitionKey} = :user" : $"{PartitionKey} = :user AND {SortKey} < :after",
            ExpressionAttributeValues = new() { [":user"] = new AttributeValue(user.Value) },
            ScanIndexForward = false,

            // One more than asked for tells whether there is a next page, so that no page is ever empty but the first.
            Limit = limit + 1,

            // Who has just uploaded a photo expects to see it.
            ConsistentRead = true,
        };
        if (after is PhotoId id)
        {
            request.ExpressionAttributeValues[":after"] = new AttributeValue(id.Value);
        }

        try
        {
            QueryResponse response = await _client.QueryAsync(request, cancellationToken);
            List<Dictionary<string, AttributeValue>> items = response.Items ?? [];
            var photos = new List<Photo>(Math.Min(items.Count, limit));
            foreach (Dictionary<string, AttributeValue> item in items)
            {
                if (photos.Count == limit)
                {
                    break;
                }

                photos.Add(ToPhoto(item));
            }

            return new PhotoPage(photos, items.Count > limit);
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    public async Task<Photo?> FindAsync(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetItemRequest { TableName = settings.Table, Key = Key(user, id), ConsistentRead = true };
        try
        {
            GetItemResponse response = await _client.GetItemAsync(request, cancellationToken);
            return response.Item is { Count: > 0 } item ? ToPhoto(item) : null;
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryAddAsync(UserId user, Photo photo, CancellationToken cancellationToken)
    {
        Dictionary<string, AttributeValue> item = Key(user, photo.Id);
        item[Name] = new AttributeValue(photo.Name);
        item[Date] = new AttributeValue(photo.Date);
        item[Size] = new AttributeValue { N = photo.Size.ToString(CultureInfo.InvariantCulture) };
        item[ContentType] = new AttributeValue(photo.ContentType);
        var request = new PutItemRequest
        {
            TableName = settings.Table,
            Item = item,
            ConditionExpression = $"attribute_not_exists({SortKey})",
        };
        try
        {
            await _client.PutItemAsync(request, cancellationToken);
            return true;
        }
        catch (ConditionalCheckFailedException)
        {
            return false;
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new DeleteItemRequest
        {
            TableName = settings.Table,
            Key = Key(user, id),
            ReturnValues = ReturnValue.ALL_OLD,
        };
        try
        {
            DeleteItemResponse response = await _client.DeleteItemAsync(request, cancellationToken);
            return response.Attributes is { Count: > 0 };
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }

    private static Dictionary<string, AttributeValue> Key(UserId user, PhotoId id) => new()
    {
        [PartitionKey] = new AttributeValue(user.Value),
        [SortKey] = new AttributeValue(id.Value),
    };

    private static Photo ToPhoto(Dictionary<string, AttributeValue> item) => new(
        PhotoId.Parse(item[SortKey].S),
        item[Name].S,
        item[Date].S,
        long.Parse(item[Size].N, CultureInfo.InvariantCulture),
        item[ContentType].S);
}

using System.Globalization;
using Album.Photos;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.DynamoDBv2.Model.Internal.MarshallTransformations;

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

    private readonly DynamoDbClient _client = new(settings);

    /// <inheritdoc/>
    public PhotoPage List(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken)
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

        var response = (QueryResponse)_client.Send(request, QueryRequestMarshaller.Instance, QueryResponseUnmarshaller.Instance, cancellationToken)!;
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

    /// <inheritdoc/>
    public Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetItemRequest { TableName = settings.Table, Key = Key(user, id), ConsistentRead = true };
        var response = (GetItemResponse)_client.Send(request, GetItemRequestMarshaller.Instance, GetItemResponseUnmarshaller.Instance, cancellationToken)!;
        return response.Item is { Count: > 0 } item ? ToPhoto(item) : null;
    }

    /// <inheritdoc/>
    public bool TryAdd(UserId user, Photo photo, CancellationToken cancellationToken) =>
        TryPut(user, photo, $"attribute_not_exists({SortKey})", cancellationToken);

    /// <summary>Asks to write over a photo that nobody has, which writes nothing.</summary>
    public void WarmUp(PhotoId none, CancellationToken cancellationToken) =>
        TryPut(UserId.Nobody, new Photo(none, "a", "a", 1, "a"), $"attribute_exists({SortKey})", cancellationToken);

    /// <inheritdoc/>
    public bool Delete(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new DeleteItemRequest
        {
            TableName = settings.Table,
            Key = Key(user, id),
            ReturnValues = ReturnValue.ALL_OLD,
        };
        var response = (DeleteItemResponse)_client.Send(request, DeleteItemRequestMarshaller.Instance, DeleteItemResponseUnmarshaller.Instance, cancellationToken)!;
        return response.Attributes is { Count: > 0 };
    }

    private bool TryPut(UserId user, Photo photo, string condition, CancellationToken cancellationToken)
    {
        Dictionary<string, AttributeValue> item = Key(user, photo.Id);
        item[Name] = new AttributeValue(photo.Name);
        item[Date] = new AttributeValue(photo.Date);
        item[Size] = new AttributeValue { N = photo.Size.ToString(CultureInfo.InvariantCulture) };
        item[ContentType] = new AttributeValue(photo.ContentType);
        var request = new PutItemRequest { TableName = settings.Table, Item = item, ConditionExpression = condition };
        return _client.Send(request, PutItemRequestMarshaller.Instance, PutItemResponseUnmarshaller.Instance, cancellationToken) is not null;
    }

    private static Dictionary<string, AttributeValue> Key(UserId user, PhotoId id) => new()
    {
        [PartitionKey] = new AttributeValue(user.Value),
        [SortKey] = new AttributeValue(id.Value),
    };

    private static Photo ToPhoto(Dictionary<string, AttributeValue> item) =>
        PhotoId.TryParse(item.GetValueOrDefault(SortKey)?.S, out PhotoId id)
        && item.GetValueOrDefault(Name)?.S is string name
        && item.GetValueOrDefault(Date)?.S is string date
        && long.TryParse(item.GetValueOrDefault(Size)?.N, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
        && item.GetValueOrDefault(ContentType)?.S is string contentType
            ? new Photo(id, name, date, size, contentType)
            : throw new InvalidDataException("The table has an item that is no photo.");
}

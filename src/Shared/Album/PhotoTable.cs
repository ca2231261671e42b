using System.Globalization;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.DynamoDBv2.Model.Internal.MarshallTransformations;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Photos.Aws;

namespace Photos.Album;

/// <summary>The table of metadata: one item for each photo, partitioned by user, sorted by photo id.</summary>
public sealed class PhotoTable(AlbumSettings settings) : IPhotoReader, IPhotoWriter, IPhotoDeleter
{
    private const string PartitionKey = "id";
    private const string SortKey = "photoId";
    private const string Name = "name";
    private const string Date = "date";
    private const string Size = "size";
    private const string ContentType = "contentType";

    private readonly DynamoDbClient _client = new(settings.Aws);

    /// <inheritdoc/>
    public PhotoPage List(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken)
    {
        var request = new QueryRequest
        {
            TableName = settings.Table,
            KeyConditionExpression = after is null ? $"{PartitionKey} = :user" : $"{PartitionKey} = :user AND {SortKey} < :after",
            ExpressionAttributeValues = new() { [":user"] = new AttributeValue(user.Value) },
            ScanIndexForward = false,

            // One more than requested shows whether another page follows, so that only the first page can be empty.
            Limit = limit + 1,

            // A user who has just uploaded a photo expects to see it.
            ConsistentRead = true,
        };
        if (after is PhotoId id)
        {
            request.ExpressionAttributeValues[":after"] = new AttributeValue(id.Value);
        }

        JsonElement? response = Send(request, QueryRequestMarshaller.Instance, cancellationToken).Response;
        if (response?.TryGetProperty("Items"u8, out JsonElement items) != true || items.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException("DynamoDB sent a page without Items.");
        }

        int count = items.GetArrayLength();
        var photos = new List<Photo>(Math.Min(count, limit));
        foreach (JsonElement item in items.EnumerateArray())
        {
            if (photos.Count == limit)
            {
                break;
            }

            photos.Add(ToPhoto(item));
        }

        return new PhotoPage(photos, count > limit);
    }

    /// <inheritdoc/>
    public Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetItemRequest { TableName = settings.Table, Key = Key(user, id), ConsistentRead = true };
        JsonElement? response = Send(request, GetItemRequestMarshaller.Instance, cancellationToken).Response;
        return response?.TryGetProperty("Item"u8, out JsonElement item) == true ? ToPhoto(item) : null;
    }

    /// <inheritdoc/>
    public bool TryAdd(UserId user, Photo photo, CancellationToken cancellationToken)
    {
        (JsonElement? response, bool isRepeat) = Put(user, photo, $"attribute_not_exists({SortKey})", cancellationToken);

        // The existing photo may be this one, added by an attempt whose response was lost.
        return response is not null || (isRepeat && Find(user, photo.Id, cancellationToken) == photo);
    }

    /// <summary>Warm-up: overwrites a photo on the condition that it exists, which it does not.</summary>
    public void WarmUp(PhotoId none, CancellationToken cancellationToken) =>
        Put(UserId.WarmUp, new Photo(none, "a", "a", 1, "a"), $"attribute_exists({SortKey})", cancellationToken);

    /// <inheritdoc/>
    public bool Delete(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new DeleteItemRequest
        {
            TableName = settings.Table,
            Key = Key(user, id),
            ReturnValues = ReturnValue.ALL_OLD,
        };
        (JsonElement? response, bool isRepeat) = Send(request, DeleteItemRequestMarshaller.Instance, cancellationToken);

        // An attempt whose response was lost may have deleted it.
        return isRepeat || response?.TryGetProperty("Attributes"u8, out _) == true;
    }

    private (JsonElement? Response, bool IsRepeat) Put(UserId user, Photo photo, string condition, CancellationToken cancellationToken)
    {
        Dictionary<string, AttributeValue> item = Key(user, photo.Id);
        item[Name] = new AttributeValue(photo.Name);
        item[Date] = new AttributeValue(photo.Date);
        item[Size] = new AttributeValue { N = photo.Size.ToString(CultureInfo.InvariantCulture) };
        item[ContentType] = new AttributeValue(photo.ContentType);
        var request = new PutItemRequest { TableName = settings.Table, Item = item, ConditionExpression = condition };
        return Send(request, PutItemRequestMarshaller.Instance, cancellationToken);
    }

    private (JsonElement? Response, bool IsRepeat) Send(
        AmazonWebServiceRequest request, IMarshaller<IRequest, AmazonWebServiceRequest> marshaller, CancellationToken cancellationToken)
    {
        try
        {
            return _client.Send(request, marshaller, cancellationToken);
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

    private static Photo ToPhoto(JsonElement item)
    {
        try
        {
            return new Photo(
                PhotoId.Parse(Value(item, SortKey, "S")),
                Value(item, Name, "S"),
                Value(item, Date, "S"),
                long.Parse(Value(item, Size, "N"), NumberStyles.None, CultureInfo.InvariantCulture),
                Value(item, ContentType, "S"));
        }
        catch (Exception e)
        {
            // Not the client's fault, and not transient.
            throw new InvalidDataException("The table has an item that is not a photo.", e);
        }
    }

    /// <summary>An attribute's value: <c>{"S":"text"}</c> or <c>{"N":"1"}</c>.</summary>
    /// <remarks>https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html</remarks>
    private static string Value(JsonElement item, string name, string type) =>
        item.GetProperty(name).GetProperty(type).GetString() ?? throw new InvalidDataException($"{name} is null.");
}

using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.DynamoDBv2.Model.Internal.MarshallTransformations;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Photos.Aws;
using Photos.Runtime;

namespace Photos.Album;

/// <summary>The table of metadata: one item for each photo, partitioned by user, sorted by photo id.</summary>
public sealed class PhotoTable(AlbumSettings settings, FunctionLog log) : IPhotoReader, IPhotoWriter, IPhotoDeleter
{
    // At some 120 bytes a tombstone, DynamoDB ends a page at 1 MB before that many items.
    private const int MaxQueryItems = 10_000;

    private readonly DynamoDbClient _client = new(settings.Aws);

    /// <inheritdoc/>
    public PhotoPage List(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken)
    {
        var photos = new List<Photo>(limit);
        PhotoId? read = after;

        // One more than requested shows whether another page follows. Items that are not listed count too, so each further query
        // reads more.
        for (int count = limit + 1; ; count = Math.Min(4 * count, MaxQueryItems))
        {
            JsonElement page;
            try
            {
                page = Query(user, count, read, cancellationToken);
            }
            catch (PhotoException) when (cancellationToken.IsCancellationRequested && read != after)
            {
                // The time ran out: the next page continues here.
                return new PhotoPage(photos, read);
            }

            foreach (JsonElement item in Items(page).EnumerateArray())
            {
                if (photos.Count == limit)
                {
                    return new PhotoPage(photos, photos[^1].Id);
                }

                if (ReadListed(item) is Photo photo)
                {
                    photos.Add(photo);
                }
            }

            if (!page.TryGetProperty("LastEvaluatedKey"u8, out JsonElement last))
            {
                return new PhotoPage(photos, Next: null);
            }

            PhotoId? next = PhotoItem.IdOf(last);
            read = next is not null && next != read
                ? next
                : throw new InvalidDataException("DynamoDB sent a LastEvaluatedKey that does not continue the query.");
        }
    }

    /// <inheritdoc cref="IPhotoReader.Find"/>
    public Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetItemRequest { TableName = settings.Table, Key = PhotoItem.Key(user, id), ConsistentRead = true };
        JsonElement? response = Send(request, GetItemRequestMarshaller.Instance, cancellationToken).Response;
        return response?.TryGetProperty("Item"u8, out JsonElement item) == true ? ReadListed(item) : null;
    }

    /// <inheritdoc/>
    public bool TryAdd(UserId user, Photo photo, CancellationToken cancellationToken)
    {
        // A later version writes the item of an upload when it grants it.
        var request = new PutItemRequest
        {
            TableName = settings.Table,
            Item = PhotoItem.Of(user, photo),
            ConditionExpression = "attribute_not_exists(#id) OR #state = :granted",
            ExpressionAttributeNames = new() { ["#id"] = PhotoItem.Id, ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = new() { [":granted"] = new AttributeValue(PhotoItem.Granted) },
        };
        (JsonElement? response, bool isRepeat) = Send(request, PutItemRequestMarshaller.Instance, cancellationToken);

        // The existing photo may be this one, added by an attempt whose response was lost.
        return response is not null || (isRepeat && Find(user, photo.Id, cancellationToken) == photo);
    }

    /// <summary>Warm-up: overwrites a photo on the condition that it exists, which it does not.</summary>
    public void WarmUp(PhotoId none, CancellationToken cancellationToken)
    {
        var request = new PutItemRequest
        {
            TableName = settings.Table,
            Item = PhotoItem.Of(UserId.WarmUp, new Photo(none, "a", "a", 1, "a")),
            ConditionExpression = "attribute_exists(#id)",
            ExpressionAttributeNames = new() { ["#id"] = PhotoItem.Id },
        };
        Send(request, PutItemRequestMarshaller.Instance, cancellationToken);
    }

    /// <inheritdoc cref="IPhotoDeleter.Delete"/>
    public bool Delete(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        // A later version leaves a tombstone, which must outlive the grant.
        var request = new DeleteItemRequest
        {
            TableName = settings.Table,
            Key = PhotoItem.Key(user, id),
            ConditionExpression = "attribute_not_exists(#state) OR #state <> :deleted",
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = new() { [":deleted"] = new AttributeValue(PhotoItem.Deleted) },
            ReturnValues = ReturnValue.ALL_OLD,
        };
        (JsonElement? response, bool isRepeat) = Send(request, DeleteItemRequestMarshaller.Instance, cancellationToken);

        // An attempt whose response was lost may have deleted it.
        return isRepeat || response?.TryGetProperty("Attributes"u8, out _) == true;
    }

    private JsonElement Query(UserId user, int count, PhotoId? after, CancellationToken cancellationToken)
    {
        var request = new QueryRequest
        {
            TableName = settings.Table,
            KeyConditionExpression = after is null ? "#user = :user" : "#user = :user AND #id < :after",
            FilterExpression = "attribute_not_exists(#state) OR NOT #state IN (:granted, :deleted)",
            ExpressionAttributeNames = new() { ["#user"] = PhotoItem.User, ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = new()
            {
                [":user"] = new AttributeValue(user.Value),
                [":granted"] = new AttributeValue(PhotoItem.Granted),
                [":deleted"] = new AttributeValue(PhotoItem.Deleted),
            },
            ScanIndexForward = false,
            Limit = count,

            // A user who has just uploaded a photo expects to see it.
            ConsistentRead = true,
        };
        if (after is PhotoId id)
        {
            request.ExpressionAttributeNames["#id"] = PhotoItem.Id;
            request.ExpressionAttributeValues[":after"] = new AttributeValue(id.Value);
        }

        return Send(request, QueryRequestMarshaller.Instance, cancellationToken).Response
            ?? throw new InvalidDataException("DynamoDB sent a page without Items.");
    }

    private static JsonElement Items(JsonElement page) =>
        page.TryGetProperty("Items"u8, out JsonElement items) && items.ValueKind == JsonValueKind.Array
            ? items
            : throw new InvalidDataException("DynamoDB sent a page without Items.");

    /// <summary>Reads an item, and skips one that is not a listed photo.</summary>
    private Photo? ReadListed(JsonElement item)
    {
        string? state = PhotoItem.StateOf(item);
        Photo? photo = state is null ? PhotoItem.Read(item) : null;
        if (photo is null && state is not (PhotoItem.Granted or PhotoItem.Deleted))
        {
            // The template counts these lines in a metric and has an alarm on it.
            log.Write(LogLevel.Warn, $"Skipped an item that is not a photo: {PhotoItem.Describe(item)}.");
        }

        return photo;
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
}

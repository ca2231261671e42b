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
public sealed partial class PhotoTable(AlbumSettings settings, FunctionLog log) : IPhotoReader, IPhotoWriter, IPhotoDeleter, IPhotoStates
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

    /// <inheritdoc/>
    public Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Get(user, id, cancellationToken) is JsonElement item ? ReadListed(item) : null;

    /// <inheritdoc/>
    public StoredPhoto Look(UserId user, PhotoId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        ReadStored(Get(user, id, cancellationToken), now);

    /// <inheritdoc/>
    public PhotoState StateOf(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Look(user, id, DateTimeOffset.MinValue, cancellationToken).State;

    /// <inheritdoc/>
    public void Grant(UserId user, Photo photo, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        Dictionary<string, AttributeValue> item = PhotoItem.Of(user, photo);
        item[PhotoItem.State] = new AttributeValue(PhotoItem.Granted);
        item[PhotoItem.Expires] = PhotoItem.Time(expires);
        var request = new PutItemRequest
        {
            TableName = settings.Table,
            Item = item,
            ConditionExpression = $"attribute_not_exists({PhotoItem.Id})",
        };
        DynamoDbResponse response = Send(request, PutItemRequestMarshaller.Instance, cancellationToken);

        // The existing item of a repeat is this one, written by an attempt whose response was lost.
        if (!response.IsConditionMet && !response.IsRepeat)
        {
            throw new InvalidDataException("A new photo id is in use already.");
        }
    }

    /// <inheritdoc/>
    public (bool IsNew, StoredPhoto Stored) Write(
        UserId user, PhotoId id, string? name, UploadedObject uploaded, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new UpdateItemRequest
        {
            TableName = settings.Table,
            Key = PhotoItem.Key(user, id),
            UpdateExpression = name is null ? $"REMOVE #state, {PhotoItem.Expires}" : $"SET #name = :name REMOVE #state, {PhotoItem.Expires}",
            ConditionExpression = $"#state = :granted AND {PhotoItem.Expires} > :now AND #size = :size AND {PhotoItem.ContentType} = :type",
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State, ["#size"] = PhotoItem.Size },
            ExpressionAttributeValues = new()
            {
                [":granted"] = new AttributeValue(PhotoItem.Granted),
                [":now"] = PhotoItem.Time(now),
                [":size"] = PhotoItem.Number(uploaded.Size),
                [":type"] = new AttributeValue(uploaded.ContentType ?? ""),
            },
            ReturnValues = ReturnValue.ALL_NEW,
            ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
        };
        if (name is not null)
        {
            request.ExpressionAttributeNames["#name"] = PhotoItem.Name;
            request.ExpressionAttributeValues[":name"] = new AttributeValue(name);
        }

        DynamoDbResponse response = Send(request, UpdateItemRequestMarshaller.Instance, cancellationToken);
        JsonElement? item = response.IsConditionMet ? response.Item("Attributes"u8) : response.Item("Item"u8);
        return (response.IsConditionMet, ReadStored(item, now));
    }

    /// <inheritdoc/>
    public PhotoState Delete(UserId user, PhotoId id, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        UpdateItemRequest request = Deletion(settings.Table, user, id, expires);
        DynamoDbResponse response = Send(request, UpdateItemRequestMarshaller.Instance, cancellationToken);
        return response.IsConditionMet ? PhotoState.Listed
            : response.Item("Item"u8) is JsonElement item && PhotoItem.StateOf(item) == PhotoItem.Deleted ? PhotoState.Deleted
            : PhotoState.None;
    }

    /// <summary>The request that replaces a granted or listed photo by a tombstone. The operators' commands send it too.</summary>
    internal static UpdateItemRequest Deletion(string table, UserId user, PhotoId id, DateTimeOffset expires)
    {
        return new UpdateItemRequest
        {
            TableName = table,
            Key = PhotoItem.Key(user, id),
            UpdateExpression = $"SET #state = :deleted, {PhotoItem.Expires} = :expires REMOVE #name, #date, #size, {PhotoItem.ContentType}, "
                + $"{PhotoItem.Rendered}, {PhotoItem.Width}, {PhotoItem.Height}, {PhotoItem.Taken}",
            ConditionExpression = $"attribute_exists({PhotoItem.Id}) AND ({IsUndeleted})",
            ExpressionAttributeNames = new()
            {
                ["#state"] = PhotoItem.State,
                ["#name"] = PhotoItem.Name,
                ["#date"] = PhotoItem.Date,
                ["#size"] = PhotoItem.Size,
            },
            ExpressionAttributeValues = new()
            {
                [":deleted"] = new AttributeValue(PhotoItem.Deleted),
                [":expires"] = PhotoItem.Time(expires),
                [":granted"] = new AttributeValue(PhotoItem.Granted),
            },
            ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
        };
    }

    private JsonElement Query(UserId user, int count, PhotoId? after, CancellationToken cancellationToken)
    {
        var request = new QueryRequest
        {
            TableName = settings.Table,
            KeyConditionExpression = after is null ? $"{PhotoItem.User} = :user" : $"{PhotoItem.User} = :user AND {PhotoItem.Id} < :after",
            FilterExpression = "attribute_not_exists(#state) OR NOT #state IN (:granted, :deleted)",
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State },
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
            request.ExpressionAttributeValues[":after"] = new AttributeValue(id.Value);
        }

        return Send(request, QueryRequestMarshaller.Instance, cancellationToken).Json;
    }

    private JsonElement? Get(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetItemRequest { TableName = settings.Table, Key = PhotoItem.Key(user, id), ConsistentRead = true };
        return Send(request, GetItemRequestMarshaller.Instance, cancellationToken).Item("Item"u8);
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
        else if (photo?.Status == PhotoStatus.Processing && PhotoItem.IsRendered(item))
        {
            log.Write(LogLevel.Warn, $"Listed a photo as processing, because its rendered, width or height is not valid: {PhotoItem.Describe(item)}.");
        }

        return photo;
    }

    private StoredPhoto ReadStored(JsonElement? item, DateTimeOffset now) => item is not JsonElement stored
        ? default
        : PhotoItem.StateOf(stored) switch
        {
            null when ReadListed(stored) is Photo photo => new StoredPhoto(PhotoState.Listed, photo),
            PhotoItem.Granted => new StoredPhoto(PhotoItem.ExpiryOf(stored) > now ? PhotoState.Granted : PhotoState.None, Photo: null),
            PhotoItem.Deleted => new StoredPhoto(PhotoState.Deleted, Photo: null),
            _ => new StoredPhoto(PhotoState.Unknown, Photo: null),
        };

    private DynamoDbResponse Send(
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

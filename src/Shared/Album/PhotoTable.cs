using System.Text.Json;
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
    private readonly DynamoDbClient _client = new(settings.Aws);

    private static ReadOnlySpan<byte> ReturnItemOnFailure => "\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\","u8;

    private static ReadOnlySpan<byte> ReturnItem => "\"ReturnValues\":\"ALL_NEW\",\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\","u8;

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
            UpdateExpression = $"SET {(name is null ? "" : "#name = :name, ")}{PhotoItem.TakenUtc} = :takenUtc REMOVE #state, {PhotoItem.Expires}",
            ConditionExpression = $"#state = :granted AND {PhotoItem.Expires} > :now AND #size = :size AND {PhotoItem.ContentType} = :type",
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State, ["#size"] = PhotoItem.Size },
            ExpressionAttributeValues = new()
            {
                [":granted"] = new AttributeValue(PhotoItem.Granted),
                [":now"] = PhotoItem.Time(now),
                [":size"] = PhotoItem.Number(uploaded.Size),
                [":type"] = new AttributeValue(uploaded.ContentType ?? ""),

                // Until RenderPhoto has looked at the picture.
                [":takenUtc"] = new AttributeValue(PhotoRules.FormatDate(id.Time)),
            },
        };
        if (name is not null)
        {
            request.ExpressionAttributeNames["#name"] = PhotoItem.Name;
            request.ExpressionAttributeValues[":name"] = new AttributeValue(name);
        }

        DynamoDbResponse response = Update(request, ReturnItem, cancellationToken);
        return (response.IsConditionMet, ReadStored(ItemAfter(response), now));
    }

    /// <inheritdoc/>
    public StoredPhoto Rename(UserId user, PhotoId id, string name, CancellationToken cancellationToken)
    {
        var request = new UpdateItemRequest
        {
            TableName = settings.Table,
            Key = PhotoItem.Key(user, id),
            UpdateExpression = "SET #name = :name",
            ConditionExpression = $"attribute_exists({PhotoItem.Id}) AND attribute_not_exists(#state)",
            ExpressionAttributeNames = new() { ["#name"] = PhotoItem.Name, ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = new() { [":name"] = new AttributeValue(name) },
        };
        DynamoDbResponse response = Update(request, ReturnItem, cancellationToken);
        return ReadStored(ItemAfter(response), DateTimeOffset.MinValue);
    }

    /// <inheritdoc/>
    public PhotoState Delete(UserId user, PhotoId id, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        UpdateItemRequest request = Deletion(settings.Table, user, id, expires);
        DynamoDbResponse response = Update(request, ReturnItemOnFailure, cancellationToken);
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
                + $"{PhotoItem.Rendered}, {PhotoItem.Width}, {PhotoItem.Height}, {PhotoItem.Taken}, {PhotoItem.TakenUtc}",
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
        };
    }

    private JsonElement? Get(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetItemRequest { TableName = settings.Table, Key = PhotoItem.Key(user, id), ConsistentRead = true };
        return Send(request, GetItemRequestMarshaller.Instance, cancellationToken).Item("Item"u8);
    }

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

    /// <summary>The item after an update that returns it: the new one, or the one that does not meet the condition.</summary>
    private static JsonElement? ItemAfter(DynamoDbResponse update) => update.Item(update.IsConditionMet ? "Attributes"u8 : "Item"u8);

    private DynamoDbResponse Update(UpdateItemRequest request, ReadOnlySpan<byte> options, CancellationToken cancellationToken) =>
        Send(request, UpdateItemRequestMarshaller.Instance, options, cancellationToken);

    private DynamoDbResponse Send(
        AmazonWebServiceRequest request, IMarshaller<IRequest, AmazonWebServiceRequest> marshaller, CancellationToken cancellationToken) =>
        Send(request, marshaller, options: [], cancellationToken);

    private DynamoDbResponse Send(
        AmazonWebServiceRequest request,
        IMarshaller<IRequest, AmazonWebServiceRequest> marshaller,
        ReadOnlySpan<byte> options,
        CancellationToken cancellationToken)
    {
        try
        {
            return _client.Send(request, marshaller, options, cancellationToken);
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }
}

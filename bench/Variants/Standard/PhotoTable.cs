using System.Globalization;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Runtime;

namespace Photos.Album;

/// <summary>The table through the SDK's client. It supports the requests that are measured.</summary>
public sealed class PhotoTable : IPhotoReader, IPhotoWriter, IPhotoDeleter
{
    private readonly AmazonDynamoDBClient _client = new();
    private readonly string _table;

    /// <summary>The client reads its settings from the environment.</summary>
    public PhotoTable(AlbumSettings settings, FunctionLog log)
    {
        _table = settings.Table;
        log.Write(LogLevel.Debug, $"The table {_table} through the AWS SDK.");
    }

    /// <inheritdoc/>
    public PhotoPage List(UserId user, PhotoRange range, int limit, PhotoPosition? after, CancellationToken cancellationToken)
    {
        if (range != new PhotoRange(PhotoOrder.Uploaded, From: null, To: null) || after is not null)
        {
            throw NotMeasured();
        }

        var request = new QueryRequest
        {
            TableName = _table,
            KeyConditionExpression = $"{PhotoItem.User} = :user",
            FilterExpression = "attribute_not_exists(#state) OR NOT #state IN (:granted, :deleted)",
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = new()
            {
                [":user"] = new AttributeValue(user.Value),
                [":granted"] = new AttributeValue(PhotoItem.Granted),
                [":deleted"] = new AttributeValue(PhotoItem.Deleted),
            },
            ScanIndexForward = false,
            Limit = limit + 1,
            ConsistentRead = true,
        };
        QueryResponse page = _client.QueryAsync(request, cancellationToken).GetAwaiter().GetResult();
        Photo[] photos = [.. page.Items.Take(limit).Select(Read)];
        return new PhotoPage(photos, page.Items.Count > limit ? new PhotoPosition(photos[^1].Id, TakenUtc: null) : null);
    }

    /// <inheritdoc/>
    public (bool IsNew, StoredPhoto Stored) Write(
        UserId user, PhotoId id, string? name, UploadedObject uploaded, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new UpdateItemRequest
        {
            TableName = _table,
            Key = PhotoItem.Key(user, id),
            UpdateExpression = $"SET #name = :name, {PhotoItem.TakenUtc} = :takenUtc REMOVE #state, {PhotoItem.Expires}",
            ConditionExpression = $"#state = :granted AND {PhotoItem.Expires} > :now AND #size = :size AND {PhotoItem.ContentType} = :type",
            ExpressionAttributeNames = new() { ["#name"] = PhotoItem.Name, ["#state"] = PhotoItem.State, ["#size"] = PhotoItem.Size },
            ExpressionAttributeValues = new()
            {
                [":name"] = new AttributeValue(name ?? throw NotMeasured()),
                [":granted"] = new AttributeValue(PhotoItem.Granted),
                [":now"] = PhotoItem.Time(now),
                [":size"] = PhotoItem.Number(uploaded.Size),
                [":type"] = new AttributeValue(uploaded.ContentType),
                [":takenUtc"] = new AttributeValue(PhotoRules.FormatDate(id.Time)),
            },
            ReturnValues = ReturnValue.ALL_NEW,
        };
        UpdateItemResponse response = _client.UpdateItemAsync(request, cancellationToken).GetAwaiter().GetResult();
        return (true, new StoredPhoto(PhotoState.Listed, Read(response.Attributes)));
    }

    /// <inheritdoc/>
    public PhotoState Delete(UserId user, PhotoId id, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var request = new UpdateItemRequest
        {
            TableName = _table,
            Key = PhotoItem.Key(user, id),
            UpdateExpression = $"SET #state = :deleted, {PhotoItem.Expires} = :expires REMOVE #name, #date, #size, {PhotoItem.ContentType}",
            ConditionExpression = $"attribute_exists({PhotoItem.Id}) AND (attribute_not_exists(#state) OR #state = :granted)",
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
        _client.UpdateItemAsync(request, cancellationToken).GetAwaiter().GetResult();
        return PhotoState.Listed;
    }

    /// <inheritdoc/>
    public Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken) => throw NotMeasured();

    /// <inheritdoc/>
    public void Grant(UserId user, Photo photo, DateTimeOffset expires, CancellationToken cancellationToken) => throw NotMeasured();

    /// <inheritdoc/>
    public StoredPhoto Rename(UserId user, PhotoId id, string name, CancellationToken cancellationToken) => throw NotMeasured();

    /// <inheritdoc/>
    public StoredPhoto Look(UserId user, PhotoId id, DateTimeOffset now, CancellationToken cancellationToken) => throw NotMeasured();

    /// <inheritdoc/>
    public IEnumerable<PhotoId> Undeleted(UserId user, CancellationToken cancellationToken) => throw NotMeasured();

    private static Photo Read(Dictionary<string, AttributeValue> item) => new(
        PhotoId.Parse(item[PhotoItem.Id].S),
        item[PhotoItem.Name].S,
        item[PhotoItem.Date].S,
        long.Parse(item[PhotoItem.Size].N, CultureInfo.InvariantCulture),
        item[PhotoItem.ContentType].S)
    {
        Status = PhotoStatus.Ready,
        Picture = new Picture(
            int.Parse(item[PhotoItem.Width].N, CultureInfo.InvariantCulture),
            int.Parse(item[PhotoItem.Height].N, CultureInfo.InvariantCulture),
            item[PhotoItem.Taken].S),
    };

    private static NotSupportedException NotMeasured() => new("The benchmark does not send this request. Use the function of src.");
}

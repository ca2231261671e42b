using System.Text.Json;
using Amazon.DynamoDBv2.Model;
using Amazon.DynamoDBv2.Model.Internal.MarshallTransformations;
using Photos.Runtime;

namespace Photos.Album;

/// <content>The pages of an album.</content>
public sealed partial class PhotoTable
{
    // At some 120 bytes a tombstone, DynamoDB ends a page at 1 MB before that many items.
    private const int MaxQueryItems = 10_000;

    /// <inheritdoc/>
    public PhotoPage List(UserId user, PhotoRange range, int limit, PhotoPosition? after, CancellationToken cancellationToken)
    {
        // As texts, which sort as the times do.
        bool isByTaken = range.Order == PhotoOrder.Taken;
        string? from = range.From is DateTimeOffset first ? Bound(first, isByTaken) : null;
        string? to = range.To is DateTimeOffset end ? Bound(end, isByTaken) : null;
        string? position = isByTaken ? after?.TakenUtc : after?.Id.Value;

        // DynamoDB refuses a range that is empty, and a start that is outside the range.
        if (from is not null && (string.CompareOrdinal(from, to ?? "~") >= 0 || string.CompareOrdinal(from, position ?? "~") > 0))
        {
            return new PhotoPage([], Next: null);
        }

        if (to is not null && string.CompareOrdinal(to, position ?? "") <= 0)
        {
            after = null;
        }

        var photos = new List<Photo>(limit);
        PhotoPosition? read = after;
        PhotoPosition last = default;

        // One more than requested shows whether another page follows. Items that are not listed count too, so each further query
        // reads more.
        for (int count = limit + 1; ; count = Math.Min(4 * count, MaxQueryItems))
        {
            JsonElement page;
            try
            {
                page = isByTaken
                    ? QueryByTaken(user, from, to, count, read, cancellationToken)
                    : Query(user, from, read?.Id.Value ?? to, count, cancellationToken);
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
                    return new PhotoPage(photos, last);
                }

                if (ReadListed(item) is not Photo photo)
                {
                    continue;
                }

                string? takenUtc = isByTaken ? PhotoItem.TakenUtcOf(item) : null;
                if (isByTaken && takenUtc is null)
                {
                    log.Write(LogLevel.Warn, $"Skipped an item that is not a photo: {PhotoItem.Describe(item)} has a takenUtc that is not valid.");
                    continue;
                }

                photos.Add(photo);
                last = new PhotoPosition(photo.Id, takenUtc);
            }

            if (!page.TryGetProperty("LastEvaluatedKey"u8, out JsonElement key))
            {
                return new PhotoPage(photos, Next: null);
            }

            PhotoPosition? next = PhotoItem.IdOf(key) is PhotoId id ? new(id, isByTaken ? PhotoItem.TakenUtcOf(key) : null) : null;
            read = next is not null && next != read && (next.Value.TakenUtc is not null) == isByTaken
                ? next
                : throw new InvalidDataException("DynamoDB sent a LastEvaluatedKey that does not continue the query.");
        }
    }

    /// <summary>The text before which the ids or times of earlier photos sort, and those of the others do not.</summary>
    private static string Bound(DateTimeOffset time, bool isByTaken) => isByTaken ? PhotoRules.FormatDate(time) : PhotoId.PrefixOf(time);

    private JsonElement Query(UserId user, string? from, string? before, int count, CancellationToken cancellationToken)
    {
        QueryRequest request = Request(user, PhotoItem.Id, from, before, count);

        // A user who has just uploaded a photo expects to see it.
        request.ConsistentRead = true;
        return Send(request, QueryRequestMarshaller.Instance, cancellationToken).Json;
    }

    private JsonElement QueryByTaken(
        UserId user, string? from, string? before, int count, PhotoPosition? after, CancellationToken cancellationToken)
    {
        QueryRequest request = Request(user, PhotoItem.TakenUtc, from, before, count);
        request.IndexName = PhotoItem.ByTaken;
        if (after is PhotoPosition position)
        {
            // A condition cannot tell apart photos that were taken at the same time.
            request.ExclusiveStartKey = PhotoItem.Key(user, position.Id);
            request.ExclusiveStartKey[PhotoItem.TakenUtc] = new AttributeValue(position.TakenUtc);
        }

        return Send(request, QueryRequestMarshaller.Instance, cancellationToken).Json;
    }

    private QueryRequest Request(UserId user, string sortKey, string? from, string? before, int count)
    {
        var request = new QueryRequest
        {
            TableName = settings.Table,
            KeyConditionExpression = (from, before) switch
            {
                (null, null) => $"{PhotoItem.User} = :user",
                (null, _) => $"{PhotoItem.User} = :user AND {sortKey} < :after",
                (_, null) => $"{PhotoItem.User} = :user AND {sortKey} >= :from",
                _ => $"{PhotoItem.User} = :user AND {sortKey} BETWEEN :from AND :after",
            },
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
        };
        if (from is not null)
        {
            request.ExpressionAttributeValues[":from"] = new AttributeValue(from);
        }

        if (before is not null)
        {
            // BETWEEN includes its end, so that is a text that sorts after all ids and times that sort before.
            request.ExpressionAttributeValues[":after"] = new AttributeValue(
                from is null ? before : $"{before[..^1]}{(char)(before[^1] - 1)}~");
        }

        return request;
    }

    private static JsonElement Items(JsonElement page) =>
        page.TryGetProperty("Items"u8, out JsonElement items) && items.ValueKind == JsonValueKind.Array
            ? items
            : throw new InvalidDataException("DynamoDB sent a page without Items.");
}

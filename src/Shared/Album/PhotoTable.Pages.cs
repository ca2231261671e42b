using System.Text.Json;
using Amazon.DynamoDBv2.Model;
using Amazon.DynamoDBv2.Model.Internal.MarshallTransformations;

namespace Photos.Album;

/// <content>The pages of an album.</content>
public sealed partial class PhotoTable
{
    // At some 120 bytes a tombstone, DynamoDB ends a page at 1 MB before that many items.
    private const int MaxQueryItems = 10_000;

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

    private static JsonElement Items(JsonElement page) =>
        page.TryGetProperty("Items"u8, out JsonElement items) && items.ValueKind == JsonValueKind.Array
            ? items
            : throw new InvalidDataException("DynamoDB sent a page without Items.");
}

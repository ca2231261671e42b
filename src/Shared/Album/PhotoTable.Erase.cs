using System.Text.Json;
using Amazon.DynamoDBv2.Model;
using Amazon.DynamoDBv2.Model.Internal.MarshallTransformations;
using Photos.Runtime;

namespace Photos.Album;

/// <content>Everything that can be deleted.</content>
public sealed partial class PhotoTable
{
    /// <summary>The condition of a granted or listed photo. It needs <c>#state</c> and <c>:granted</c>.</summary>
    internal const string IsUndeleted = "attribute_not_exists(#state) OR #state = :granted";

    /// <inheritdoc/>
    public IEnumerable<PhotoId> Undeleted(UserId user, CancellationToken cancellationToken)
    {
        PhotoId? read = null;
        while (true)
        {
            JsonElement page = QueryUndeleted(user, read, cancellationToken);
            foreach (JsonElement item in Items(page).EnumerateArray())
            {
                if (PhotoItem.IdOf(item) is PhotoId id)
                {
                    yield return id;
                }
                else
                {
                    log.Write(LogLevel.Warn, $"Skipped an item that is not a photo: {PhotoItem.Describe(item)}.");
                }
            }

            if (!page.TryGetProperty("LastEvaluatedKey"u8, out JsonElement last))
            {
                yield break;
            }

            read = PhotoItem.IdOf(last) is PhotoId next && string.CompareOrdinal(next.Value, read?.Value) > 0
                ? next
                : throw new InvalidDataException("DynamoDB sent a LastEvaluatedKey that does not continue the query.");
        }
    }

    private JsonElement QueryUndeleted(UserId user, PhotoId? after, CancellationToken cancellationToken)
    {
        // Oldest first, so that a photo that is granted meanwhile comes later.
        var request = new QueryRequest
        {
            TableName = settings.Table,
            KeyConditionExpression = after is null ? $"{PhotoItem.User} = :user" : $"{PhotoItem.User} = :user AND {PhotoItem.Id} > :after",
            FilterExpression = IsUndeleted,
            ProjectionExpression = $"{PhotoItem.User}, {PhotoItem.Id}",
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = new()
            {
                [":user"] = new AttributeValue(user.Value),
                [":granted"] = new AttributeValue(PhotoItem.Granted),
            },
            ConsistentRead = true,
        };
        if (after is PhotoId id)
        {
            request.ExpressionAttributeValues[":after"] = new AttributeValue(id.Value);
        }

        return Send(request, QueryRequestMarshaller.Instance, cancellationToken).Json;
    }
}

using System.Text.Json;

namespace Photos.Album;

/// <summary>A record of the table's stream: an item has changed.</summary>
/// <param name="SequenceNumber">Identifies the record in its shard.</param>
/// <param name="User">The album's owner; <see langword="null"/> if the key is not a photo's.</param>
/// <param name="Id">The photo's id; <see langword="null"/> if the key is not a photo's.</param>
/// <param name="WasListed">Whether the photo may have been in the album before.</param>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html</remarks>
internal sealed record StreamRecord(string SequenceNumber, UserId? User, PhotoId? Id, bool WasListed)
{
    /// <summary>Reads the records of an event.</summary>
    /// <exception cref="JsonException">It is not an event of a DynamoDB stream.</exception>
    public static IReadOnlyList<StreamRecord> ReadAll(ReadOnlyMemory<byte> payload)
    {
        using var streamEvent = JsonDocument.Parse(payload);
        if (streamEvent.RootElement.ValueKind != JsonValueKind.Object
            || !streamEvent.RootElement.TryGetProperty("Records"u8, out JsonElement records)
            || records.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("The event has no Records. This function takes the events of the table's stream.");
        }

        var all = new List<StreamRecord>(records.GetArrayLength());
        foreach (JsonElement record in records.EnumerateArray())
        {
            all.Add(Read(record));
        }

        return all;
    }

    private static StreamRecord Read(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object
            || !record.TryGetProperty("dynamodb"u8, out JsonElement change)
            || change.ValueKind != JsonValueKind.Object
            || !change.TryGetProperty("SequenceNumber"u8, out JsonElement number)
            || number.ValueKind != JsonValueKind.String
            || !change.TryGetProperty("Keys"u8, out JsonElement keys))
        {
            throw new JsonException("A record has no SequenceNumber or no Keys. This function takes the events of the table's stream.");
        }

        // The item of a grant was never listed. Of a tombstone that is not known.
        bool wasListed = !change.TryGetProperty("OldImage"u8, out JsonElement old) || PhotoItem.StateOf(old) != PhotoItem.Granted;
        return new StreamRecord(number.GetString()!, PhotoItem.UserOf(keys), PhotoItem.IdOf(keys), wasListed);
    }
}

using System.Text.Json;
using Photos.Runtime;

namespace Photos.Album;

/// <summary>Handles the change of a photo's item.</summary>
/// <param name="user">The album's owner.</param>
/// <param name="id">The photo's id.</param>
/// <param name="wasListed">Whether the photo may have been in the album before the change.</param>
/// <param name="cancellationToken">Fires before the invocation's deadline.</param>
/// <remarks>After an exception, Lambda retries the record and those that follow it.</remarks>
public delegate void ChangeHandler(UserId user, PhotoId id, bool wasListed, CancellationToken cancellationToken);

/// <summary>A function that the table's stream invokes with some records.</summary>
/// <param name="handle">Handles each record, which may be late or come twice.</param>
/// <param name="log">The function's log.</param>
public sealed class StreamFunction(ChangeHandler handle, FunctionLog log)
{
    /// <inheritdoc cref="InvocationHandler"/>
    public void Invoke(Invocation invocation, ResponseBuffer response, CancellationToken cancellationToken)
    {
        string? failed = null;
        foreach (StreamRecord record in StreamRecord.ReadAll(invocation.Payload))
        {
            if (!TryHandle(record, cancellationToken))
            {
                // Records of a shard are in order. Lambda retries from the first that failed.
                failed = record.SequenceNumber;
                break;
            }
        }

        WriteFailures(response, failed);
    }

    private bool TryHandle(StreamRecord record, CancellationToken cancellationToken)
    {
        if (record.User is not UserId user || record.Id is not PhotoId id)
        {
            log.Write(LogLevel.Warn, $"Skipped record {record.SequenceNumber}: its key is not that of a photo.");
            return true;
        }

        try
        {
            handle(user, id, record.WasListed, cancellationToken);
            return true;
        }
        catch (Exception e)
        {
            log.Write(LogLevel.Warn, $"The change of photo {id} could not be handled. Lambda retries the record {record.SequenceNumber}.", e);
            return false;
        }
    }

    /// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html</remarks>
    private static void WriteFailures(ResponseBuffer response, string? failed)
    {
        using var json = new Utf8JsonWriter(response);
        json.WriteStartObject();
        json.WriteStartArray("batchItemFailures"u8);
        if (failed is not null)
        {
            json.WriteStartObject();
            json.WriteString("itemIdentifier"u8, failed);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

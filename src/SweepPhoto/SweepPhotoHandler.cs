using System.Buffers;
using System.Text.Json;
using Photos.Album;
using Photos.Runtime;

namespace Photos.SweepPhoto;

/// <summary>Makes the bucket follow the table: deletes the objects of photos that were deleted or never written.</summary>
internal sealed class SweepPhotoHandler(IPhotoStates photos, IObjectSweeper objects, FunctionLog log)
{
    /// <inheritdoc cref="InvocationHandler"/>
    public void Handle(Invocation invocation, IBufferWriter<byte> response, CancellationToken cancellationToken)
    {
        string? failed = null;
        foreach (StreamRecord record in StreamRecord.ReadAll(invocation.Payload))
        {
            if (!TrySweep(record, cancellationToken))
            {
                // Records of a shard are in order. Lambda retries from the first that failed.
                failed = record.SequenceNumber;
                break;
            }
        }

        WriteFailures(response, failed);
    }

    private bool TrySweep(StreamRecord record, CancellationToken cancellationToken)
    {
        if (record.User is not UserId user || record.Id is not PhotoId id)
        {
            log.Write(LogLevel.Warn, $"Skipped record {record.SequenceNumber}: its key is not that of a photo.");
            return true;
        }

        try
        {
            // The record may be late or come twice: the item decides.
            if (photos.StateOf(user, id, cancellationToken) is PhotoState.None or PhotoState.Deleted)
            {
                objects.Sweep(user, id, record.WasListed, cancellationToken);
            }

            return true;
        }
        catch (Exception e)
        {
            log.Write(LogLevel.Warn, $"The object of photo {id} could not be deleted. Lambda retries the record {record.SequenceNumber}.", e);
            return false;
        }
    }

    /// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html</remarks>
    private static void WriteFailures(IBufferWriter<byte> response, string? failed)
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

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Model;

namespace Photos.Local.Lambda;

/// <summary>Why an event source mapping discarded a batch, in Lambda's words.</summary>
internal enum DiscardReason
{
    /// <summary>The records were older than the mapping's maximum.</summary>
    RecordAgeExceeded,

    /// <summary>The batch was retried as often as the mapping allows.</summary>
    RetryAttemptsExhausted,
}

/// <summary>The bucket that receives the invocation records of discarded batches.</summary>
/// <param name="s3">The client of the bucket's engine.</param>
/// <param name="bucket">The bucket's name.</param>
/// <param name="functionArn">The function of the mapping.</param>
/// <param name="streamArn">The stream of the mapping.</param>
/// <param name="mapping">The mapping's UUID.</param>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html</remarks>
internal sealed class FailureDestination(IAmazonS3 s3, string bucket, string functionArn, string streamArn, Guid mapping)
{
    /// <summary>Writes the invocation record of a batch.</summary>
    /// <param name="shard">The batch's shard.</param>
    /// <param name="records">The records of the batch.</param>
    /// <param name="reason">Why they are discarded.</param>
    /// <param name="invocations">How often the function was invoked with the batch.</param>
    /// <param name="last">The last of these invocations; null if there was none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task WriteAsync(
        string shard,
        IReadOnlyList<StreamRecord> records,
        DiscardReason reason,
        int invocations,
        InvocationResult? last,
        CancellationToken cancellationToken)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var response = new JsonObject { ["statusCode"] = 200, ["executedVersion"] = "$LATEST" };
        if (last is not InvocationResult.Succeeded)
        {
            response["functionError"] = "Unhandled";
        }

        var record = new JsonObject
        {
            ["requestContext"] = new JsonObject
            {
                ["requestId"] = last?.Report.RequestId ?? Guid.NewGuid().ToString(),
                ["functionArn"] = functionArn,
                ["condition"] = reason.ToString(),
                ["approximateInvokeCount"] = invocations,
            },
            ["responseContext"] = response,
            ["version"] = "1.0",
            ["timestamp"] = Format(now, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"),
            ["DDBStreamBatchInfo"] = new JsonObject
            {
                ["shardId"] = shard,
                ["startSequenceNumber"] = records[0].SequenceNumber,
                ["endSequenceNumber"] = records[^1].SequenceNumber,
                ["approximateArrivalOfFirstRecord"] = Format(records[0].Created, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
                ["approximateArrivalOfLastRecord"] = Format(records[^1].Created, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
                ["batchSize"] = records.Count,
                ["streamArn"] = streamArn,
            },
            ["payload"] = Encoding.UTF8.GetString(StreamRecord.Event(records)),
        };
        var request = new PutObjectRequest
        {
            BucketName = bucket,
            Key = $"aws/lambda/{mapping}/{shard}/{Format(now, "yyyy/MM/dd/yyyy-MM-dd'T'HH.mm.ss")}-{Guid.NewGuid()}",
            ContentBody = record.ToJsonString(),
            ContentType = "application/json",

            // Other engines need not know the SDK's streaming signature.
            UseChunkEncoding = false,
        };
        return s3.PutObjectAsync(request, cancellationToken);
    }

    private static string Format(DateTimeOffset time, string format) => time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}

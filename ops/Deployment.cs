using Amazon.DynamoDBv2;
using Amazon.S3;

namespace Photos.Ops;

/// <summary>A deployed stack, or the local host: what the commands read and change.</summary>
/// <param name="DynamoDb">The client of the table.</param>
/// <param name="Table">The name of the table.</param>
/// <param name="S3">The client of both buckets.</param>
/// <param name="Bucket">The name of the bucket of photos.</param>
/// <param name="FailureBucket">The name of the bucket of discarded stream records.</param>
/// <param name="Sweep">Invokes SweepPhoto with an event.</param>
internal sealed record Deployment(
    IAmazonDynamoDB DynamoDb,
    string Table,
    IAmazonS3 S3,
    string Bucket,
    string FailureBucket,
    Func<string, CancellationToken, Task<SweepResult>> Sweep) : IDisposable
{
    public void Dispose()
    {
        DynamoDb.Dispose();
        S3.Dispose();
    }
}

/// <summary>The result of an invocation of SweepPhoto.</summary>
/// <param name="IsError">Whether the function failed as a whole: it was killed, timed out or reported an error.</param>
/// <param name="Payload">The response, or a description of the error.</param>
internal sealed record SweepResult(bool IsError, string Payload);

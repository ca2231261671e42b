using Amazon.DynamoDBv2;
using Amazon.S3;

namespace Photos.Ops;

/// <summary>A deployed stack, or the local host: what the commands read and change.</summary>
/// <param name="DynamoDb">The client of the table.</param>
/// <param name="Table">The name of the table.</param>
/// <param name="S3">The client of both buckets.</param>
/// <param name="Bucket">The name of the bucket of photos.</param>
/// <param name="FailureBucket">The name of the bucket of discarded stream records.</param>
/// <param name="Functions">Invokes the functions of the stream.</param>
internal sealed record Deployment(
    IAmazonDynamoDB DynamoDb,
    string Table,
    IAmazonS3 S3,
    string Bucket,
    string FailureBucket,
    IStreamFunctions Functions) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Functions.DisposeAsync();
        DynamoDb.Dispose();
        S3.Dispose();
    }
}

/// <summary>Invokes the functions that handle the records of the table's stream.</summary>
internal interface IStreamFunctions : IAsyncDisposable
{
    /// <summary>The function that deletes objects.</summary>
    const string SweepPhoto = "SweepPhoto";

    /// <summary>The function that makes renditions.</summary>
    const string RenderPhoto = "RenderPhoto";

    /// <param name="function">The function's name.</param>
    /// <param name="streamEvent">An event with records of the stream, JSON.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="OpsException">The function cannot be invoked.</exception>
    Task<FunctionResult> InvokeAsync(string function, string streamEvent, CancellationToken cancellationToken);
}

/// <summary>The result of an invocation.</summary>
/// <param name="IsError">Whether the function failed as a whole: it was killed, timed out or reported an error.</param>
/// <param name="Payload">The response, or a description of the error.</param>
internal sealed record FunctionResult(bool IsError, string Payload);

using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.S3.Model;
using Photos.Album;

namespace Photos.Ops;

/// <summary>Sends each discarded stream record to its function again. Safe to repeat, because the functions read the item first.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html</remarks>
internal sealed class RecordReplay(Deployment deployment, TextWriter output)
{
    /// <summary>Lambda writes the invocation records of discarded batches under this prefix.</summary>
    private const string Prefix = "aws/lambda/";

    /// <summary>Replays every discarded batch, and deletes those of which all records were handled.</summary>
    /// <returns>The number of batches that remain.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        (int replayed, int remaining) = (0, 0);
        var request = new ListObjectsV2Request { BucketName = deployment.FailureBucket, Prefix = Prefix };
        await foreach (S3Object stored in deployment.S3.Paginators.ListObjectsV2(request).S3Objects.WithCancellation(cancellationToken))
        {
            if (await ReplayAsync(stored.Key, cancellationToken) is { } problem)
            {
                await output.WriteLineAsync($"{stored.Key}: {problem} It stays in the bucket.");
                remaining++;
            }
            else
            {
                await deployment.S3.DeleteObjectAsync(deployment.FailureBucket, stored.Key, cancellationToken);
                await output.WriteLineAsync($"{stored.Key}: replayed and deleted.");
                replayed++;
            }
        }

        await output.WriteLineAsync($"{replayed} discarded batches were replayed, {remaining} remain.");
        return remaining;
    }

    /// <returns>What is wrong; null if every record was handled.</returns>
    private async Task<string?> ReplayAsync(string key, CancellationToken cancellationToken)
    {
        List<JsonNode?> records;
        try
        {
            records = await ReadAsync(key, cancellationToken);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "it is not the invocation record of a discarded batch.";
        }

        List<string> problems = [];
        foreach (IGrouping<string, JsonNode?> group in records.GroupBy(FunctionOf))
        {
            (List<string> failed, string? error) = await RecordBatch.InvokeAsync(deployment.Functions, group.Key, [.. group], cancellationToken);
            if (error is not null)
            {
                problems.Add($"{group.Key} failed again: {error}.");
            }
            else if (failed.Count > 0)
            {
                problems.Add($"{group.Key} failed again with {string.Join(", ", failed)}; see its log.");
            }
        }

        return problems.Count == 0 ? null : string.Join(' ', problems);
    }

    /// <summary>RenderPhoto's filters match records of a photo that was listed, those of SweepPhoto records of one that is gone.</summary>
    private static string FunctionOf(JsonNode? record) =>
        record?["dynamodb"]?["NewImage"] is JsonObject image && !image.ContainsKey(PhotoItem.State) ? IStreamFunctions.RenderPhoto : IStreamFunctions.SweepPhoto;

    private async Task<List<JsonNode?>> ReadAsync(string key, CancellationToken cancellationToken)
    {
        using GetObjectResponse response = await deployment.S3.GetObjectAsync(deployment.FailureBucket, key, cancellationToken);
        JsonNode? discarded = await JsonNode.ParseAsync(response.ResponseStream, cancellationToken: cancellationToken);
        return JsonNode.Parse((string?)discarded?["payload"] ?? "")?["Records"]?.AsArray() is { } records
            ? [.. records]
            : throw new JsonException("The payload has no Records.");
    }
}

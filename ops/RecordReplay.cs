using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.S3.Model;

namespace Photos.Ops;

/// <summary>Sends discarded stream records to SweepPhoto again. Safe to repeat, because SweepPhoto reads the item first.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html</remarks>
internal sealed class RecordReplay(Deployment deployment, TextWriter output)
{
    /// <summary>Lambda writes the invocation records of discarded batches under this prefix.</summary>
    private const string Prefix = "aws/lambda/";

    /// <summary>Replays every discarded batch, and deletes those of which SweepPhoto has handled all records.</summary>
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

        List<string> failed = [];
        while (records.Count > 0)
        {
            string streamEvent = new JsonObject { ["Records"] = new JsonArray([.. records.Select(record => record?.DeepClone())]) }.ToJsonString();
            SweepResult result = await deployment.Sweep(streamEvent, cancellationToken);
            if (result.IsError)
            {
                return $"SweepPhoto failed again: {result.Payload}.";
            }

            string? first = (string?)JsonNode.Parse(result.Payload)?["batchItemFailures"]?.AsArray().FirstOrDefault()?["itemIdentifier"];
            if (first is null)
            {
                break;
            }

            // SweepPhoto stops at the first record that fails. Those after it have not been tried.
            failed.Add(first);
            int index = records.FindIndex(record => (string?)record?["dynamodb"]?["SequenceNumber"] == first);
            records.RemoveRange(0, index < 0 ? records.Count : index + 1);
        }

        return failed.Count == 0 ? null : $"SweepPhoto failed again with {string.Join(", ", failed)}; see its log.";
    }

    private async Task<List<JsonNode?>> ReadAsync(string key, CancellationToken cancellationToken)
    {
        using GetObjectResponse response = await deployment.S3.GetObjectAsync(deployment.FailureBucket, key, cancellationToken);
        JsonNode? discarded = await JsonNode.ParseAsync(response.ResponseStream, cancellationToken: cancellationToken);
        return JsonNode.Parse((string?)discarded?["payload"] ?? "")?["Records"]?.AsArray() is { } records
            ? [.. records]
            : throw new JsonException("The payload has no Records.");
    }
}

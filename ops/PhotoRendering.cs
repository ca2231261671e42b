using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using Photos.Album;

namespace Photos.Ops;

/// <summary>
/// Has RenderPhoto look at the listed photos that it was not invoked for: those of an earlier release, and restored ones. It can be
/// ended and repeated at any time, because a photo that was looked at is not listed again.
/// </summary>
internal sealed class PhotoRendering(Deployment deployment, TextWriter output)
{
    // As the template's mapping has them.
    private const int BatchSize = 5;
    private const int Parallelization = 10;

    private const int PhotosPerLine = 1000;

    private int _done;
    private int _failed;

    /// <summary>Invokes RenderPhoto for each photo.</summary>
    /// <param name="user">The user whose album is rendered; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The number of photos that RenderPhoto could not handle.</returns>
    public async Task<int> RunAsync(string? user, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Parallelization, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(KeysAsync(user, cancellationToken).Chunk(BatchSize), parallel, RenderAsync);
        await output.WriteLineAsync(_failed == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{_done} photos were handled.")
            : string.Create(CultureInfo.InvariantCulture, $"{_done} photos were handled, {_failed} failed. Find the cause in RenderPhoto's log, then repeat the command."));
        return _failed;
    }

    private async ValueTask RenderAsync(Dictionary<string, AttributeValue>[] keys, CancellationToken cancellationToken)
    {
        List<JsonNode?> records = [.. keys.Select((key, number) => Record(key, number))];
        (List<string> failed, string? error) = await RecordBatch.InvokeAsync(deployment.Functions, IStreamFunctions.RenderPhoto, records, cancellationToken);
        int failures = error is null ? failed.Count : keys.Length;
        if (failures > 0)
        {
            string what = error ?? "RenderPhoto did not handle them.";
            await output.WriteLineAsync($"{failures} of {string.Join(", ", keys.Select(key => key[PhotoItem.Id].S))} failed: {what}");
        }

        Interlocked.Add(ref _failed, failures);
        int done = Interlocked.Add(ref _done, keys.Length - failures);
        if (done / PhotosPerLine > (done - keys.Length + failures) / PhotosPerLine)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{done} photos so far."));
        }
    }

    /// <summary>The keys of the photos that are listed and were not looked at, or not by a release that wrote when they were taken.</summary>
    private async IAsyncEnumerable<Dictionary<string, AttributeValue>> KeysAsync(string? user, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const string IsUnfinished = $"attribute_not_exists(#state) AND (attribute_not_exists({PhotoItem.Rendered}) OR attribute_not_exists({PhotoItem.TakenUtc}))";
        const string Keys = $"{PhotoItem.User}, {PhotoItem.Id}";
        Dictionary<string, string> names = new() { ["#state"] = PhotoItem.State };
        IAsyncEnumerable<List<Dictionary<string, AttributeValue>>> pages = user is null
            ? deployment.DynamoDb.Paginators.Scan(new ScanRequest
            {
                TableName = deployment.Table,
                FilterExpression = IsUnfinished,
                ProjectionExpression = Keys,
                ExpressionAttributeNames = names,
            }).Responses.Select(page => page.Items ?? [])
            : deployment.DynamoDb.Paginators.Query(new QueryRequest
            {
                TableName = deployment.Table,
                KeyConditionExpression = $"{PhotoItem.User} = :user",
                FilterExpression = IsUnfinished,
                ProjectionExpression = Keys,
                ExpressionAttributeNames = names,
                ExpressionAttributeValues = new() { [":user"] = new AttributeValue(user) },
            }).Responses.Select(page => page.Items ?? []);
        await foreach (List<Dictionary<string, AttributeValue>> page in pages.WithCancellation(cancellationToken))
        {
            foreach (Dictionary<string, AttributeValue> key in page)
            {
                yield return key;
            }
        }
    }

    /// <summary>A record as the stream has it of a photo that was listed. RenderPhoto reads the item.</summary>
    private static JsonObject Record(Dictionary<string, AttributeValue> key, int number)
    {
        return new JsonObject
        {
            ["eventName"] = "MODIFY",
            ["dynamodb"] = new JsonObject
            {
                ["SequenceNumber"] = number.ToString(CultureInfo.InvariantCulture),
                ["Keys"] = Image(),
                ["NewImage"] = Image(),
            },
        };

        JsonObject Image() => new(key.Select(attribute => KeyValuePair.Create(attribute.Key, (JsonNode?)new JsonObject { ["S"] = attribute.Value.S })));
    }
}

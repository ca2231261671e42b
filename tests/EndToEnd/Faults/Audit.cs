using System.Collections.Concurrent;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Ops;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Engines;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>The operators' audit, which uses the SDK and not the code under test, once SweepPhoto and RenderPhoto have caught up.</summary>
/// <param name="engines">The engines with the table and the bucket.</param>
/// <param name="host">The host that runs both.</param>
internal sealed class Audit(StorageEngines engines, LocalHost host) : IAsyncDisposable
{
    // A long load test leaves many records of the stream, and a rendering starts a process.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Deployment _deployment = engines.Connect();

    /// <summary>The number of renditions that the last audit found.</summary>
    public long Renditions { get; private set; }

    /// <summary>
    /// Waits until SweepPhoto and RenderPhoto have handled the changes so far. Returns a sentence for each photo without its object, and for each
    /// object that is neither a photo's nor a grant's.
    /// </summary>
    public async Task<List<string>> FindAsync()
    {
        await CatchUpAsync();
        return Describe(await CompareAsync());
    }

    /// <summary>
    /// As <see cref="FindAsync"/>, when photos were uploaded again after their deletion. Such an object remains until its tombstone
    /// expires, so this method first makes it expire.
    /// </summary>
    public async Task<List<string>> FindAfterExpiryAsync()
    {
        await CatchUpAsync();
        List<Finding> found = await CompareAsync();
        foreach (Finding one in found.Where(one => one.Kind == FindingKind.DeletedPhoto))
        {
            await UpdateAsync(one.Key, "SET #expires = :past", new() { ["#expires"] = PhotoItem.Expires }, new() { [":past"] = PhotoItem.Number(LongAgo()) });
        }

        // Time to live removes the items, and SweepPhoto then deletes their objects.
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; found.Count > 0 && Environment.TickCount64 < end;)
        {
            await Task.Delay(s_pause);
            found = await CompareAsync();
        }

        return Describe(found);
    }

    public ValueTask DisposeAsync() => _deployment.DisposeAsync();

    private static List<string> Describe(IEnumerable<Finding> findings) => [.. findings.Select(finding => finding.ToString())];

    private static long LongAgo() => DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds();

    private async Task<List<Finding>> CompareAsync()
    {
        var findings = new ConcurrentQueue<Finding>();
        var audit = new BucketAudit(_deployment, repairs: false, findings.Enqueue);
        await audit.RunAsync(CancellationToken.None);
        Renditions = audit.Renditions;
        return [.. findings];
    }

    /// <summary>
    /// Waits until both functions have handled every earlier change. The stream has one shard and its records are in order, so a photo
    /// that is deleted now, in the table alone, loses its object after all others. RenderPhoto handles some records at the same time,
    /// so a second photo, which is listed when the first one is rendered, comes after all others.
    /// </summary>
    private async Task CatchUpAsync()
    {
        string user = $"audit-{Guid.NewGuid():N}";
        AlbumClient client = host.SignIn(user);
        for (int i = 0; i < 2; i++)
        {
            string id = await client.AddPhotoAsync("audit.jpg");
            await WaitAsync("RenderPhoto", async () => await IsRenderedAsync(user, id));
        }

        string key = $"private/{user}/{await Call.UploadAsync(client)}";
        await UpdateAsync(
            key, "SET #state = :deleted", new() { ["#state"] = PhotoItem.State }, new() { [":deleted"] = new AttributeValue(PhotoItem.Deleted) });
        await WaitAsync("SweepPhoto", () => Task.FromResult(!File.Exists(engines.FileOf(key))));
    }

    private async Task WaitAsync(string function, Func<Task<bool>> hasCaughtUp)
    {
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; !await hasCaughtUp();)
        {
            Assert.True(Environment.TickCount64 < end, $"{function} has not handled the changes of the table after {s_patience}:\n{string.Join('\n', host.Output.TakeLast(20))}");
            await Task.Delay(s_pause);
        }
    }

    private async Task<bool> IsRenderedAsync(string user, string id)
    {
        Dictionary<string, AttributeValue> key = new() { [PhotoItem.User] = new(user), [PhotoItem.Id] = new(id) };
        GetItemResponse response = await _deployment.DynamoDb.GetItemAsync(new GetItemRequest { TableName = _deployment.Table, Key = key, ConsistentRead = true });
        return response.Item.ContainsKey(PhotoItem.Rendered);
    }

    /// <summary>Changes the item of an object.</summary>
    private async Task UpdateAsync(string key, string expression, Dictionary<string, string> names, Dictionary<string, AttributeValue> values)
    {
        string[] parts = key.Split('/');
        await _deployment.DynamoDb.UpdateItemAsync(new UpdateItemRequest
        {
            TableName = _deployment.Table,
            Key = new() { [PhotoItem.User] = new(parts[1]), [PhotoItem.Id] = new(parts[2]) },
            UpdateExpression = expression,
            ExpressionAttributeNames = names,
            ExpressionAttributeValues = values,
        });
    }
}

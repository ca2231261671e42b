using System.Collections.Concurrent;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Ops;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Engines;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>The operators' audit, which uses the SDK and not the code under test, once SweepPhoto has caught up.</summary>
/// <param name="engines">The engines with the table and the bucket.</param>
/// <param name="host">The host that runs SweepPhoto.</param>
internal sealed class Audit(StorageEngines engines, LocalHost host) : IDisposable
{
    // A long load test leaves many records of the stream.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Deployment _deployment = engines.Connect();

    /// <summary>
    /// Waits until SweepPhoto has handled the changes so far. Returns a sentence for each photo without its object, and for each
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

    public void Dispose() => _deployment.Dispose();

    private static List<string> Describe(IEnumerable<Finding> findings) => [.. findings.Select(finding => finding.ToString())];

    private static long LongAgo() => DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds();

    private async Task<List<Finding>> CompareAsync()
    {
        var findings = new ConcurrentQueue<Finding>();
        await new BucketAudit(_deployment, repairs: false, findings.Enqueue).RunAsync(CancellationToken.None);
        return [.. findings];
    }

    /// <summary>
    /// Waits until SweepPhoto has handled every earlier change. The stream has one shard and its records are in order, so a photo
    /// that is deleted now, in the table alone, loses its object after all others.
    /// </summary>
    private async Task CatchUpAsync()
    {
        string user = $"audit-{Guid.NewGuid():N}";
        string key = $"private/{user}/{await Call.UploadAsync(host.SignIn(user))}";
        await UpdateAsync(
            key, "SET #state = :deleted", new() { ["#state"] = PhotoItem.State }, new() { [":deleted"] = new AttributeValue(PhotoItem.Deleted) });
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (File.Exists(engines.FileOf(key)))
        {
            Assert.True(Environment.TickCount64 < end, $"SweepPhoto has not handled the changes of the table after {s_patience}:\n{string.Join('\n', host.Output.TakeLast(20))}");
            await Task.Delay(s_pause);
        }
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

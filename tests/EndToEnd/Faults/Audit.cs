using System.Text;
using System.Xml.Linq;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Aws;
using Photos.Local.Engines;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Compares the table with the bucket, by requests that bypass the code under test.</summary>
/// <param name="settings">The table and the bucket.</param>
/// <param name="host">The host that runs SweepPhoto.</param>
internal sealed class Audit(AlbumSettings settings, LocalHost host) : IDisposable
{
    // A long load test leaves many records of the stream.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly AmazonDynamoDBClient _table =
        new(LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = settings.Aws.DynamoDbEndpoint!.AbsoluteUri });

    // Not the SDK's client: it signs a bucket's path as "/name/", which the engine refuses.
    private readonly AwsClient _bucket = AwsClient.Create("s3", settings.Aws.S3Endpoint!, settings.Aws);

    /// <summary>
    /// Waits until SweepPhoto has handled the changes so far. Returns a sentence for each photo without its object, and for each
    /// object that is neither a photo's nor a grant's.
    /// </summary>
    public async Task<List<string>> FindAsync()
    {
        await CatchUpAsync();
        return await CompareAsync();
    }

    /// <summary>
    /// As <see cref="FindAsync"/>, when photos were uploaded again after their deletion. Such an object remains until its tombstone
    /// expires, so this method first makes it expire.
    /// </summary>
    public async Task<List<string>> FindAfterExpiryAsync()
    {
        await CatchUpAsync();
        Dictionary<string, Dictionary<string, AttributeValue>> items = await ItemsAsync();
        foreach (string key in Objects())
        {
            if (items.TryGetValue(key, out Dictionary<string, AttributeValue>? item) && StateOf(item) == PhotoItem.Deleted)
            {
                await UpdateAsync(item, "SET #expires = :past", new() { ["#expires"] = PhotoItem.Expires }, new() { [":past"] = PhotoItem.Number(LongAgo()) });
            }
        }

        // Time to live removes the items, and SweepPhoto then deletes their objects.
        List<string> found = await CompareAsync();
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; found.Count > 0 && Environment.TickCount64 < end;)
        {
            await Task.Delay(s_pause);
            found = await CompareAsync();
        }

        return found;
    }

    public void Dispose() => _table.Dispose();

    private static long LongAgo() => DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds();

    private async Task<List<string>> CompareAsync()
    {
        Dictionary<string, Dictionary<string, AttributeValue>> items = await ItemsAsync();
        List<string> objects = Objects();
        IEnumerable<string> photos = items.Where(item => StateOf(item.Value) is null).Select(item => item.Key);
        return
        [
            .. photos.Except(objects).Select(key => $"{key} is listed, but has no object."),
            .. objects.Where(key => !items.TryGetValue(key, out Dictionary<string, AttributeValue>? item) || StateOf(item) is not (null or PhotoItem.Granted))
                .Select(key => $"{key} is an object, but neither a photo nor an upload that may become one."),
        ];
    }

    /// <summary>
    /// Waits until SweepPhoto has handled every earlier change. The stream has one shard and its records are in order, so a photo
    /// that is deleted now, in the table alone, loses its object after all others.
    /// </summary>
    private async Task CatchUpAsync()
    {
        string user = $"audit-{Guid.NewGuid():N}";
        string id = await Call.UploadAsync(host.SignIn(user));
        string key = $"private/{user}/{id}";
        await UpdateAsync(
            (await ItemsAsync())[key],
            "SET #state = :deleted",
            new() { ["#state"] = PhotoItem.State },
            new() { [":deleted"] = new AttributeValue(PhotoItem.Deleted) });
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (Exists(key))
        {
            Assert.True(Environment.TickCount64 < end, $"SweepPhoto has not handled the changes of the table after {s_patience}:\n{string.Join('\n', host.Output.TakeLast(20))}");
            await Task.Delay(s_pause);
        }
    }

    private async Task UpdateAsync(
        Dictionary<string, AttributeValue> item, string expression, Dictionary<string, string> names, Dictionary<string, AttributeValue> values) =>
        await _table.UpdateItemAsync(new UpdateItemRequest
        {
            TableName = settings.Table,
            Key = new() { [PhotoItem.User] = item[PhotoItem.User], [PhotoItem.Id] = item[PhotoItem.Id] },
            UpdateExpression = expression,
            ExpressionAttributeNames = names,
            ExpressionAttributeValues = values,
        });

    private static string? StateOf(Dictionary<string, AttributeValue> item) => item.GetValueOrDefault(PhotoItem.State)?.S;

    /// <summary>Every item, by the key of its object.</summary>
    private async Task<Dictionary<string, Dictionary<string, AttributeValue>>> ItemsAsync()
    {
        var items = new Dictionary<string, Dictionary<string, AttributeValue>>(StringComparer.Ordinal);
        Dictionary<string, AttributeValue>? next = null;
        do
        {
            ScanResponse page = await _table.ScanAsync(new ScanRequest { TableName = settings.Table, ExclusiveStartKey = next, ConsistentRead = true });
            foreach (Dictionary<string, AttributeValue> item in page.Items ?? [])
            {
                items.Add($"private/{item[PhotoItem.User].S}/{item[PhotoItem.Id].S}", item);
            }

            next = page.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (next is not null);

        return items;
    }

    private List<string> Objects()
    {
        List<string> keys = [];
        XElement page;
        do
        {
            page = Get($"/{settings.Bucket}", $"marker={SigV4.Encode(keys.LastOrDefault(""))}&max-keys=1000&prefix=private%2F");
            keys.AddRange(Elements(page, "Key").Select(key => key.Value));
        }
        while (Elements(page, "IsTruncated").Single().Value == "true");

        return keys;
    }

    private bool Exists(string key) => _bucket.Send(new AwsRequest("HEAD", $"/{settings.Bucket}/{key}"), CancellationToken.None).Status switch
    {
        200 => true,
        404 => false,
        int status => throw new InvalidOperationException($"S3 responded {status} to HEAD {key}."),
    };

    /// <summary>Elements by their local name, since engines differ in the namespace.</summary>
    private static IEnumerable<XElement> Elements(XElement parent, string name) =>
        parent.Descendants().Where(element => element.Name.LocalName == name);

    private XElement Get(string path, string query)
    {
        AwsResponse response = _bucket.Send(new AwsRequest("GET", path) { Query = query }, CancellationToken.None);
        string text = Encoding.UTF8.GetString(response.Body);
        return response.IsSuccess ? XElement.Parse(text) : throw new InvalidOperationException($"S3 responded {response.Status} to GET {path}: {text}");
    }
}

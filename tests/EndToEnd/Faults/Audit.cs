using System.Text;
using System.Xml.Linq;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Aws;
using Photos.Local.Engines;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Compares the table with the bucket, by requests that bypass the code under test.</summary>
internal sealed class Audit(AlbumSettings settings) : IDisposable
{
    private readonly AmazonDynamoDBClient _table =
        new(LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = settings.Aws.DynamoDbEndpoint!.AbsoluteUri });

    // Not the SDK's client: it signs a bucket's path as "/name/", which the engine refuses.
    private readonly AwsClient _bucket = AwsClient.Create("s3", settings.Aws.S3Endpoint!, settings.Aws);

    /// <summary>Returns a sentence for each photo without its object, and for each object without a photo that will not expire.</summary>
    public async Task<List<string>> FindAsync()
    {
        HashSet<string> photos = await PhotosAsync();
        List<string> objects = Objects();
        List<string> found = [.. photos.Except(objects).Select(key => $"{key} is listed, but has no object.")];
        foreach (string key in objects)
        {
            switch (photos.Contains(key), Expires(key))
            {
                case (true, true):
                    found.Add($"{key} is listed, but its object has the tag by which it expires.");
                    break;
                case (false, false):
                    found.Add($"{key} is an object without a photo, and does not have the tag by which it expires.");
                    break;
            }
        }

        return found;
    }

    public void Dispose() => _table.Dispose();

    /// <summary>The keys of the objects that the photos in the table must have.</summary>
    private async Task<HashSet<string>> PhotosAsync()
    {
        HashSet<string> photos = [];
        Dictionary<string, AttributeValue>? next = null;
        do
        {
            ScanResponse page = await _table.ScanAsync(new ScanRequest { TableName = settings.Table, ExclusiveStartKey = next, ConsistentRead = true });
            photos.UnionWith((page.Items ?? []).Select(item => $"private/{item["id"].S}/{item["photoId"].S}"));
            next = page.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (next is not null);

        return photos;
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

    private bool Expires(string key) => Elements(Get($"/{settings.Bucket}/{SigV4.Encode(key, keepSlashes: true)}", "tagging="), "Tag")
        .Any(tag => $"{Elements(tag, "Key").Single().Value}={Elements(tag, "Value").Single().Value}" == PhotoUrls.UnfinishedTag);

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

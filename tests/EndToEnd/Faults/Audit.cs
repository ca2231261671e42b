using System.Text;
using System.Xml.Linq;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Aws;
using Photos.Local.Engines;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Holds the table against the bucket, behind the back of everything under test.</summary>
internal sealed class Audit(AlbumSettings settings) : IDisposable
{
    private readonly AmazonDynamoDBClient _table =
        new(LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = settings.Aws.DynamoDbEndpoint!.AbsoluteUri });

    // Not the SDK's client: the engine refuses how that one signs a request for a bucket, "/name/".
    private readonly AwsClient _bucket = AwsClient.Create("s3", settings.Aws.S3Endpoint!, settings.Aws);

    /// <summary>Every photo without its object, and every object that has neither a photo nor the tag by which it expires.</summary>
    public async Task<List<string>> FindAsync()
    {
        HashSet<string> photos = await PhotosAsync();
        List<string> objects = Objects();
        List<string> found = [.. photos.Except(objects).Select(key => $"{key} is listed without an object")];
        foreach (string key in objects)
        {
            switch (photos.Contains(key), Expires(key))
            {
                case (true, true):
                    found.Add($"{key} is listed and expires");
                    break;
                case (false, false):
                    found.Add($"{key} is no photo and never expires");
                    break;
            }
        }

        return found;
    }

    public void Dispose() => _table.Dispose();

    /// <returns>The key that each photo's object must have.</returns>
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
            page = Ask($"/{settings.Bucket}", $"marker={SigV4.Encode(keys.LastOrDefault(""))}&max-keys=1000&prefix=private%2F");
            keys.AddRange(Named(page, "Key").Select(key => key.Value));
        }
        while (Named(page, "IsTruncated").Single().Value == "true");

        return keys;
    }

    private bool Expires(string key) => Named(Ask($"/{settings.Bucket}/{SigV4.Encode(key, keepSlashes: true)}", "tagging="), "Tag")
        .Any(tag => $"{Named(tag, "Key").Single().Value}={Named(tag, "Value").Single().Value}" == PhotoUrls.UnfinishedTag);

    /// <summary>By local name, since engines do not agree on the namespace.</summary>
    private static IEnumerable<XElement> Named(XElement parent, string name) =>
        parent.Descendants().Where(element => element.Name.LocalName == name);

    private XElement Ask(string path, string query)
    {
        AwsResponse answer = _bucket.Send(new AwsRequest("GET", path) { Query = query }, CancellationToken.None);
        string text = Encoding.UTF8.GetString(answer.Body);
        return answer.IsSuccess ? XElement.Parse(text) : throw new InvalidOperationException($"The bucket answered {answer.Status}: {text}");
    }
}

using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;
using Photos.Aws;
using Photos.Local.Engines;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.Engines;
using Photos.Tests.Unit.Aws;

namespace Photos.Tests.EndToEnd.Upgrade;

/// <summary>
/// One table and one bucket that this version and earlier releases serve at the same time, each by a host of its own. SweepPhoto
/// handles records only during an audit.
/// </summary>
/// <remarks>A host starts when a test first needs it. <c>make test</c> does not run these tests, so it starts none.</remarks>
public sealed partial class ReleasedAlbum : IAsyncLifetime
{
    /// <summary>The version before the first release of the upgrade.</summary>
    internal const string Before = "1.0.0";

    /// <summary>The first release of the upgrade: its readers skip the items of this version.</summary>
    internal const string Previous = "1.1.0";

    /// <summary>This version.</summary>
    internal const string This = "2.0.0";

    /// <summary>The functions on the stream, which the releases do not have.</summary>
    private static readonly string[] s_streamFunctions = ["SweepPhoto", "RenderPhoto"];

    private readonly StorageEngines _engines = new();
    private readonly TemporaryFolder _functions = new();
    private readonly Lazy<Task> _enginesAreStarted;
    private readonly ConcurrentDictionary<string, Lazy<Task<FaultyAlbum>>> _albums = new(StringComparer.Ordinal);

    public ReleasedAlbum() => _enginesAreStarted = new(() => _engines.InitializeAsync().AsTask());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (Lazy<Task<FaultyAlbum>> album in _albums.Values)
        {
            await (await album.Value).DisposeAsync();
        }

        if (_enginesAreStarted.IsValueCreated)
        {
            await _engines.DisposeAsync();
        }

        _functions.Dispose();
    }

    /// <summary>The album as a version's functions serve it.</summary>
    internal Task<FaultyAlbum> OfAsync(string version) => _albums.GetOrAdd(version, _ => new(() => StartAsync(version))).Value;

    /// <summary>A client whose calls a version's functions handle.</summary>
    internal async Task<AlbumClient> SignInAsync(string version, string user)
    {
        LocalHost host = (await OfAsync(version)).Host;
        return new AlbumClient(host.Address, host.Token(user, TimeSpan.FromHours(1)), isDescribed: version == This);
    }

    /// <summary>Writes what RenderPhoto does when a photo is ready, and the photo's thumbnail.</summary>
    internal async Task RenderAsync(string user, string id, byte[] thumbnail)
    {
        using AmazonS3Client bucket = SdkClients.S3(_engines.Settings.Aws);
        await bucket.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _engines.Settings.Bucket,
            Key = $"renditions/{user}/{id}/{PhotoBucket.Thumbnail}",
            InputStream = new MemoryStream(thumbnail),
            ContentType = "image/webp",
            UseChunkEncoding = false,
        });
        using var table = new AmazonDynamoDBClient(
            LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = _engines.Settings.Aws.DynamoDbEndpoint!.Origin });
        await table.UpdateItemAsync(new UpdateItemRequest
        {
            TableName = _engines.Settings.Table,
            Key = new() { [PhotoItem.User] = new AttributeValue(user), [PhotoItem.Id] = new AttributeValue(id) },
            UpdateExpression = "SET rendered = :ready, width = :width, height = :height, taken = :taken, takenUtc = :takenUtc",
            ConditionExpression = "attribute_exists(id) AND attribute_not_exists(#state)",
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = new()
            {
                [":ready"] = new AttributeValue(PhotoItem.Ready),
                [":width"] = PhotoItem.Number(4032),
                [":height"] = PhotoItem.Number(3024),
                [":taken"] = new AttributeValue("2026-11-22T16:30:05+02:00"),
                [":takenUtc"] = new AttributeValue("2026-11-22T14:30:05.000Z"),
            },
        });
    }

    /// <summary>What a photo's object carries: <see langword="null"/> if there is no object, else whether it has a tag, by which the bucket removes it after a day.</summary>
    internal bool? HasTag(string user, string id)
    {
        var bucket = AwsClient.Create("s3", _engines.Settings.Aws.S3Endpoint!, _engines.Settings.Aws);
        string path = $"/{_engines.Settings.Bucket}/private/{user}/{id}";
        if (bucket.Send(new AwsRequest("HEAD", path), CancellationToken.None).Status == 404)
        {
            return null;
        }

        AwsResponse response = bucket.Send(new AwsRequest("GET", path) { Query = "tagging=" }, CancellationToken.None);
        Assert.Equal(200, response.Status);
        return XElement.Parse(Encoding.UTF8.GetString(response.Body)).Descendants().Any(element => element.Name.LocalName == "Tag");
    }

    /// <summary>Whether the table has an item of the photo.</summary>
    internal async Task<bool> HasItemAsync(string user, string id)
    {
        using var table = new AmazonDynamoDBClient(
            LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = _engines.Settings.Aws.DynamoDbEndpoint!.Origin });
        GetItemResponse response = await table.GetItemAsync(new GetItemRequest
        {
            TableName = _engines.Settings.Table,
            Key = new() { [PhotoItem.User] = new AttributeValue(user), [PhotoItem.Id] = new AttributeValue(id) },
            ConsistentRead = true,
        });
        return response.IsItemSet;
    }

    /// <summary>
    /// The text of a response as every version sends it: without what differs in the URLs, which are the time, the signature, what sets
    /// headers, and the port of the host's proxy; and without the members that earlier versions do not have.
    /// </summary>
    internal static string InCommon(ApiResponse response) => $"{response.Status} {NotInCommon().Replace(response.Text, "${name}")}";

    private async Task<FaultyAlbum> StartAsync(string version)
    {
        await _enginesAreStarted.Value;
        var album = new FaultyAlbum(_engines, version == This ? Repository.Functions : Functions(version));
        await album.InitializeAsync();
        return album;
    }

    /// <summary>The functions of a release, which did not have SweepPhoto. The template that the host reads does.</summary>
    private string Functions(string version)
    {
        string released = Path.Combine(Repository.Root, "artifacts", "releases", version);
        string folder = Path.Combine(_functions.Path, version);
        Directory.CreateDirectory(folder);
        foreach (string function in Directory.EnumerateDirectories(Repository.Functions).Select(path => Path.GetFileName(path)!))
        {
            string binaries = s_streamFunctions.Contains(function) ? Path.Combine(Repository.Functions, function) : Path.Combine(released, function);
            Assert.True(File.Exists(Path.Combine(binaries, "bootstrap")), $"{binaries} has no binary. make upgrade builds it.");
            Directory.CreateSymbolicLink(Path.Combine(folder, function), binaries);
        }

        return folder;
    }

    [GeneratedRegex(
        """(?<name>X-Amz-(Date|Expires|Signature)=|//127\.0\.0\.1:)\w+|&response-cache-control=[^&"]+|,"(status|thumbnailUrl|taken|previewUrl|downloadUrl)":"[^"]*"|,"(width|height)":\d+""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotInCommon();
}

/// <summary>The tests of upgrades, which <c>make upgrade</c> runs.</summary>
[CollectionDefinition]
public sealed class ReleasedAlbumTests : ICollectionFixture<ReleasedAlbum>;

using System.Runtime.Versioning;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Local.Lambda;

namespace Photos.Tests.Ops;

/// <summary>The recoveries of <c>docs/deploy.md</c>, with the expressions of its commands.</summary>
/// <remarks>
/// The local S3 keeps no old versions. Where an operator deletes a delete marker, so that the object is back, the tests store the
/// object again.
/// </remarks>
[UnsupportedOSPlatform("windows")]
public sealed class RecoveryTests : IAsyncDisposable
{
    private const string Restored = "photoUsers-restored";

    private static readonly List<DocumentedCommand> s_commands = DocumentedCommand.ReadAll("docs/deploy.md", "Recovery");

    private OpsAlbum? _album;

    private OpsAlbum Album => _album!;

    public ValueTask DisposeAsync() => _album?.DisposeAsync() ?? default;

    [Fact]
    public async Task ADeletedPhotoIsRestoredAlthoughItsRecordIsPending()
    {
        _album = await OpsAlbum.StartAsync();
        string id = OpsAlbum.NewId();
        await AddPhotoAsync(id);
        await Album.DeletePhotoAsync(id);

        DocumentedCommand put = PutItems[0];
        await PutAsync(put, Album.Direct.Table, ItemOf(put, id));
        await Album.PutObjectAsync(OpsAlbum.KeyOf(id));
        await SweepAsync();

        Assert.True(Album.HasObject(OpsAlbum.KeyOf(id)));
        Assert.Equal(["contentType", "date", "id", "name", "photoId", "size"], (await Album.ItemAsync(id))!.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(await OpsAlbum.AuditAsync(Album.Direct));
    }

    /// <summary>In this order, a record that arrives in between finds a listed item.</summary>
    [Fact]
    public void TheItemIsRestoredBeforeTheObject()
    {
        string id = OpsAlbum.NewId();
        DocumentedCommand delete = s_commands.Single(command => command.Name == "s3api delete-object");

        Assert.True(s_commands.IndexOf(PutItems[0]) < s_commands.IndexOf(delete));
        Assert.Equal(OpsAlbum.KeyOf(id), Place(delete.Options["key"], id));
        Assert.Equal(OpsAlbum.KeyOf(id), Place(s_commands.Single(command => command.Name == "s3api list-object-versions").Options["prefix"], id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(PhotoItem.Granted)]
    public async Task ARestoreKeepsAnItemThatIsNotATombstone(string? state)
    {
        _album = await OpsAlbum.StartAsync();
        string id = OpsAlbum.NewId();
        await Album.PutItemAsync(id, state);
        Dictionary<string, AttributeValue>? before = await Album.ItemAsync(id);

        foreach (DocumentedCommand put in PutItems)
        {
            await Assert.ThrowsAsync<ConditionalCheckFailedException>(() => PutAsync(put, Album.Direct.Table, ItemOf(PutItems[0], id)));
        }

        Assert.Equal(Text(before), Text(await Album.ItemAsync(id)));
    }

    [Fact]
    public async Task TheListedItemsOfAnEarlierTimeAreCopiedOverTombstones()
    {
        _album = await OpsAlbum.StartAsync();
        await CreateCopyAsync();
        (string? Then, string? Now, string? After)[] states =
        [
            ("listed", "deleted", "then"),
            ("listed", null, "then"),
            ("listed", "listed", "now"),
            ("granted", "listed", "now"),
            ("granted", "deleted", "now"),
            ("granted", "granted", "now"),
            ("granted", null, null),
            ("deleted", null, null),
            (null, "listed", "now"),
            (null, "granted", "now"),
        ];
        string[] ids = [.. states.Select(_ => OpsAlbum.NewId())];
        foreach ((int index, (string? then, string? now, _)) in states.Index())
        {
            await PutAsync(Restored, ids[index], then, "then.jpg");
            if (then == "listed")
            {
                await RenderAsync(Restored, ids[index]);
            }

            if (now == "deleted")
            {
                await PutAsync(Album.Direct.Table, ids[index], "listed", "now.jpg");
            }

            await PutAsync(Album.Direct.Table, ids[index], now, "now.jpg");
        }

        DocumentedCommand scan = s_commands.Single(command => command.Name == "dynamodb scan");
        Assert.Equal(Restored, scan.Options["table-name"]);
        ScanResponse listed = await Album.Direct.DynamoDb.ScanAsync(
            new ScanRequest
            {
                TableName = Restored,
                FilterExpression = scan.Options["filter-expression"],
                ProjectionExpression = scan.Options["projection-expression"],
                ExpressionAttributeNames = Names(scan),
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(3, listed.Items.Count);

        // Their renditions may be gone, so RenderPhoto must make them again.
        Assert.All(listed.Items, item => Assert.Equal(["contentType", "date", "id", "name", "photoId", "size"], item.Keys.Order(StringComparer.Ordinal)));
        foreach (Dictionary<string, AttributeValue> item in listed.Items)
        {
            try
            {
                await PutAsync(PutItems[1], Album.Direct.Table, item);
            }
            catch (ConditionalCheckFailedException)
            {
                // The command ignores it.
            }

            await Album.PutObjectAsync(OpsAlbum.KeyOf(item[PhotoItem.Id].S));
        }

        await SweepAsync();

        foreach ((int index, (_, string? now, string? after)) in states.Index())
        {
            Dictionary<string, AttributeValue>? item = await Album.ItemAsync(ids[index]);
            string? state = after == "then" ? "listed" : after is null ? null : now;
            Assert.Equal((after is null ? null : $"{after}.jpg", state), (item?["name"].S, item is null ? null : item.GetValueOrDefault("state")?.S ?? "listed"));
        }

        // A pending record of a photo that is listed again has deleted nothing.
        Assert.All(ids[..3], id => Assert.True(Album.HasObject(OpsAlbum.KeyOf(id))));
    }

    [Fact]
    public async Task ARestoredTableIsUsedWithAStreamAndTimeToLive()
    {
        _album = await OpsAlbum.StartAsync(Restored);
        await CreateCopyAsync();
        string listed = OpsAlbum.NewId();
        string expired = OpsAlbum.NewId();
        await PutAsync(Restored, listed, "listed", "photo.jpg");
        await PutAsync(Restored, expired, "granted", "photo.jpg");
        await Album.PutObjectAsync(OpsAlbum.KeyOf(listed));
        await Album.PutObjectAsync(OpsAlbum.KeyOf(expired));

        // Of a copy, neither is set, and nothing happens.
        TableDescription copy = await DescribeAsync();
        Assert.True(copy.StreamSpecification?.StreamEnabled is not true);
        Assert.Null(copy.LatestStreamArn);

        DocumentedCommand stream = s_commands.Single(command => command.Name == "dynamodb update-table");
        DocumentedCommand timeToLive = s_commands.Single(command => command.Name == "dynamodb update-time-to-live");
        await Album.Direct.DynamoDb.UpdateTableAsync(
            new UpdateTableRequest
            {
                TableName = stream.Options["table-name"],
                StreamSpecification = new StreamSpecification
                {
                    StreamEnabled = bool.Parse(stream.Shorthand("stream-specification")["StreamEnabled"]),
                    StreamViewType = stream.Shorthand("stream-specification")["StreamViewType"],
                },
            },
            TestContext.Current.CancellationToken);
        await Album.Direct.DynamoDb.UpdateTimeToLiveAsync(
            new UpdateTimeToLiveRequest
            {
                TableName = timeToLive.Options["table-name"],
                TimeToLiveSpecification = new TimeToLiveSpecification
                {
                    Enabled = bool.Parse(timeToLive.Shorthand("time-to-live-specification")["Enabled"]),
                    AttributeName = timeToLive.Shorthand("time-to-live-specification")["AttributeName"],
                },
            },
            TestContext.Current.CancellationToken);

        string arn = (await DescribeAsync()).LatestStreamArn;
        Assert.NotEqual(Album.StreamArn, arn);
        await using EventSources sources = Album.StartSweeps(Album.Source, arn);
        await Album.WaitAsync(() => Task.FromResult(!Album.HasObject(OpsAlbum.KeyOf(expired))));
        Assert.True(Album.HasObject(OpsAlbum.KeyOf(listed)));
    }

    /// <summary>Adds what RenderPhoto adds to an item.</summary>
    private Task<UpdateItemResponse> RenderAsync(string table, string id) => Album.Direct.DynamoDb.UpdateItemAsync(
        new UpdateItemRequest
        {
            TableName = table,
            Key = OpsAlbum.ItemKeyOf(id),
            UpdateExpression = "SET rendered = :ready, width = :pixels, height = :pixels, taken = :taken, takenUtc = :taken",
            ExpressionAttributeValues = new()
            {
                [":ready"] = new AttributeValue(PhotoItem.Ready),
                [":pixels"] = PhotoItem.Number(1),
                [":taken"] = new AttributeValue("2024-05-01T12:34:56"),
            },
        },
        TestContext.Current.CancellationToken);

    /// <summary>The commands that write an item: for one photo, and for the whole table.</summary>
    private static List<DocumentedCommand> PutItems
    {
        get
        {
            List<DocumentedCommand> commands = s_commands.FindAll(command => command.Name == "dynamodb put-item");
            Assert.Equal(2, commands.Count);
            return commands;
        }
    }

    private static string Place(string text, string id)
    {
        string user = OpsAlbum.ItemKeyOf(id)[PhotoItem.User].S;
        return text.Replace("SUB", user, StringComparison.Ordinal).Replace("ID", id, StringComparison.Ordinal).Replace("BYTES", "5", StringComparison.Ordinal);
    }

    /// <summary>The item that a command writes.</summary>
    private static Dictionary<string, AttributeValue> ItemOf(DocumentedCommand put, string id) => Attributes(Place(put.Options["item"], id));

    private static Dictionary<string, string> Names(DocumentedCommand command) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(command.Options["expression-attribute-names"])!;

    private static Dictionary<string, AttributeValue> Attributes(string json) => JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>>>(json)!
        .ToDictionary(one => one.Key, one => new AttributeValue { S = one.Value.GetValueOrDefault("S"), N = one.Value.GetValueOrDefault("N") });

    private static string Text(Dictionary<string, AttributeValue>? item) =>
        string.Join(',', item!.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value.S}{one.Value.N}"));

    private Task<PutItemResponse> PutAsync(DocumentedCommand put, string table, Dictionary<string, AttributeValue> item) => Album.Direct.DynamoDb.PutItemAsync(new PutItemRequest
    {
        TableName = table,
        Item = item,
        ConditionExpression = put.Options["condition-expression"],
        ExpressionAttributeNames = Names(put),
        ExpressionAttributeValues = Attributes(put.Options["expression-attribute-values"]),
    });

    /// <param name="table">The table.</param>
    /// <param name="id">The photo.</param>
    /// <param name="state">The state; <see langword="null"/> to write no item.</param>
    /// <param name="name">The name.</param>
    private async Task PutAsync(string table, string id, string? state, string name)
    {
        if (state is not null)
        {
            // A grant of the copy has expired since.
            DateTimeOffset expires = DateTimeOffset.UtcNow.AddDays(table == Restored ? -1 : 1);
            Dictionary<string, AttributeValue> item = OpsAlbum.ItemOf(id, state == "listed" ? null : state, expires);
            item["name"] = new(name);
            await Album.Direct.DynamoDb.PutItemAsync(table, item);
        }
    }

    private async Task AddPhotoAsync(string id)
    {
        await Album.PutItemAsync(id);
        await Album.PutObjectAsync(OpsAlbum.KeyOf(id));
    }

    /// <summary>A table as point-in-time recovery restores it: without a stream and time to live.</summary>
    /// <remarks>https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/pointintimerecovery_howitworks.html</remarks>
    private async Task CreateCopyAsync()
    {
        await Album.Direct.DynamoDb.CreateTableAsync(new CreateTableRequest
        {
            TableName = Restored,
            BillingMode = BillingMode.PAY_PER_REQUEST,
            AttributeDefinitions = [new(PhotoItem.User, ScalarAttributeType.S), new(PhotoItem.Id, ScalarAttributeType.S)],
            KeySchema = [new(PhotoItem.User, KeyType.HASH), new(PhotoItem.Id, KeyType.RANGE)],
        });
        await Album.WaitAsync(async () => (await DescribeAsync()).TableStatus == TableStatus.ACTIVE);
    }

    private async Task<TableDescription> DescribeAsync() => (await Album.Direct.DynamoDb.DescribeTableAsync(Restored, TestContext.Current.CancellationToken)).Table;

    /// <summary>Runs SweepPhoto until it has handled all records so far: a last photo is deleted, and its object remains for the sweep.</summary>
    private async Task SweepAsync()
    {
        string last = OpsAlbum.NewId();
        await AddPhotoAsync(last);
        await Album.PutItemAsync(last, PhotoItem.Deleted);
        await using EventSources sources = Album.StartSweeps(Album.Source);
        await Album.WaitAsync(() => Task.FromResult(!Album.HasObject(OpsAlbum.KeyOf(last))));
    }
}

using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Local.Engines;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Tests.Engines;

/// <summary>The streams and the time to live of the built-in DynamoDB.</summary>
public sealed class StreamTests : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private TableDefinition _table = TemplateReader.Read(Repository.Template, "us-east-1").Table;
    private LocalEngines? _engines;
    private AmazonDynamoDBClient? _sdk;
    private StreamsClient? _streams;

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private AmazonDynamoDBClient Sdk => _sdk!;

    private StreamsClient Streams => _streams!;

    private string Arn => _engines!.StreamArn!;

    public ValueTask InitializeAsync() => StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task EveryChangeHasARecordInOrder()
    {
        await PutAsync("1", ("name", "a"));
        await PutAsync("1", ("name", "b"));
        await Sdk.UpdateItemAsync(new UpdateItemRequest { TableName = _table.Name, Key = Key("1"), UpdateExpression = "SET x = :x", ExpressionAttributeValues = new() { [":x"] = new("y") } }, Canceled);
        await Sdk.DeleteItemAsync(_table.Name, Key("1"), Canceled);
        await Sdk.BatchWriteItemAsync(new BatchWriteItemRequest { RequestItems = new() { [_table.Name] = [new WriteRequest(new PutRequest(Key("2")))] } }, Canceled);

        List<StreamRecord> records = await ReadAsync();

        Assert.Equal(["INSERT", "MODIFY", "MODIFY", "REMOVE", "INSERT"], records.Select(record => record.Json["eventName"]!.GetValue<string>()));
        Assert.Equal(records.Select(record => record.SequenceNumber).Order(StringComparer.Ordinal), records.Select(record => record.SequenceNumber));
        JsonObject update = records[2].Json;
        Assert.Equal("""{"id":{"S":"u"},"photoId":{"S":"1"}}""", update["dynamodb"]!["Keys"]!.ToJsonString());
        Assert.Equal("""{"id":{"S":"u"},"photoId":{"S":"1"},"name":{"S":"b"}}""", update["dynamodb"]!["OldImage"]!.ToJsonString());
        Assert.Equal("""{"id":{"S":"u"},"photoId":{"S":"1"},"name":{"S":"b"},"x":{"S":"y"}}""", update["dynamodb"]!["NewImage"]!.ToJsonString());
        Assert.Equal("NEW_AND_OLD_IMAGES", update["dynamodb"]!["StreamViewType"]!.GetValue<string>());
        Assert.Equal(("1.1", "aws:dynamodb"), (update["eventVersion"]!.GetValue<string>(), update["eventSource"]!.GetValue<string>()));
        Assert.Equal(Arn, update["eventSourceARN"]!.GetValue<string>());
        Assert.InRange(records[2].Created, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Null(records[0].Json["dynamodb"]!["OldImage"]);
        Assert.Null(records[3].Json["dynamodb"]!["NewImage"]);
        Assert.Null(records[3].Json["userIdentity"]);
        Assert.Equal(5, records.Select(record => record.Json["eventID"]!.GetValue<string>()).Distinct().Count());
    }

    [Fact]
    public async Task AWriteThatChangesNothingHasNoRecord()
    {
        await PutAsync("1", ("name", "a"));
        await PutAsync("1", ("name", "a"));
        await Sdk.UpdateItemAsync(new UpdateItemRequest { TableName = _table.Name, Key = Key("1"), UpdateExpression = "REMOVE x" }, Canceled);
        await Sdk.DeleteItemAsync(_table.Name, Key("2"), Canceled);
        await Assert.ThrowsAsync<ConditionalCheckFailedException>(() => Sdk.PutItemAsync(
            new PutItemRequest(_table.Name, Key("1")) { ConditionExpression = "attribute_not_exists(id)" }, Canceled));

        Assert.Single(await ReadAsync());
    }

    /// <summary>Otherwise SweepPhoto could read the item as it was before.</summary>
    [Fact]
    public async Task ARecordIsNeverVisibleBeforeItsChangeNorAfter()
    {
        await PutAsync("1", ("n", "0"));
        string iterator = (await Streams.IteratorAsync(Arn, await ShardAsync(), after: null, Canceled))!;
        int seen = 0;
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 1; i <= 200; i++)
                {
                    await PutAsync("1", ("n", i.ToString(CultureInfo.InvariantCulture)));
                }
            },
            Canceled);
        for (bool isDone = false; !isDone;)
        {
            isDone = writing.IsCompleted;
            int before = await ItemAsync();
            (List<StreamRecord> records, string? next) = await Streams.RecordsAsync(iterator, Arn, 1000, Canceled);
            iterator = next!;
            seen = records.Count == 0 ? seen : Number(records[^1].Json["dynamodb"]!["NewImage"]!["n"]!["S"]!);
            int after = await ItemAsync();

            Assert.InRange(seen, before, after);
        }

        await writing;
        Assert.Equal(200, seen);

        async Task<int> ItemAsync() => int.Parse((await Sdk.GetItemAsync(_table.Name, Key("1"), Canceled)).Item["n"].S, CultureInfo.InvariantCulture);

        static int Number(JsonNode text) => int.Parse(text.GetValue<string>(), CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task ConcurrentWritersMissNoRecord()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => PutAsync($"{i}", ("name", "a"))));

        List<StreamRecord> records = await ReadAsync();

        Assert.Equal(100, records.Select(record => record.SequenceNumber).Distinct().Count());
        Assert.Equal(100, records.Select(record => record.Json["dynamodb"]!["Keys"]!["photoId"]!["S"]!.GetValue<string>()).Distinct().Count());
    }

    [Fact]
    public async Task RecordsSurviveARestart()
    {
        await PutAsync("1", ("name", "a"));
        string first = Assert.Single(await ReadAsync()).SequenceNumber;
        await PutAsync("2", ("name", "b"));
        string arn = Arn;
        await StopAsync();
        await StartAsync();
        await PutAsync("3", ("name", "c"));

        List<StreamRecord> all = await ReadAsync();
        List<StreamRecord> rest = await ReadAsync(first);

        Assert.Equal(arn, Arn);
        Assert.Equal(3, all.Count);
        Assert.Equal(all.Skip(1).Select(record => record.SequenceNumber), rest.Select(record => record.SequenceNumber));
    }

    [Fact]
    public async Task PagesContinueWhereTheLastOneEnded()
    {
        for (int i = 0; i < 5; i++)
        {
            await PutAsync($"{i}", ("name", "a"));
        }

        string? iterator = await Streams.IteratorAsync(Arn, await ShardAsync(), after: null, Canceled);
        List<int> sizes = [];
        for (int i = 0; i < 4; i++)
        {
            (List<StreamRecord> page, iterator) = await Streams.RecordsAsync(iterator!, Arn, 2, Canceled);
            sizes.Add(page.Count);
        }

        Assert.Equal([2, 2, 1, 0], sizes);
    }

    [Fact]
    public async Task AStreamThatDoesNotExistIsAnError()
    {
        StreamsException error = await Assert.ThrowsAsync<StreamsException>(() => Streams.ShardsAsync(Arn + "x", Canceled));

        Assert.Contains("ResourceNotFoundException", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTableShowsItsStreamAndItsTimeToLive()
    {
        TableDescription table = (await Sdk.DescribeTableAsync(_table.Name, Canceled)).Table;
        TimeToLiveDescription timeToLive = (await Sdk.DescribeTimeToLiveAsync(_table.Name, Canceled)).TimeToLiveDescription;

        Assert.True(table.StreamSpecification.StreamEnabled);
        Assert.Equal(StreamViewType.NEW_AND_OLD_IMAGES, table.StreamSpecification.StreamViewType);
        Assert.Equal(Arn, table.LatestStreamArn);
        Assert.EndsWith(table.LatestStreamLabel, Arn, StringComparison.Ordinal);
        Assert.Equal((TimeToLiveStatus.ENABLED, "expires"), (timeToLive.TimeToLiveStatus, timeToLive.AttributeName));
    }

    /// <summary>The data folder of an earlier version has such a table.</summary>
    [Fact]
    public async Task ATableWithoutAStreamGetsOneAndKeepsItsItems()
    {
        TableDefinition table = _table;
        _table = new TableDefinition("older", "id", "photoId");
        await StopAsync();
        await StartAsync();
        Assert.Null(_engines!.StreamArn);
        await PutAsync("1", ("name", "a"));
        await PutAsync("2", ("expires", -10));
        await StopAsync();
        _table = table with { Name = "older" };
        await StartAsync();

        await PutAsync("1", ("name", "b"));

        List<StreamRecord> records = await WaitAsync(2);
        Assert.Equal(["1", "2"], records.Select(record => record.Json["dynamodb"]!["Keys"]!["photoId"]!["S"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        StreamRecord change = Assert.Single(records, record => record.Json["eventName"]!.GetValue<string>() == "MODIFY");
        Assert.Equal("a", change.Json["dynamodb"]!["OldImage"]!["name"]!["S"]!.GetValue<string>());
    }

    /// <summary>So has that of a version before the index.</summary>
    [Fact]
    public async Task ATableWithoutAnIndexGetsOneWithItsItems()
    {
        TableDefinition table = _table;
        _table = new TableDefinition("unindexed", "id", "photoId");
        await StopAsync();
        await StartAsync();
        await PutAsync("1", ("takenUtc", "2026"));
        await PutAsync("2", ("name", "a"));
        await PutAsync("3", ("takenUtc", "2025"));
        await StopAsync();
        _table = table with { Name = "unindexed" };
        await StartAsync();
        Assert.Equal(["3", "1"], await IndexAsync());

        await PutAsync("2", ("takenUtc", "2024"));
        await PutAsync("3", ("name", "a"));
        await PutAsync("1", ("takenUtc", "2023"));
        await StopAsync();
        await StartAsync();

        Assert.Equal(["1", "2"], await IndexAsync());
        Assert.True((await Sdk.DescribeTableAsync(_table.Name, Canceled)).Table.GlobalSecondaryIndexes is [{ IndexName: "ByTaken" }]);
    }

    [Fact]
    public async Task AnExpiredItemIsInNoIndex()
    {
        Dictionary<string, AttributeValue> expired = Key("expired");
        expired["takenUtc"] = new AttributeValue("2025");
        expired["expires"] = Photos.Album.PhotoItem.Time(DateTimeOffset.UtcNow.AddSeconds(-10));
        await Sdk.PutItemAsync(_table.Name, expired, Canceled);
        await PutAsync("later", ("takenUtc", "2026"));

        await WaitAsync(3);

        Assert.Equal(["later"], await IndexAsync());
    }

    [Fact]
    public async Task AnExpiredItemIsDeletedByTheService()
    {
        await PutAsync("expired", ("expires", -10));
        await PutAsync("later", ("expires", 3600));
        await PutAsync("years ago", ("expires", -6L * 366 * 24 * 3600));
        await PutAsync("text", ("expires", "1"));
        await PutAsync("extended", ("expires", 5));
        await PutAsync("extended", ("expires", 3600));

        List<StreamRecord> records = await WaitAsync(7);

        JsonObject removed = Assert.Single(records, record => record.Json["eventName"]!.GetValue<string>() == "REMOVE").Json;
        Assert.Equal("expired", removed["dynamodb"]!["Keys"]!["photoId"]!["S"]!.GetValue<string>());
        Assert.NotNull(removed["dynamodb"]!["OldImage"]!["expires"]);
        Assert.Equal("""{"principalId":"dynamodb.amazonaws.com","type":"Service"}""", removed["userIdentity"]!.ToJsonString());
        await Task.Delay(TimeSpan.FromSeconds(6.5), Canceled);
        List<string> left = [.. (await Sdk.ScanAsync(new ScanRequest(_table.Name), Canceled)).Items.Select(item => item["photoId"].S).Order(StringComparer.Ordinal)];
        Assert.Equal(["extended", "later", "text", "years ago"], left);
    }

    [Fact]
    public async Task TimeToLiveIsEnabledOnceAndCanBeDisabled()
    {
        var enable = new UpdateTimeToLiveRequest { TableName = _table.Name, TimeToLiveSpecification = new TimeToLiveSpecification { AttributeName = "expires", Enabled = true } };
        AmazonDynamoDBException error = await Assert.ThrowsAsync<AmazonDynamoDBException>(() => Sdk.UpdateTimeToLiveAsync(enable, Canceled));
        Assert.Equal("TimeToLive is already enabled", error.Message);

        enable.TimeToLiveSpecification.Enabled = false;
        await Sdk.UpdateTimeToLiveAsync(enable, Canceled);
        await PutAsync("1", ("expires", -10));
        await Task.Delay(TimeSpan.FromSeconds(1), Canceled);

        Assert.Single(await ReadAsync());
        Assert.Equal(TimeToLiveStatus.DISABLED, (await Sdk.DescribeTimeToLiveAsync(_table.Name, Canceled)).TimeToLiveDescription.TimeToLiveStatus);
    }

    private async ValueTask StartAsync()
    {
        StackDefinition stack = TemplateReader.Read(Repository.Template, "us-east-1") with { Table = _table };
        var options = new EngineOptions(
            stack, Path.Combine(Repository.Root, "local", "Engines"), _data.Path, IPAddress.Loopback, FirstPort: 0, DynamoDb: null, S3: null, LocalEngines.BuiltInCredentials)
        {
            TimeToLiveInterval = TimeSpan.FromMilliseconds(200),
        };
        _engines = await LocalEngines.StartAsync(options, TextWriter.Null, Canceled);
        _sdk = new AmazonDynamoDBClient(LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = _engines.DynamoDb.AbsoluteUri });
        _streams = new StreamsClient(_engines.DynamoDb, "us-east-1", LocalEngines.BuiltInCredentials);
    }

    private async Task StopAsync()
    {
        _streams?.Dispose();
        _sdk?.Dispose();
        if (_engines is not null)
        {
            await _engines.DisposeAsync();
        }
    }

    private static Dictionary<string, AttributeValue> Key(string id) => new() { ["id"] = new("u"), ["photoId"] = new(id) };

    private Task PutAsync(string id, (string Name, string Text) attribute) => PutAsync(id, attribute.Name, new AttributeValue(attribute.Text));

    /// <param name="id">The sort key.</param>
    /// <param name="attribute">An attribute with a time, in seconds from now.</param>
    private Task PutAsync(string id, (string Name, long Seconds) attribute) =>
        PutAsync(id, attribute.Name, new AttributeValue { N = DateTimeOffset.UtcNow.AddSeconds(attribute.Seconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) });

    private async Task PutAsync(string id, string name, AttributeValue value)
    {
        Dictionary<string, AttributeValue> item = Key(id);
        item[name] = value;
        await Sdk.PutItemAsync(_table.Name, item, Canceled);
    }

    private async Task<string> ShardAsync() => Assert.Single(await Streams.ShardsAsync(Arn, Canceled)).Id;

    private async Task<List<StreamRecord>> ReadAsync(string? after = null)
    {
        string? iterator = await Streams.IteratorAsync(Arn, await ShardAsync(), after, Canceled);
        return (await Streams.RecordsAsync(iterator!, Arn, 1000, Canceled)).Records;
    }

    private async Task<List<StreamRecord>> WaitAsync(int count)
    {
        List<StreamRecord> records;
        for (long end = Environment.TickCount64 + 20_000; (records = await ReadAsync()).Count < count && Environment.TickCount64 < end;)
        {
            await Task.Delay(50, Canceled);
        }

        Assert.Equal(count, records.Count);
        return records;
    }

    /// <summary>The photo ids in the index, in its order.</summary>
    private async Task<IEnumerable<string>> IndexAsync() => (await Sdk.QueryAsync(
        new QueryRequest
        {
            TableName = _table.Name,
            IndexName = "ByTaken",
            KeyConditionExpression = "id = :user",
            ExpressionAttributeValues = new() { [":user"] = Key("any")["id"] },
        },
        Canceled)).Items.Select(item => item["photoId"].S);
}

using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Local.Lambda;
using Photos.Ops;
using Photos.Tests.EndToEnd.Faults;

namespace Photos.Tests.Ops;

/// <summary>
/// SweepPhoto fails past its retries, or a record of the stream is lost. The commands then leave nothing behind.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class SweepFailureTests : IAsyncLifetime
{
    /// <summary>The storage requests of a sweep. The sweep of the photo with the same number fails at it.</summary>
    private static readonly Func<HttpRequest, bool>[] s_requests =
    [
        request => request.Header("x-amz-target") == "DynamoDB_20120810.GetItem",
        request => request.Method == "GET" && request.Target.Contains("versions", StringComparison.Ordinal),
        request => request.Method == "DELETE",
    ];

    private readonly string[] _photos = [.. s_requests.Select(_ => OpsAlbum.NewId())];
    private readonly string _deleted = OpsAlbum.NewId();
    private OpsAlbum? _album;

    private OpsAlbum Album => _album!;

    private IEnumerable<string> All => [.. _photos, _deleted];

    public async ValueTask InitializeAsync() => _album = await OpsAlbum.StartAsync();

    public ValueTask DisposeAsync() => _album?.DisposeAsync() ?? default;

    /// <summary>The batch is reported as failed from its first record, so Lambda discards it whole, with the record that would succeed.</summary>
    [Theory]
    [InlineData("throttled")]
    [InlineData("server error")]
    public async Task ABatchThatFailsPastItsRetriesIsReplayed(string fault)
    {
        await ChangeAsync();
        Fail(Fault.Quick.Single(one => one.Name == fault));
        await SweepAsync(Discarded(4));

        (string key, JsonObject record) = Assert.Single(await RecordsAsync());
        AssertContent(record, "RetryAttemptsExhausted", OpsAlbum.MaxRetries + 1, "\"statusCode\":200", All);
        await AssertFoundAsync(All);

        // The cause is not removed yet. The replay handles what it can, and keeps the batch.
        ToolResult early = await Album.ReplayAsync();
        Assert.Equal(1, early.ExitCode);
        Assert.Equal(
            $"""
            {key}: SweepPhoto failed again with {string.Join(", ", Numbers(record, _photos))}; see its log. It stays in the bucket.
            0 discarded batches were replayed, 1 remain.

            """,
            early.Output);
        Assert.Equal([key], (await Album.DiscardedAsync()).Keys);
        await AssertFoundAsync(_photos);

        await ReplayAllAsync(1);
    }

    /// <summary>Lambda splits a batch whose function was killed, so the record that would succeed does.</summary>
    [Fact]
    public async Task RecordsThatKillSweepPhotoAreReplayed()
    {
        await ChangeAsync();
        Fail(new Fault("killed", async (_, _, _) =>
        {
            await Album.KillSweepPhotoAsync();
            return FakeResponse.HangUp;
        }));
        await SweepAsync(Discarded(3));

        List<(string Key, JsonObject Record)> records = await RecordsAsync();
        Assert.Equal(3, records.Count);
        foreach ((string _, JsonObject record) in records)
        {
            string photo = _photos.Single(id => Ids(record).Contains(id, StringComparer.Ordinal));
            AssertContent(record, "RetryAttemptsExhausted", null, "\"functionError\":\"Unhandled\"", [photo]);
        }

        await AssertFoundAsync(_photos);
        ToolResult early = await Album.ReplayAsync();
        Assert.Equal(1, early.ExitCode);
        Assert.Contains("SweepPhoto failed again: ", early.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await Album.DiscardedAsync()).Count);

        await ReplayAllAsync(3);
    }

    /// <summary>Lambda cannot invoke the function until the records are too old.</summary>
    [Fact]
    public async Task RecordsThatAreTooOldWhenSweepPhotoIsThrottledAreReplayed()
    {
        await ChangeAsync();
        await SweepAsync(Discarded(4), isThrottled: true);

        List<(string Key, JsonObject Record)> records = await RecordsAsync();
        foreach ((string _, JsonObject record) in records)
        {
            AssertContent(record, "RecordAgeExceeded", 0, "\"executedVersion\"", Ids(record));
        }

        Assert.Equal(All.Order(StringComparer.Ordinal), records.SelectMany(one => Ids(one.Record)).Order(StringComparer.Ordinal));
        await AssertFoundAsync(All);

        await ReplayAllAsync(records.Count);
    }

    [Fact]
    public async Task ADiscardedRecordOfAPhotoThatIsListedAgainDeletesNothing()
    {
        await ChangeAsync();
        await SweepAsync(Discarded(4), isThrottled: true);
        await Album.PutItemAsync(_deleted);

        ToolResult replay = await Album.ReplayAsync();

        Assert.Equal(0, replay.ExitCode);
        Assert.Empty(await OpsAlbum.AuditAsync(Album.Direct));
        Assert.True(Album.HasObject(OpsAlbum.KeyOf(_deleted)));
    }

    [Fact]
    public async Task WhatIsNotADiscardedBatchIsReportedAndKept()
    {
        string[] contents = ["", "[]", "{}", """{"payload":1}""", """{"payload":"{}"}""", """{"payload":"not JSON"}"""];
        foreach ((int index, string content) in contents.Index())
        {
            await Album.PutDiscardedAsync($"aws/lambda/{index}", content);
        }

        ToolResult replay = await Album.ReplayAsync();

        Assert.Equal(1, replay.ExitCode);
        Assert.Equal(
            $"{string.Concat(contents.Select((_, index) => $"aws/lambda/{index}: it is not the invocation record of a discarded batch. It stays in the bucket.\n"))}0 discarded batches were replayed, 6 remain.\n",
            replay.Output);
        Assert.Equal(6, (await Album.DiscardedAsync()).Count);
    }

    [Fact]
    public async Task TheObjectOfALostRecordIsReportedAndRepaired()
    {
        // SweepPhoto's mapping does not match a deletion by anyone but time to live, so this record is lost to it.
        string key = OpsAlbum.KeyOf(_deleted);
        await Album.PutItemAsync(_deleted, PhotoItem.Deleted);
        await Album.PutObjectAsync(key, BucketAudit.RepairAge + TimeSpan.FromHours(3));
        await Album.DeleteItemAsync(_deleted);
        Assert.Equal(0, (await Album.ReplayAsync()).ExitCode);

        ToolResult found = await Album.RunAsync("audit");
        Assert.True(Album.HasObject(key));
        ToolResult repaired = await Album.RunAsync("audit", "--repair");
        ToolResult clean = await Album.RunAsync("audit");

        Assert.False(Album.HasObject(key));
        Assert.Equal((1, Report($"{key}: no item names this object. It is 10.1 days old.\n", objects: 1, unnamed: 1)), (found.ExitCode, found.Output));
        Assert.Equal((0, Report($"{key}: no item named this object. It was 10.1 days old, and is deleted now.\n", objects: 1, repaired: 1)), (repaired.ExitCode, repaired.Output));
        Assert.Equal((0, Report("")), (clean.ExitCode, clean.Output));
    }

    /// <summary>What the audit prints.</summary>
    private static string Report(string findings, int photos = 0, int missing = 0, int objects = 0, int unnamed = 0, int repaired = 0, int deleted = 0) =>
        $"""
        {findings}Compared {photos} listed photos with {objects} objects and 0 renditions.
        {missing} listed photos have no object, 0 lack renditions.
        {unnamed} objects are named by no item; {repaired} more were, and are deleted.
        0 objects do not have the key of a photo.
        {deleted} objects belong to deleted photos, which is not an error.

        """;

    /// <summary>Three photos whose grants expire without a write, and after the first of them one that is deleted. All have objects.</summary>
    private async Task ChangeAsync()
    {
        foreach (string id in All)
        {
            await Album.PutObjectAsync(OpsAlbum.KeyOf(id));
        }

        await ExpireAsync(_photos[..1]);
        await Album.PutItemAsync(_deleted);
        await Album.PutItemAsync(_deleted, PhotoItem.Deleted);
        await ExpireAsync(_photos[1..]);
    }

    private async Task ExpireAsync(string[] photos)
    {
        foreach (string id in photos)
        {
            await Album.PutItemAsync(id, PhotoItem.Granted, DateTimeOffset.UtcNow.AddMinutes(-1));
        }

        await Album.WaitAsync(async () =>
        {
            Dictionary<string, AttributeValue>?[] items = await Task.WhenAll(photos.Select(Album.ItemAsync));
            return Array.TrueForAll(items, item => item is null);
        });
    }

    /// <summary>One storage request of the sweep of each photo fails, each time.</summary>
    private void Fail(Fault fault) => Album.Interceptor = (request, forward, cancellationToken) =>
        _photos.Where((id, number) => s_requests[number](request) && (request.Target + request.Text).Contains(id, StringComparison.Ordinal)).Any()
            ? fault.Inject(request, forward, cancellationToken)
            : forward();

    private Func<Task<bool>> Discarded(int records) => async () => (await RecordsAsync()).Sum(one => Ids(one.Record).Count()) == records;

    private async Task SweepAsync(Func<Task<bool>> isOver, bool isThrottled = false)
    {
        await using EventSources sources = Album.StartSweeps(
            isThrottled ? Album.Source with { MaxRecordAgeSeconds = 2 } : Album.Source, isThrottled: isThrottled);
        await Album.WaitAsync(isOver);
    }

    private async Task<List<(string Key, JsonObject Record)>> RecordsAsync() =>
        [.. (await Album.DiscardedAsync()).Select(one => (one.Key, (JsonObject)JsonNode.Parse(one.Value)!))];

    private static JsonArray Payload(JsonObject record) => JsonNode.Parse((string)record["payload"]!)!["Records"]!.AsArray();

    private static IEnumerable<string> Ids(JsonObject record) =>
        Payload(record).Select(one => (string)one!["dynamodb"]!["Keys"]!["photoId"]!["S"]!);

    private static IEnumerable<string> Numbers(JsonObject record, string[] ids) => Payload(record)
        .Where(one => ids.Contains((string)one!["dynamodb"]!["Keys"]!["photoId"]!["S"]!, StringComparer.Ordinal))
        .Select(one => (string)one!["dynamodb"]!["SequenceNumber"]!);

    /// <param name="record">The invocation record.</param>
    /// <param name="condition">Why Lambda discarded the batch.</param>
    /// <param name="invocations">How often it invoked the function; <see langword="null"/> for at least once.</param>
    /// <param name="response">A part of the response context.</param>
    /// <param name="ids">The photos of the batch.</param>
    private static void AssertContent(JsonObject record, string condition, int? invocations, string response, IEnumerable<string> ids)
    {
        int count = (int)record["requestContext"]!["approximateInvokeCount"]!;
        Assert.Equal(condition, (string?)record["requestContext"]!["condition"]);
        Assert.True(invocations is null ? count >= 1 : count == invocations, $"{count} invocations");
        Assert.Contains(response, record["responseContext"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(Payload(record).Count, (int)record["DDBStreamBatchInfo"]!["batchSize"]!);
        Assert.Equal(ids.Order(StringComparer.Ordinal), Ids(record).Order(StringComparer.Ordinal));
    }

    /// <summary>Checks that the objects of some of the photos remain, and that the audit finds those without a tombstone.</summary>
    private async Task AssertFoundAsync(IEnumerable<string> remaining)
    {
        Assert.Equal(
            remaining.Select(id => (id == _deleted ? FindingKind.DeletedPhoto : FindingKind.UnnamedObject, OpsAlbum.KeyOf(id))).Order(),
            (await OpsAlbum.AuditAsync(Album.Direct)).Select(finding => (finding.Kind, finding.Key)).Order());
    }

    /// <summary>Removes the cause of the failures, and replays.</summary>
    private async Task ReplayAllAsync(int batches)
    {
        Album.Interceptor = null;
        string[] keys = [.. (await Album.DiscardedAsync()).Keys];

        ToolResult replay = await Album.ReplayAsync();

        Assert.Equal(
            (0, $"{string.Concat(keys.Select(key => $"{key}: replayed and deleted.\n"))}{batches} discarded batches were replayed, 0 remain.\n"),
            (replay.ExitCode, replay.Output));
        Assert.Empty(await Album.DiscardedAsync());
        Assert.All(All, id => Assert.False(Album.HasObject(OpsAlbum.KeyOf(id))));
        ToolResult audit = await Album.RunAsync("audit");
        Assert.Equal((0, Report("")), (audit.ExitCode, audit.Output));
    }
}

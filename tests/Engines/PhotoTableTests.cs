using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Runtime;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.Unit.Aws;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.Engines;

public sealed class PhotoTableTests : IClassFixture<StorageEngines>, IDisposable
{
    private const long Size = 26_214_400;
    private const string Type = "image/jpeg";

    private static readonly UserId s_bob = UserId.FromSubject("table-bob");
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;
    private static readonly UploadedObject s_uploaded = new(Size, Type);

    private readonly StorageEngines _engines;
    private readonly MemoryStream _logged = new();
    private readonly PhotoTable _table;
    private readonly AmazonDynamoDBClient _sdk;

    public PhotoTableTests(StorageEngines engines)
    {
        _engines = engines;
        _table = Table(engines.Settings);
        _sdk = new AmazonDynamoDBClient(
            SdkClients.Credentials(engines.Settings.Aws), new AmazonDynamoDBConfig { ServiceURL = engines.Settings.Aws.DynamoDbEndpoint!.Origin });
    }

    public void Dispose()
    {
        _sdk.Dispose();
        _logged.Dispose();
    }

    [Fact]
    public void APhotoIsReturnedAsItWasGrantedAndWritten()
    {
        UserId alice = UserId.FromSubject("us-east-1:table-alice");
        Photo photo = NewPhoto("Écluse \"1\" 👩‍👧.jpg");

        Grant(alice, photo);
        Assert.Null(_table.Find(alice, photo.Id, Canceled));
        Assert.Empty(_table.List(alice, default, 1, after: null, Canceled).Photos);
        Assert.Equal(new StoredPhoto(PhotoState.Granted, Photo: null), _table.Look(alice, photo.Id, s_now, Canceled));

        Assert.Equal((true, new StoredPhoto(PhotoState.Listed, photo)), Write(alice, photo.Id, name: null));

        Assert.Equal(photo, _table.Find(alice, photo.Id, Canceled));
        Assert.Equal(PhotoRules.FormatDate(photo.Id.Time), photo.Date);
        Assert.Equal([photo], _table.List(alice, default, 1, after: null, Canceled).Photos);
        Assert.Null(_table.Find(s_bob, photo.Id, Canceled));
        Assert.Empty(_table.List(s_bob, default, 100, after: null, Canceled).Photos);
    }

    [Fact]
    public void ASecondWriteDoesNotReplaceTheFirst()
    {
        UserId alice = UserId.FromSubject("table-first");
        Photo photo = NewPhoto("granted");
        Grant(alice, photo);

        Assert.Equal((true, new StoredPhoto(PhotoState.Listed, photo with { Name = "first" })), Write(alice, photo.Id, "first"));
        Assert.Equal((false, new StoredPhoto(PhotoState.Listed, photo with { Name = "first" })), Write(alice, photo.Id, "second"));
        Assert.Equal((false, new StoredPhoto(PhotoState.Listed, photo with { Name = "first" })), Write(alice, photo.Id, name: null));

        Assert.Equal(photo with { Name = "first" }, _table.Find(alice, photo.Id, Canceled));
    }

    [Fact]
    public void AnIdIsGrantedOnce()
    {
        UserId alice = UserId.FromSubject("table-grant");
        Photo photo = NewPhoto("a");
        Grant(alice, photo);

        Assert.Throws<InvalidDataException>(() => Grant(alice, photo with { Name = "b" }));

        Assert.Equal("a", Write(alice, photo.Id, name: null).Stored.Photo!.Name);
    }

    [Theory]
    [InlineData(Size - 1, Type)]
    [InlineData(Size, "image/png")]
    [InlineData(Size, null)]
    public void AnObjectThatIsNotAsDeclaredIsNotListed(long size, string? type)
    {
        UserId alice = UserId.FromSubject("table-declared");
        Photo photo = NewPhoto("a");
        Grant(alice, photo);

        Assert.Equal(
            (false, new StoredPhoto(PhotoState.Granted, Photo: null)),
            _table.Write(alice, photo.Id, "a", new UploadedObject(size, type), s_now, Canceled));

        Assert.Null(_table.Find(alice, photo.Id, Canceled));
    }

    [Fact]
    public void AnExpiredGrantCountsAsNone()
    {
        UserId alice = UserId.FromSubject("table-expired");
        Photo photo = NewPhoto("a");
        Grant(alice, photo);
        DateTimeOffset late = s_now.AddHours(1);

        Assert.Equal((false, default), _table.Write(alice, photo.Id, "a", s_uploaded, late, Canceled));
        Assert.Equal(default, _table.Look(alice, photo.Id, late, Canceled));
        Assert.Equal(PhotoState.Granted, _table.StateOf(alice, photo.Id, Canceled));
        Assert.Null(_table.Find(alice, photo.Id, Canceled));
    }

    [Fact]
    public void AWriteWithoutAGrantStoresNothing()
    {
        UserId alice = UserId.FromSubject("table-ungranted");
        PhotoId id = NewPhoto("a").Id;

        Assert.Equal((false, default), Write(alice, id, "a"));

        Assert.Equal(PhotoState.None, _table.StateOf(alice, id, Canceled));
    }

    [Fact]
    public async Task ARenameChangesOnlyTheName()
    {
        UserId alice = UserId.FromSubject("table-rename");
        Photo photo = NewPhoto("a");
        Grant(alice, photo);
        Write(alice, photo.Id, name: null);
        await RenderAsync(alice, photo.Id, "SET rendered = :r, width = :w, height = :h, taken = :t", new()
        {
            [":r"] = new AttributeValue(PhotoItem.Ready),
            [":w"] = PhotoItem.Number(3),
            [":h"] = PhotoItem.Number(2),
            [":t"] = new AttributeValue("2024-05-01T12:34:56"),
        });
        Photo renamed = photo with { Name = "b", Status = PhotoStatus.Ready, Picture = new Picture(3, 2, "2024-05-01T12:34:56") };

        Assert.Equal(new StoredPhoto(PhotoState.Listed, renamed), _table.Rename(alice, photo.Id, "b", Canceled));
        Assert.Equal(new StoredPhoto(PhotoState.Listed, renamed), _table.Rename(alice, photo.Id, "b", Canceled));

        Assert.Equal(renamed, _table.Find(alice, photo.Id, Canceled));
        Assert.Equal((false, new StoredPhoto(PhotoState.Listed, renamed)), Write(alice, photo.Id, "c"));
        Assert.Equal(
            ["contentType", "date", "height", "id", "name", "photoId", "rendered", "size", "taken", "takenUtc", "width"],
            (await ItemAsync(alice, photo.Id)).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ARenameOfAPhotoThatIsNotListedChangesNothing()
    {
        UserId alice = UserId.FromSubject("table-rename-unlisted");
        Photo granted = NewPhoto("granted");
        Grant(alice, granted);
        Photo deleted = NewPhoto("deleted");
        Grant(alice, deleted);
        _table.Delete(alice, deleted.Id, s_now.AddDays(1), Canceled);
        UserId other = UserId.FromSubject("table-rename-other");
        Photo others = Assert.Single(Album(other, 1));

        Assert.Equal(new StoredPhoto(PhotoState.Granted, Photo: null), _table.Rename(alice, granted.Id, "b", Canceled));
        Assert.Equal(new StoredPhoto(PhotoState.Deleted, Photo: null), _table.Rename(alice, deleted.Id, "b", Canceled));
        Assert.Equal(default, _table.Rename(alice, others.Id, "b", Canceled));

        Assert.Equal("granted", Write(alice, granted.Id, name: null).Stored.Photo!.Name);
        Assert.Equal(["expires", "id", "photoId", "state"], (await ItemAsync(alice, deleted.Id)).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(PhotoState.None, _table.StateOf(alice, others.Id, Canceled));
        Assert.Equal(others, _table.Find(other, others.Id, Canceled));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DeleteLeavesATombstoneThatKeepsTheIdFromBeingUsedAgain(bool isListed)
    {
        UserId alice = UserId.FromSubject("table-delete");
        Photo photo = NewPhoto("a");
        Grant(alice, photo);
        if (isListed)
        {
            Write(alice, photo.Id, "a");
            await _sdk.UpdateItemAsync(
                new UpdateItemRequest
                {
                    TableName = _engines.Settings.Table,
                    Key = PhotoItem.Key(alice, photo.Id),
                    UpdateExpression = "SET rendered = :ready, width = :pixels, height = :pixels, taken = :taken, takenUtc = :taken",
                    ExpressionAttributeValues = new()
                    {
                        [":ready"] = new AttributeValue(PhotoItem.Ready),
                        [":pixels"] = PhotoItem.Number(1),
                        [":taken"] = new AttributeValue("2024-05-01T12:34:56"),
                    },
                },
                Canceled);
        }

        Assert.Equal(PhotoState.None, _table.Delete(s_bob, photo.Id, s_now.AddDays(1), Canceled));
        Assert.Equal(PhotoState.Listed, _table.Delete(alice, photo.Id, s_now.AddDays(1), Canceled));
        Assert.Equal(PhotoState.Deleted, _table.Delete(alice, photo.Id, s_now.AddDays(2), Canceled));

        Assert.Null(_table.Find(alice, photo.Id, Canceled));
        Assert.Empty(_table.List(alice, default, 100, after: null, Canceled).Photos);
        Assert.Equal((false, new StoredPhoto(PhotoState.Deleted, Photo: null)), Write(alice, photo.Id, "a"));
        Assert.Equal(PhotoState.Deleted, _table.StateOf(alice, photo.Id, Canceled));
        Assert.Throws<InvalidDataException>(() => Grant(alice, photo));
        Dictionary<string, AttributeValue> tombstone = await ItemAsync(alice, photo.Id);
        Assert.Equal(["expires", "id", "photoId", "state"], tombstone.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(PhotoItem.Time(s_now.AddDays(1)).N, tombstone["expires"].N);
    }

    /// <summary>More than DynamoDB reads for one page, which is 1 MB, so there are several.</summary>
    [Fact]
    public async Task UndeletedPhotosAreThoseThatAreGrantedOrListedOldestFirst()
    {
        UserId alice = UserId.FromSubject("table-undeleted");
        Photo[] listed = Album(alice, 3);
        Photo granted = NewPhoto("granted");
        Grant(alice, granted);
        Photo deleted = NewPhoto("deleted");
        Grant(alice, deleted);
        Assert.Equal(PhotoState.Listed, _table.Delete(alice, deleted.Id, s_now.AddDays(1), Canceled));
        Grant(UserId.FromSubject("table-undeleted2"), NewPhoto("another user's"));
        foreach (WriteRequest[] some in Enumerable.Range(0, 12_000).Select(i => Tombstone(alice, DateTimeOffset.UnixEpoch.AddYears(51).AddSeconds(i))).Chunk(25))
        {
            await _sdk.BatchWriteItemAsync(new BatchWriteItemRequest(new Dictionary<string, List<WriteRequest>> { [_engines.Settings.Table] = [.. some] }), Canceled);
        }

        Assert.Equal([.. listed.Select(photo => photo.Id), granted.Id], _table.Undeleted(alice, Canceled));
        Assert.Empty(_table.Undeleted(s_bob, Canceled));
        Assert.Empty(_logged.ToArray());
    }

    [Fact]
    public async Task AnUndeletedItemThatIsNotAPhotoIsSkippedAndLogged()
    {
        UserId alice = UserId.FromSubject("table-undeleted-other");
        Dictionary<string, AttributeValue> other = new() { [PhotoItem.User] = new(alice.Value), [PhotoItem.Id] = new("other") };
        await _sdk.PutItemAsync(_engines.Settings.Table, other, Canceled);
        Photo[] listed = Album(alice, 1);

        Assert.Equal([listed[0].Id], _table.Undeleted(alice, Canceled));
        Assert.Contains("Skipped an item that is not a photo: id table-undeleted-other, photoId other.", Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void PagesAreNewestFirstAndSayWhetherMoreFollow()
    {
        UserId alice = UserId.FromSubject("table-pages");
        Photo[] photos = Album(alice, 5);

        PhotoPage first = _table.List(alice, default, 3, after: null, Canceled);
        PhotoPage last = _table.List(alice, default, 2, first.Next, Canceled);

        Assert.Equal([photos[4], photos[3], photos[2]], first.Photos);
        Assert.Equal(new PhotoPosition(photos[2].Id, TakenUtc: null), first.Next);
        Assert.Equal([photos[1], photos[0]], last.Photos);
        Assert.Null(last.Next);
    }

    /// <summary>The items of grants and tombstones are many, and everywhere: before, between and after the photos.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void PagesSkipGrantsAndTombstonesAndAreFull(int limit)
    {
        UserId alice = UserId.FromSubject($"table-tombstones-{limit}");
        Photo[] all = [.. Enumerable.Range(0, 60).Select(i => NewPhoto($"{i}", DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i)))];
        List<Photo> listed = [];
        for (int i = 0; i < all.Length; i++)
        {
            Grant(alice, all[i]);
            if (i is 7 or 8 or 30 or 50 or 51)
            {
                Write(alice, all[i].Id, name: null);
                listed.Insert(0, all[i]);
            }
            else if (i % 3 != 0)
            {
                _table.Delete(alice, all[i].Id, s_now.AddDays(1), Canceled);
            }
        }

        List<Photo> read = [];
        PhotoPosition? next = null;
        do
        {
            PhotoPage page = _table.List(alice, default, limit, next, Canceled);
            read.AddRange(page.Photos);
            next = page.Next;

            Assert.NotEmpty(page.Photos);
            Assert.Equal(next is null, read.Count == listed.Count);
            Assert.True(next is null || page.Photos.Count == limit);
        }
        while (next is not null);

        Assert.Equal(listed, read);
    }

    [Fact]
    public void AnAlbumOfTombstonesIsOneEmptyPage()
    {
        UserId alice = UserId.FromSubject("table-only-tombstones");
        foreach (Photo photo in Album(alice, 20))
        {
            _table.Delete(alice, photo.Id, s_now.AddDays(1), Canceled);
        }

        PhotoPage page = _table.List(alice, default, 3, after: null, Canceled);

        Assert.Empty(page.Photos);
        Assert.Null(page.Next);
    }

    /// <summary>A user who has just deleted most of a large album. docs/deploy.md says what such a page costs.</summary>
    [Fact]
    public async Task TheFirstPageUnderTenThousandTombstonesNeedsFewQueries()
    {
        const int Tombstones = 10_000;
        const int MostQueries = 5;
        const int MostItemsOfABatch = 25;
        UserId alice = UserId.FromSubject("table-many-tombstones");
        Photo[] photos = Album(alice, 3);
        await Parallel.ForEachAsync(Enumerable.Range(0, Tombstones).Chunk(MostItemsOfABatch), Canceled, async (numbers, cancellationToken) =>
        {
            BatchWriteItemResponse response = await _sdk.BatchWriteItemAsync(
                new Dictionary<string, List<WriteRequest>> { [_engines.Settings.Table] = [.. numbers.Select(number => Tombstone(alice, s_now.AddSeconds(number)))] },
                cancellationToken);
            Assert.True(response.UnprocessedItems is null or { Count: 0 });
        });
        int queries = 0;
        await using var proxy = new FaultProxy(_engines.Settings.Aws.DynamoDbEndpoint!.ToUri(), _ =>
        {
            queries++;
            return null;
        });
        proxy.Start();
        PhotoTable table = Table(_engines.Settings with { Aws = _engines.Settings.Aws with { DynamoDbEndpoint = new Uri(proxy.Url).ToEndpoint() } });

        PhotoPage page = table.List(alice, default, 50, after: null, Canceled);

        Assert.Equal([photos[2], photos[1], photos[0]], page.Photos);
        Assert.Null(page.Next);
        Assert.InRange(queries, 1, MostQueries);
    }

    [Theory]
    [InlineData("renaming")]
    [InlineData(null)]
    public async Task AnItemOfAnUnknownStateIsSkippedAndLogged(string? state)
    {
        UserId alice = UserId.FromSubject($"table-unknown-{state}");
        Photo[] photos = Album(alice, 2);
        PhotoId unknown = NewPhoto("unknown").Id;
        Dictionary<string, AttributeValue> item = PhotoItem.Key(alice, unknown);
        if (state is not null)
        {
            item["state"] = new AttributeValue(state);
        }

        await _sdk.PutItemAsync(_engines.Settings.Table, item, Canceled);

        Assert.Equal([photos[1], photos[0]], _table.List(alice, default, 3, after: null, Canceled).Photos);
        Assert.Contains($"Skipped an item that is not a photo: id {alice.Value}, photoId {unknown}", Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
        Assert.Null(_table.Find(alice, unknown, Canceled));
        Assert.Equal(PhotoState.Unknown, _table.StateOf(alice, unknown, Canceled));
        Assert.Equal((false, new StoredPhoto(PhotoState.Unknown, Photo: null)), Write(alice, unknown, "a"));
    }

    [Fact]
    public void AnUnreachableEngineIsReportedAsUnavailable()
    {
        PhotoTable table = Table(_engines.Settings with { Aws = _engines.Settings.Aws with { DynamoDbEndpoint = new Uri("http://127.0.0.1:1").ToEndpoint() } });

        PhotoException refusal = Assert.Throws<PhotoException>(() => table.Find(s_bob, NewPhoto("a").Id, Canceled));

        Assert.Equal(PhotoFault.StorageUnavailable, refusal.Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public async Task AMalformedResponseIsReportedAsUnavailable(string body)
    {
        PhotoException refusal = Assert.IsType<PhotoException>(await ListAsync(body));

        Assert.Equal(PhotoFault.StorageUnavailable, refusal.Fault);
    }

    /// <summary>Neither the client's request nor a retry is the reason, so the error is not a <see cref="PhotoException"/>.</summary>
    [Theory]
    [InlineData("""{"Count":0}""")]
    [InlineData("""{"Items":{}}""")]
    [InlineData("""{"Items":[],"LastEvaluatedKey":{}}""")]
    [InlineData("""{"Items":[],"LastEvaluatedKey":{"photoId":{"S":"x"}}}""")]
    [InlineData("""{"Items":[],"LastEvaluatedKey":{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"}}}""")]
    public async Task AMalformedPageIsAnInternalError(string body) => Assert.IsType<InvalidDataException>(await ListAsync(body));

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"photoId":{"S":"x"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"S":"a"}}""")]
    [InlineData("""{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":null},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"S":"a"}}""")]
    [InlineData("""{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"-1"},"contentType":{"S":"a"}}""")]
    [InlineData("""{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":1},"contentType":{"S":"a"}}""")]
    [InlineData("""{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"L":"image/jpeg"}}""")]
    public async Task AMalformedItemIsSkippedAndLogged(string item)
    {
        Assert.Null(await ListAsync($$"""{"Items":[{{item}}]}"""));

        Assert.Contains("Skipped an item that is not a photo", Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"S":"ready"}""", """{"N":"4032"}""", """{"N":"3024"}""", """{"S":"2026-11-22T16:30:05+02:00"}""", PhotoStatus.Ready, "2026-11-22T16:30:05+02:00")]
    [InlineData("""{"S":"ready"}""", """{"N":"4032"}""", """{"N":"3024"}""", """{"N":"2026"}""", PhotoStatus.Ready, null)]
    [InlineData("""{"S":"unsupported"}""", """{"S":"a"}""", "[]", "null", PhotoStatus.Unsupported, null)]
    [InlineData("""{"S":"ready"}""", """{"S":"4032"}""", """{"N":"3024"}""", "{}", PhotoStatus.Processing, null)]
    [InlineData("""{"S":"ready"}""", """{"N":4032}""", """{"N":"3024"}""", "{}", PhotoStatus.Processing, null)]
    [InlineData("""{"S":"ready"}""", """{"N":"4032"}""", """{"N":"-1"}""", "{}", PhotoStatus.Processing, null)]
    [InlineData("""{"S":"ready"}""", """{"N":"0"}""", """{"N":"3024"}""", "{}", PhotoStatus.Processing, null)]
    [InlineData("""{"S":"ready"}""", """{"N":"1e3"}""", """{"N":"99999999999"}""", "{}", PhotoStatus.Processing, null)]
    [InlineData("""{"S":"a later version's"}""", """{"N":"4032"}""", """{"N":"3024"}""", "{}", PhotoStatus.Processing, null)]
    [InlineData("""{"N":"1"}""", """{"N":"4032"}""", """{"N":"3024"}""", "{}", PhotoStatus.Processing, null)]
    [InlineData("null", """{"N":"4032"}""", """{"N":"3024"}""", "{}", PhotoStatus.Processing, null)]
    [InlineData("""{"S":"\ud800"}""", "5", "[null]", "{}", PhotoStatus.Processing, null)]
    public async Task APhotoIsListedWhateverWasRendered(string rendered, string width, string height, string taken, PhotoStatus status, string? expected)
    {
        string item = $$$"""
            {"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"S":"image/jpeg"},
            "rendered":{{{rendered}}},"width":{{{width}}},"height":{{{height}}},"taken":{{{taken}}}}
            """;
        PhotoPage? page = null;

        Assert.Null(await ListAsync($$"""{"Items":[{{item}}]}""", listed => page = listed));

        Photo photo = Assert.Single(page!.Photos);
        Assert.Equal(status, photo.Status);
        Assert.Equal(status == PhotoStatus.Ready ? new Picture(4032, 3024, expected) : null, photo.Picture);
        string log = Encoding.UTF8.GetString(_logged.ToArray());
        Assert.Equal(status == PhotoStatus.Processing, log.Contains("Listed a photo as processing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatWasRenderedIsReadFromTheTable()
    {
        UserId alice = UserId.FromSubject("table-rendered");
        Photo[] photos = Album(alice, 3);
        await RenderAsync(alice, photos[0].Id, "SET rendered = :r, width = :w, height = :h, taken = :t", new()
        {
            [":r"] = new AttributeValue(PhotoItem.Ready),
            [":w"] = PhotoItem.Number(4032),
            [":h"] = PhotoItem.Number(3024),
            [":t"] = new AttributeValue("2026-11-22T16:30:05"),
        });
        await RenderAsync(alice, photos[1].Id, "SET rendered = :r", new() { [":r"] = new AttributeValue(PhotoItem.Unsupported) });
        photos[0] = photos[0] with { Status = PhotoStatus.Ready, Picture = new Picture(4032, 3024, "2026-11-22T16:30:05") };
        photos[1] = photos[1] with { Status = PhotoStatus.Unsupported };

        Assert.Equal([photos[2], photos[1], photos[0]], _table.List(alice, default, 3, after: null, Canceled).Photos);
        Assert.Equal(photos[0], _table.Find(alice, photos[0].Id, Canceled));
        Assert.Equal((false, new StoredPhoto(PhotoState.Listed, photos[0])), Write(alice, photos[0].Id, name: null));
        Assert.Empty(_logged.ToArray());
    }

    private Task<UpdateItemResponse> RenderAsync(UserId user, PhotoId id, string update, Dictionary<string, AttributeValue> values) => _sdk.UpdateItemAsync(
        new UpdateItemRequest { TableName = _engines.Settings.Table, Key = PhotoItem.Key(user, id), UpdateExpression = update, ExpressionAttributeValues = values }, Canceled);

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private static Photo NewPhoto(string name, DateTimeOffset? time = null)
    {
        var id = PhotoId.Create(time ?? DateTimeOffset.UtcNow);
        return new Photo(id, name, PhotoRules.FormatDate(id.Time), Size, Type);
    }

    private static WriteRequest Tombstone(UserId user, DateTimeOffset time)
    {
        Dictionary<string, AttributeValue> item = PhotoItem.Key(user, PhotoId.Create(time));
        item[PhotoItem.State] = new AttributeValue(PhotoItem.Deleted);
        item[PhotoItem.Expires] = PhotoItem.Time(s_now.AddDays(1));
        return new WriteRequest(new PutRequest(item));
    }

    private async Task<Exception?> ListAsync(string body, Action<PhotoPage>? use = null)
    {
        await using var server = new FakeHttpServer(
            (_, _) => ValueTask.FromResult(FakeResponse.Http(200, ["Content-Type: application/x-amz-json-1.0"], Encoding.UTF8.GetBytes(body))));
        PhotoTable table = Table(_engines.Settings with { Aws = _engines.Settings.Aws with { DynamoDbEndpoint = new Uri($"http://{server.Address}").ToEndpoint() } });
        return Record.Exception(() =>
        {
            PhotoPage page = table.List(s_bob, default, 1, after: null, Canceled);
            use?.Invoke(page);
        });
    }

    private PhotoTable Table(AlbumSettings settings) => new(settings, FunctionLog.CreateDefault(_logged));

    private void Grant(UserId user, Photo photo) => _table.Grant(user, photo, s_now.AddHours(1), Canceled);

    private (bool IsNew, StoredPhoto Stored) Write(UserId user, PhotoId id, string? name) =>
        _table.Write(user, id, name, s_uploaded, s_now, Canceled);

    private async Task<Dictionary<string, AttributeValue>> ItemAsync(UserId user, PhotoId id)
    {
        var get = new GetItemRequest { TableName = _engines.Settings.Table, Key = PhotoItem.Key(user, id), ConsistentRead = true };
        return (await _sdk.GetItemAsync(get, Canceled)).Item;
    }

    /// <summary>Photos of one second each, oldest first.</summary>
    private Photo[] Album(UserId user, int count)
    {
        Photo[] photos = [.. Enumerable.Range(0, count).Select(i => NewPhoto($"{i}", DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i)))];
        foreach (Photo photo in photos)
        {
            Grant(user, photo);
            Write(user, photo.Id, name: null);
        }

        return photos;
    }
}

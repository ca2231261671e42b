using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Local.Engines;
using Photos.Runtime;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.Engines;

public sealed class PhotoTableTests : IClassFixture<StorageEngines>, IDisposable
{
    private static readonly UserId s_bob = UserId.FromSubject("table-bob");
    private readonly MemoryStream _logged = new();
    private readonly AmazonDynamoDBClient _sdk;
    private readonly StorageEngines _engines;
    private readonly PhotoTable _table;

    public PhotoTableTests(StorageEngines engines)
    {
        _engines = engines;
        _sdk = new AmazonDynamoDBClient(
            LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = engines.Settings.Aws.DynamoDbEndpoint!.AbsoluteUri });
        _table = new PhotoTable(engines.Settings, FunctionLog.CreateDefault(_logged));
    }

    public void Dispose()
    {
        _logged.Dispose();
        _sdk.Dispose();
    }

    [Fact]
    public void APhotoIsReturnedAsItWasAdded()
    {
        UserId alice = UserId.FromSubject("us-east-1:table-alice");
        Photo photo = NewPhoto("Écluse \"1\" 👩‍👧.jpg");

        Assert.True(_table.TryAdd(alice, photo, Canceled));

        Assert.Equal(photo, _table.Find(alice, photo.Id, Canceled));
        Assert.Equal([photo], (_table.List(alice, 1, after: null, Canceled)).Photos);
        Assert.Null(_table.Find(s_bob, photo.Id, Canceled));
        Assert.Empty((_table.List(s_bob, 100, after: null, Canceled)).Photos);
    }

    [Fact]
    public void ASecondWriteDoesNotReplaceTheFirst()
    {
        UserId alice = UserId.FromSubject("table-first");
        Photo first = NewPhoto("first");

        Assert.True(_table.TryAdd(alice, first, Canceled));
        Assert.False(_table.TryAdd(alice, first with { Name = "second" }, Canceled));

        Assert.Equal(first, _table.Find(alice, first.Id, Canceled));
    }

    [Fact]
    public void DeleteReturnsWhetherThePhotoExisted()
    {
        UserId alice = UserId.FromSubject("table-delete");
        Photo photo = NewPhoto("a");
        _table.TryAdd(alice, photo, Canceled);

        Assert.False(_table.Delete(s_bob, photo.Id, Canceled));
        Assert.True(_table.Delete(alice, photo.Id, Canceled));
        Assert.False(_table.Delete(alice, photo.Id, Canceled));
        Assert.Null(_table.Find(alice, photo.Id, Canceled));
    }

    [Fact]
    public void PagesAreNewestFirstAndSayWhetherMoreFollow()
    {
        UserId alice = UserId.FromSubject("table-pages");
        Photo[] photos = [.. Enumerable.Range(0, 5).Select(i => NewPhoto($"{i}", DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i)))];
        foreach (Photo photo in photos)
        {
            _table.TryAdd(alice, photo, Canceled);
        }

        PhotoPage first = _table.List(alice, 3, after: null, Canceled);
        PhotoPage last = _table.List(alice, 2, after: first.Photos[^1].Id, Canceled);

        Assert.Equal([photos[4], photos[3], photos[2]], first.Photos);
        Assert.Equal(photos[2].Id, first.Next);
        Assert.Equal([photos[1], photos[0]], last.Photos);
        Assert.Null(last.Next);
    }

    [Fact]
    public void AnUnreachableEngineIsReportedAsUnavailable()
    {
        var table = new PhotoTable(_engines.Settings with { Aws = _engines.Settings.Aws with { DynamoDbEndpoint = new Uri("http://127.0.0.1:1") } }, FunctionLog.CreateDefault(Stream.Null));

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
    [InlineData("""{"Items":[null]}""")]
    [InlineData("""{"Items":[{}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"x"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"S":"a"}}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":null},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"S":"a"}}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"-1"},"contentType":{"S":"a"}}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":1},"contentType":{"S":"a"}}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"L":"image/jpeg"}}]}""")]
    public async Task AMalformedItemIsSkippedAndItsKeyIsLogged(string body)
    {
        Assert.Null(await ListAsync(body));

        Assert.Contains("Skipped an item that is not a photo: id ", Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
    }

    /// <summary>A later version of the functions stores the items of grants and tombstones.</summary>
    [Fact]
    public async Task OnlyListedPhotosAreListedAndFound()
    {
        UserId alice = UserId.FromSubject("table-states");
        Photo listed = NewPhoto("listed");
        PhotoId[] others = [.. Enumerable.Range(0, 3).Select(_ => NewPhoto("a").Id)];
        _table.TryAdd(alice, listed, Canceled);
        await PutAsync(alice, others[0], "granted");
        await PutAsync(alice, others[1], "deleted");
        await PutAsync(alice, others[2], "moved");

        PhotoPage page = _table.List(alice, 100, after: null, Canceled);

        Assert.Equal([listed], page.Photos);
        Assert.Null(page.Next);
        Assert.All(others, id => Assert.Null(_table.Find(alice, id, Canceled)));
        Assert.Contains($"Skipped an item that is not a photo: id table-states, photoId {others[2]}.", Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
        Assert.DoesNotContain(others[0].Value, Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PagesSkipTombstonesAndAreFull()
    {
        UserId alice = UserId.FromSubject("table-tombstones");
        Photo[] photos = [.. Enumerable.Range(0, 3).Select(i => NewPhoto($"{i}", DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i)))];
        foreach (Photo photo in photos)
        {
            _table.TryAdd(alice, photo, Canceled);
        }

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => PutAsync(alice, NewPhoto("a").Id, "deleted")));

        PhotoPage first = _table.List(alice, 2, after: null, Canceled);
        PhotoPage last = _table.List(alice, 2, first.Next, Canceled);

        Assert.Equal([photos[2], photos[1]], first.Photos);
        Assert.Equal([photos[0]], last.Photos);
        Assert.Null(last.Next);
    }

    [Fact]
    public async Task AGrantedPhotoCanBeAddedAndATombstoneStays()
    {
        UserId alice = UserId.FromSubject("table-protocol");
        Photo photo = NewPhoto("a");
        PhotoId deleted = NewPhoto("a").Id;
        await PutAsync(alice, photo.Id, "granted");
        await PutAsync(alice, deleted, "deleted");

        Assert.True(_table.TryAdd(alice, photo, Canceled));
        Assert.Equal(photo, _table.Find(alice, photo.Id, Canceled));
        Assert.False(_table.TryAdd(alice, photo with { Id = deleted }, Canceled));
        Assert.False(_table.Delete(alice, deleted, Canceled));
        Assert.False(_table.TryAdd(alice, photo with { Id = deleted }, Canceled));
    }

    private async Task<Exception?> ListAsync(string body)
    {
        await using var server = new FakeHttpServer(
            (_, _) => ValueTask.FromResult(FakeResponse.Http(200, ["Content-Type: application/x-amz-json-1.0"], Encoding.UTF8.GetBytes(body))));
        var table = new PhotoTable(
            _engines.Settings with { Aws = _engines.Settings.Aws with { DynamoDbEndpoint = new Uri($"http://{server.Address}") } },
            FunctionLog.CreateDefault(_logged));
        return Record.Exception(() => table.List(s_bob, 1, after: null, Canceled));
    }

    private async Task PutAsync(UserId user, PhotoId id, string state) => await _sdk.PutItemAsync(
        _engines.Settings.Table,
        new()
        {
            ["id"] = new AttributeValue(user.Value),
            ["photoId"] = new AttributeValue(id.Value),
            ["state"] = new AttributeValue(state),
            ["expires"] = new AttributeValue { N = "4102444800" },
        },
        Canceled);

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private static Photo NewPhoto(string name, DateTimeOffset? time = null) =>
        new(PhotoId.Create(time ?? DateTimeOffset.UtcNow), name, "2026-11-23T12:00:00.000Z", 26_214_400, "image/jpeg");
}

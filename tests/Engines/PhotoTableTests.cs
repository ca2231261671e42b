using System.Text;
using Photos.Album;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.Engines;

public class PhotoTableTests(StorageEngines engines) : IClassFixture<StorageEngines>
{
    private static readonly UserId s_bob = UserId.FromSubject("table-bob");
    private readonly PhotoTable _table = new(engines.Settings);

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
        Assert.True(first.HasMore);
        Assert.Equal([photos[1], photos[0]], last.Photos);
        Assert.False(last.HasMore);
    }

    [Fact]
    public void AnUnreachableEngineIsReportedAsUnavailable()
    {
        var table = new PhotoTable(engines.Settings with { Aws = engines.Settings.Aws with { DynamoDbEndpoint = new Uri("http://127.0.0.1:1") } });

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
    [InlineData("""{"Items":[null]}""")]
    [InlineData("""{"Items":[{}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"x"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"S":"a"}}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":null},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"S":"a"}}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"-1"},"contentType":{"S":"a"}}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":1},"contentType":{"S":"a"}}]}""")]
    [InlineData("""{"Items":[{"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"},"name":{"S":"a"},"date":{"S":"a"},"size":{"N":"1"},"contentType":{"L":"image/jpeg"}}]}""")]
    public async Task AMalformedItemIsAnInternalError(string body) => Assert.IsType<InvalidDataException>(await ListAsync(body));

    private async Task<Exception?> ListAsync(string body)
    {
        await using var server = new FakeHttpServer(
            (_, _) => ValueTask.FromResult(FakeResponse.Http(200, ["Content-Type: application/x-amz-json-1.0"], Encoding.UTF8.GetBytes(body))));
        var table = new PhotoTable(engines.Settings with { Aws = engines.Settings.Aws with { DynamoDbEndpoint = new Uri($"http://{server.Address}") } });
        return Record.Exception(() => table.List(s_bob, 1, after: null, Canceled));
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private static Photo NewPhoto(string name, DateTimeOffset? time = null) =>
        new(PhotoId.Create(time ?? DateTimeOffset.UtcNow), name, "2026-11-23T12:00:00.000Z", 26_214_400, "image/jpeg");
}

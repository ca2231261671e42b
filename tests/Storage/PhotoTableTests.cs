using Album.Photos;
using Album.Storage;

namespace Album.Tests.Storage;

public class PhotoTableTests(StorageEngines engines) : IClassFixture<StorageEngines>
{
    private static readonly UserId s_bob = UserId.FromSubject("table-bob");
    private readonly PhotoTable _table = new(engines.Settings);

    [Fact]
    public async Task APhotoComesBackAsItWasAdded()
    {
        UserId alice = UserId.FromSubject("us-east-1:table-alice");
        Photo photo = NewPhoto("Écluse \"1\" 👩‍👧.jpg");

        Assert.True(await _table.TryAddAsync(alice, photo, Cancelled));

        Assert.Equal(photo, await _table.FindAsync(alice, photo.Id, Cancelled));
        Assert.Equal([photo], (await _table.ListAsync(alice, 1, after: null, Cancelled)).Photos);
        Assert.Null(await _table.FindAsync(s_bob, photo.Id, Cancelled));
        Assert.Empty((await _table.ListAsync(s_bob, 100, after: null, Cancelled)).Photos);
    }

    [Fact]
    public async Task TheFirstWriteStays()
    {
        UserId alice = UserId.FromSubject("table-first");
        Photo first = NewPhoto("first");

        Assert.True(await _table.TryAddAsync(alice, first, Cancelled));
        Assert.False(await _table.TryAddAsync(alice, first with { Name = "second" }, Cancelled));

        Assert.Equal(first, await _table.FindAsync(alice, first.Id, Cancelled));
    }

    [Fact]
    public async Task DeleteTellsWhetherThereWasOne()
    {
        UserId alice = UserId.FromSubject("table-delete");
        Photo photo = NewPhoto("a");
        await _table.TryAddAsync(alice, photo, Cancelled);

        Assert.False(await _table.DeleteAsync(s_bob, photo.Id, Cancelled));
        Assert.True(await _table.DeleteAsync(alice, photo.Id, Cancelled));
        Assert.False(await _table.DeleteAsync(alice, photo.Id, Cancelled));
        Assert.Null(await _table.FindAsync(alice, photo.Id, Cancelled));
    }

    [Fact]
    public async Task PagesAreNewestFirstAndSayWhetherMoreFollow()
    {
        UserId alice = UserId.FromSubject("table-pages");
        Photo[] photos = [.. Enumerable.Range(0, 5).Select(i => NewPhoto($"{i}", DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i)))];
        foreach (Photo photo in photos)
        {
            await _table.TryAddAsync(alice, photo, Cancelled);
        }

        PhotoPage first = await _table.ListAsync(alice, 3, after: null, Cancelled);
        PhotoPage last = await _table.ListAsync(alice, 2, after: first.Photos[^1].Id, Cancelled);

        Assert.Equal([photos[4], photos[3], photos[2]], first.Photos);
        Assert.True(first.HasMore);
        Assert.Equal([photos[1], photos[0]], last.Photos);
        Assert.False(last.HasMore);
    }

    [Fact]
    public async Task AnEngineThatIsAwayIsUnavailable()
    {
        var table = new PhotoTable(engines.Settings with { DynamoDbEndpoint = new Uri("http://127.0.0.1:1") });

        PhotoException refusal = await Assert.ThrowsAsync<PhotoException>(() => table.FindAsync(s_bob, NewPhoto("a").Id, Cancelled));

        Assert.Equal(PhotoFault.StorageUnavailable, refusal.Fault);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Photo NewPhoto(string name, DateTimeOffset? time = null) =>
        new(PhotoId.Create(time ?? DateTimeOffset.UtcNow), name, "2026-11-23T12:00:00.000Z", 26_214_400, "image/jpeg");
}

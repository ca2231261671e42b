using System.Collections.Concurrent;
using System.Globalization;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>RenderPhoto's storage requests fail, and Lambda sends the records again.</summary>
[Collection<FaultyAlbumTests>]
public sealed class RenderTests(FaultyAlbum album) : IDisposable
{
    /// <summary>GetItem, GetObject, PutObject twice and UpdateItem.</summary>
    private const int Requests = 5;

    private readonly StoredPhotos _stored = new(album.Settings);

    public void Dispose() => _stored.Dispose();

    [Fact]
    public Task ARenderThatFailsIsRepeated() => RenderAsync(StreamFaults.Quick(album, Requests));

    [Fact]
    public async Task ARenderThatIsKilledIsRepeatedAndLeavesNoFiles()
    {
        foreach (StreamFaults kill in StreamFaults.Kills(album, Requests))
        {
            await RenderAsync(kill);
        }

        // The next process deletes what a killed one has left.
        using var functions = new StreamFunctions("RenderPhoto", album.FunctionVariables);
        Assert.True(await functions.HandleAsync("render-none", PhotoId.Create(DateTimeOffset.UtcNow).Value, PhotoState.Granted));
        Assert.All(Directory.EnumerateDirectories(Path.GetTempPath(), "photos-render-*"), folder => Assert.True(IsRunning(folder), folder));
    }

    /// <summary>No retry would help, and the photos after it are rendered.</summary>
    [Theory]
    [InlineData("FFD8FFD9")]
    [InlineData("3C7376673E")]
    [InlineData("00")]
    public async Task BytesThatAreNoPictureAreUnsupportedOnce(string hex)
    {
        string user = $"render-garbage-{hex}-";
        AlbumClient client = album.Host.SignIn(user);

        // Before the photo exists, because a request for records that the previous test let through may return it at once.
        ConcurrentQueue<string> downloads = [];
        album.Intercept(user, (request, forward, _) =>
        {
            if (request.Method == "GET")
            {
                downloads.Enqueue(request.Target);
            }

            return forward();
        });
        string id = await client.AddPhotoAsync("photo.jpg", Convert.FromHexString(hex));
        RacingPhoto next = await RacingPhoto.CreateAsync(client, PhotoLife.Listed);

        await album.SweepAsync(() => _stored.WaitAsync(user, next.Id, PhotoLife.Ready));
        await album.SweepAsync(() => _stored.WaitAsync(user, id, PhotoLife.Listed with { Rendered = Rendered.Unsupported }));

        await album.ClearFaultsAsync(user);
        Assert.Single(downloads, target => target.Contains(id, StringComparison.Ordinal));
        Assert.Empty(await album.AuditAsync());
    }

    [Fact]
    public async Task AListedPhotoWithoutItsObjectIsUnsupported()
    {
        const string User = "render-missing";
        RacingPhoto photo = await RacingPhoto.CreateAsync(album.Host.SignIn(User), PhotoLife.Listed);
        await _stored.RemoveObjectAsync(User, photo.Id);

        await album.SweepAsync(() => _stored.WaitAsync(User, photo.Id, PhotoLife.Listed with { HasObject = false, Rendered = Rendered.Unsupported }));

        await _stored.RemoveItemAsync(User, photo.Id);
    }

    [Fact]
    public async Task RenditionsAreWebPThatCachesKeep()
    {
        const string User = "render-headers";
        RacingPhoto photo = await RacingPhoto.CreateAsync(album.Host.SignIn(User), PhotoLife.Listed);

        await album.SweepAsync(() => _stored.WaitAsync(User, photo.Id, PhotoLife.Ready));

        Assert.Equal(
            ["image/webp; immutable, max-age=31536000, private; RIFF", "image/webp; immutable, max-age=31536000, private; RIFF"],
            [await _stored.DescribeRenditionAsync(User, photo.Id, "thumbnail"), await _stored.DescribeRenditionAsync(User, photo.Id, "preview")]);
        Assert.Equal(("1", "1"), await _stored.SizeOfAsync(User, photo.Id));
    }

    /// <summary>What a release before <c>takenUtc</c> has rendered is not rendered again.</summary>
    [Theory]
    [InlineData("2024-05-01T01:34:56+02:00", "2024-04-30T23:34:56.000Z")]
    [InlineData("2024-05-01T12:34:56", "2024-05-01T12:34:56.000Z")]
    [InlineData("0001-01-01T00:00:00+14:00", null)]
    [InlineData(null, null)]
    public async Task ARenderedPhotoThatIsNotInTheIndexIsAddedToIt(string? taken, string? expected)
    {
        string user = $"render-undated-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)}";
        RacingPhoto photo = await RacingPhoto.CreateAsync(album.Host.SignIn(user), PhotoLife.Listed);
        string date = PhotoRules.FormatDate(PhotoId.Parse(photo.Id).Time);
        Assert.Equal(date, await _stored.TakenUtcOfAsync(user, photo.Id));
        await album.SweepAsync(() => _stored.WaitAsync(user, photo.Id, PhotoLife.Ready));
        Assert.Equal(date, await _stored.TakenUtcOfAsync(user, photo.Id));
        await _stored.MakeUndatedAsync(user, photo.Id, taken);
        int puts = 0;
        album.Intercept(user, (request, forward, _) =>
        {
            puts += request.Method == "PUT" ? 1 : 0;
            return forward();
        });
        using var functions = new StreamFunctions("RenderPhoto", album.FunctionVariables);

        Assert.True(await functions.HandleAsync(user, photo.Id, PhotoState.Granted));

        Assert.Equal(expected ?? date, await _stored.TakenUtcOfAsync(user, photo.Id));
        Assert.Equal(0, puts);
        await album.ClearFaultsAsync(user);
    }

    private static bool IsRunning(string folder) => Directory.Exists(Path.Combine("/proc", Path.GetFileName(folder).Split('-')[^1]));

    /// <summary>Lists photos, and has one request of each of their renderings fail.</summary>
    private async Task RenderAsync(StreamFaults faults)
    {
        (string User, string Id)[] ids = await Task.WhenAll(faults.Users.Select(
            async user => (user, (await RacingPhoto.CreateAsync(album.Host.SignIn(user), PhotoLife.Listed)).Id)));
        faults.Inject(_ => true);

        await album.SweepAsync(() => _stored.WaitAsync(ids, PhotoLife.Ready));

        await faults.EndAsync();
    }
}

using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>SweepPhoto's storage requests fail, and Lambda sends the records again.</summary>
[Collection<FaultyAlbumTests>]
public sealed class SweepTests(FaultyAlbum album) : IDisposable
{
    /// <summary>GetItem, ListObjectVersions and DeleteObject, then ListObjectVersions and DeleteObjectVersion of two renditions.</summary>
    private const int Requests = 6;

    private readonly StoredPhotos _stored = new(album.Settings);

    public void Dispose() => _stored.Dispose();

    [Fact]
    public Task ASweepThatFailsIsRepeated() => SweepAsync(StreamFaults.Quick(album, Requests));

    [Fact]
    public async Task ASweepThatIsKilledIsRepeated()
    {
        foreach (StreamFaults kill in StreamFaults.Kills(album, Requests))
        {
            await SweepAsync(kill);
        }
    }

    /// <summary>Deletes photos whose objects remain, and has one request of each of their sweeps fail.</summary>
    private async Task SweepAsync(StreamFaults faults)
    {
        RacingPhoto[] photos = await Task.WhenAll(faults.Users.Select(user => RacingPhoto.CreateAsync(album.Host.SignIn(user), PhotoLife.Listed)));
        (string User, string Id)[] ids = [.. photos.Select((photo, i) => (faults.Users[i], photo.Id))];

        // So that the requests that follow are those of SweepPhoto, and there are renditions.
        await album.SweepAsync(() => _stored.WaitAsync(ids, PhotoLife.Ready));
        string[] urls = await Task.WhenAll(photos.Select((photo, i) => DeleteItemAsync(faults.Users[i], photo)));
        faults.Inject(request => !IsDownload(request));

        await album.SweepAsync(() => _stored.WaitAsync(ids, PhotoLife.Deleted));

        int[] statuses = await Task.WhenAll(urls.Select(async url => (await AlbumClient.DownloadAsync(url)).Status));
        Assert.All(statuses, status => Assert.Equal(404, status));
        await faults.EndAsync();
    }

    /// <summary>Deletes a photo. Its object and its renditions remain.</summary>
    /// <returns>The URL of the object.</returns>
    private async Task<string> DeleteItemAsync(string user, RacingPhoto photo)
    {
        AlbumClient client = album.Host.SignIn(user);
        string url = (await client.SendAsync("GET", $"/photos/{photo.Id}")).Json.GetProperty("url").GetString()!;
        album.Intercept(user, (request, forward, cancellationToken) =>
            request.Method == "DELETE" ? Fault.Error.Inject(request, forward, cancellationToken) : forward());
        Assert.Equal(204, (await RacingCall.Delete.SendAsync(client, photo)).Status);
        await album.ClearFaultsAsync(user);
        return url;
    }

    /// <summary>Whether the test itself sent it, by a presigned URL.</summary>
    private static bool IsDownload(HttpRequest request) => request.Target.Contains("X-Amz-Signature", StringComparison.Ordinal);
}

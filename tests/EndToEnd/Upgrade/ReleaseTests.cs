using System.Text.Json;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Upgrade;

/// <summary>Albums that one version has written and another one serves.</summary>
[Collection<ReleasedAlbumTests>]
public sealed class ReleaseTests(ReleasedAlbum album)
{
    private static readonly PhotoLife s_granted = new(PhotoState.Granted, HasObject: false);
    private static readonly PhotoLife s_uploaded = new(PhotoState.Granted, HasObject: true);
    private static readonly PhotoLife s_listed = new(PhotoState.Listed, HasObject: true);
    private static readonly PhotoLife s_deleted = new(PhotoState.Deleted, HasObject: false);

    [Fact(Explicit = true)]
    public async Task ThePreviousReleaseListsAndFindsWhatThisVersionDoes()
    {
        const string User = "release-readers";
        AlbumClient old = await album.SignInAsync(ReleasedAlbum.Previous, User);
        AlbumClient present = await album.SignInAsync(ReleasedAlbum.This, User);
        List<RacingPhoto> photos = [];
        foreach (PhotoLife life in (PhotoLife[])[s_listed, s_granted, s_deleted, s_listed, s_uploaded, s_deleted, s_listed, s_granted])
        {
            photos.Add(await RacingPhoto.CreateAsync(present, life));
        }

        Assert.Equal([photos[6].Id, photos[3].Id, photos[0].Id], await old.ListAllAsync());
        await AssertSameAsync(old, present, photos.Select(photo => photo.Id));
    }

    /// <summary>What is rendered neither hides a photo from earlier releases nor changes its bytes, and they leave it in the item.</summary>
    [Theory(Explicit = true)]
    [InlineData(ReleasedAlbum.Before)]
    [InlineData(ReleasedAlbum.Previous)]
    public async Task AnEarlierReleaseServesRenderedPhotos(string version)
    {
        string user = $"release-rendered-{version.Replace('.', '_')}";
        byte[] thumbnail = [1, 2, 3];
        AlbumClient earlier = await album.SignInAsync(version, user);
        AlbumClient present = await album.SignInAsync(ReleasedAlbum.This, user);
        string[] ids = [await earlier.AddPhotoAsync("old.jpg"), (await RacingPhoto.CreateAsync(present, s_listed)).Id, (await RacingPhoto.CreateAsync(present, s_listed)).Id];
        await album.RenderAsync(user, ids[0], thumbnail);
        await album.RenderAsync(user, ids[1], thumbnail);

        Assert.Equal([ids[2], ids[1], ids[0]], await earlier.ListAllAsync());
        await AssertSameAsync(earlier, present, ids);
        foreach (string id in ids)
        {
            string url = (await earlier.SendAsync("GET", $"/photos/{id}")).Json.GetProperty("url").GetString()!;
            Assert.Equal(id == ids[0] ? AlbumClient.SmallJpeg : RacingPhoto.Picture, await AlbumClient.GetBytesAsync(url));
            Assert.Equal(200, (await earlier.WriteAsync(id)).Status);
        }

        JsonElement[] views = [.. (await present.SendAsync("GET", "/photos")).Json.GetProperty("photos").EnumerateArray()];
        Assert.Equal(["processing", "ready", "ready"], views.Select(view => view.GetProperty("status").GetString()));
        Assert.Equal(thumbnail, await AlbumClient.GetBytesAsync(views[2].GetProperty("thumbnailUrl").GetString()!));
        Assert.Equal(204, (await earlier.SendAsync("DELETE", $"/photos/{ids[1]}")).Status);
        Assert.Equal([ids[2], ids[0]], await present.ListAllAsync());
    }

    /// <summary>During a gradual deployment, calls of this version's clients reach the previous release, too.</summary>
    [Fact(Explicit = true)]
    public async Task ThePreviousReleaseRefusesTheNewCalls()
    {
        const string User = "release-new-calls";
        AlbumClient old = await album.SignInAsync(ReleasedAlbum.Previous, User);
        AlbumClient present = await album.SignInAsync(ReleasedAlbum.This, User);
        string[] ids = [(await RacingPhoto.CreateAsync(old, s_listed)).Id, (await RacingPhoto.CreateAsync(present, s_listed)).Id];

        foreach (string id in ids)
        {
            (await old.RenameAsync(id, "other.jpg")).AssertError(400, "InvalidField", "id ");
            (await old.DeleteManyAsync(id)).AssertError(400, "InvalidField", "id ");
            (await old.DeleteAllAsync()).AssertError(400, "InvalidField", "id ");
            Assert.Equal("photo.jpg", (await present.SendAsync("GET", $"/photos/{id}")).Json.GetProperty("name").GetString());
            Assert.Equal(200, (await present.RenameAsync(id, "other.jpg")).Status);
        }

        await AssertSameAsync(old, present, ids);
        Assert.Equal(200, (await present.DeleteManyAsync(ids)).Status);
        Assert.Empty(await old.ListAllAsync());
        await AssertSameAsync(old, present, ids);
    }

    /// <summary>After a roll-back, the previous release serves the album alone, and then this version again.</summary>
    [Fact(Explicit = true)]
    public async Task ARollBackLosesNoPhoto()
    {
        const string User = "release-rolled-back";
        FaultyAlbum current = await album.OfAsync(ReleasedAlbum.This);
        AlbumClient old = await album.SignInAsync(ReleasedAlbum.Previous, User);
        AlbumClient present = current.Host.SignIn(User);
        RacingPhoto listed = await RacingPhoto.CreateAsync(present, s_listed);
        RacingPhoto granted = await RacingPhoto.CreateAsync(present, s_granted);
        RacingPhoto uploaded = await RacingPhoto.CreateAsync(present, s_uploaded);
        RacingPhoto deleted = await RacingPhoto.CreateAsync(present, s_deleted);
        RacingPhoto kept = await RacingPhoto.CreateAsync(present, s_listed);
        RacingPhoto unswept = await RacingPhoto.CreateAsync(present, s_listed);
        current.Intercept(User, (request, forward, cancellationToken) =>
            request.Method == "DELETE" ? Fault.Throttled.Inject(request, forward, cancellationToken) : forward());
        Assert.Equal(204, (await RacingCall.Delete.SendAsync(present, unswept)).Status);
        await current.ClearFaultsAsync(User);

        // The previous release.
        Assert.Equal([kept.Id, listed.Id], await old.ListAllAsync());
        Assert.Equal(201, (await old.WriteAsync(uploaded.Id)).Status);
        Assert.Equal(200, (await RacingCall.Upload.SendAsync(old, granted)).Status);
        Assert.Equal(201, (await old.WriteAsync(granted.Id)).Status);
        (await old.WriteAsync(deleted.Id)).AssertError(409, "PhotoNotUploaded", "There is no uploaded object");
        (await old.WriteAsync(unswept.Id)).AssertError(409, "PhotoNotUploaded", "There is no uploaded object");
        Assert.Equal(204, (await RacingCall.Delete.SendAsync(old, listed)).Status);
        (await RacingCall.Delete.SendAsync(old, listed)).AssertError(404, "PhotoNotFound", "There is no photo");
        (await RacingCall.Delete.SendAsync(old, deleted)).AssertError(404, "PhotoNotFound", "There is no photo");
        RacingPhoto added = await RacingPhoto.CreateAsync(old, s_listed);
        RacingPhoto unwritten = await RacingPhoto.CreateAsync(old, s_uploaded);
        Assert.Equal([added.Id, kept.Id, uploaded.Id, granted.Id], await old.ListAllAsync());

        // This version again.
        await AssertSameAsync(old, present, [listed.Id, granted.Id, uploaded.Id, deleted.Id, kept.Id, unswept.Id, added.Id, unwritten.Id]);
        foreach (RacingPhoto photo in (RacingPhoto[])[added, kept, uploaded, granted])
        {
            string url = (await present.SendAsync("GET", $"/photos/{photo.Id}")).Json.GetProperty("url").GetString()!;
            Assert.Equal(RacingPhoto.Picture, await AlbumClient.GetBytesAsync(url));
            Assert.False(album.HasTag(User, photo.Id), "The bucket would remove the object of a listed photo.");
            Assert.Equal(200, (await present.WriteAsync(photo.Id)).Status);
        }

        (await present.WriteAsync(unwritten.Id)).AssertError(410, "GrantExpired", "There is no grant");
        Assert.True(album.HasTag(User, unwritten.Id), "The bucket keeps an upload that cannot be written.");
        (await present.WriteAsync(unswept.Id)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
        foreach (RacingPhoto photo in (RacingPhoto[])[added, kept, uploaded, granted])
        {
            Assert.Equal(204, (await RacingCall.Delete.SendAsync(present, photo)).Status);
        }

        Assert.Empty(await present.ListAllAsync());
        Assert.Equal([$"private/{User}/{unwritten.Id}: no item names this object. It is 0.0 days old."],
            (await current.AuditAsync()).Where(found => found.Contains($"/{User}/", StringComparison.Ordinal)));
    }

    [Fact(Explicit = true)]
    public async Task AnAlbumOfTheVersionBeforeListsAndDeletesAsBefore()
    {
        const string User = "release-before";
        AlbumClient before = await album.SignInAsync(ReleasedAlbum.Before, User);
        FaultyAlbum current = await album.OfAsync(ReleasedAlbum.This);
        AlbumClient present = current.Host.SignIn(User);
        List<string> ids = [];
        foreach (string name in (string[])["first.jpg", "zweites Bild.png", "три.jpg", "4.jpg", "5.jpg"])
        {
            ids.Insert(0, await before.AddPhotoAsync(name));
        }

        Assert.Equal(ids, await present.ListAllAsync());
        await AssertSameAsync(before, present, ids);
        foreach (string id in ids)
        {
            Assert.Equal(200, (await present.WriteAsync(id, "other.jpg")).Status);
            string url = (await present.SendAsync("GET", $"/photos/{id}")).Json.GetProperty("url").GetString()!;
            Assert.Equal(204, (await present.SendAsync("DELETE", $"/photos/{id}")).Status);
            Assert.Equal(404, (await present.SendAsync("GET", $"/photos/{id}")).Status);
            Assert.Equal(404, (await AlbumClient.DownloadAsync(url)).Status);
        }

        Assert.Empty(await present.ListAllAsync());
        Assert.DoesNotContain(await current.AuditAsync(), found => found.Contains($"/{User}/", StringComparison.Ordinal));
    }

    /// <summary>This is why the release between is needed.</summary>
    [Fact(Explicit = true)]
    public async Task TheVersionBeforeListsGrantsAndFailsAtTombstones()
    {
        const string User = "release-unread";
        AlbumClient present = await album.SignInAsync(ReleasedAlbum.This, User);
        AlbumClient before = await album.SignInAsync(ReleasedAlbum.Before, User);
        RacingPhoto listed = await RacingPhoto.CreateAsync(present, s_listed);
        RacingPhoto granted = await RacingPhoto.CreateAsync(present, s_granted);

        Assert.Equal([granted.Id, listed.Id], await before.ListAllAsync());

        RacingPhoto deleted = await RacingPhoto.CreateAsync(present, s_deleted);
        (await before.SendAsync("GET", "/photos")).AssertError(500, "InternalError", "");
        (await before.SendAsync("GET", $"/photos/{deleted.Id}")).AssertError(500, "InternalError", "");
        Assert.Equal([listed.Id], await present.ListAllAsync());
    }

    /// <summary>Asserts that two versions return the same pages and photos, as far as both have their members.</summary>
    private static async Task AssertSameAsync(AlbumClient one, AlbumClient other, IEnumerable<string> ids)
    {
        foreach (int limit in (int[])[1, 2, 50, 100])
        {
            for (string? next = ""; next is not null;)
            {
                string path = $"/photos?limit={limit}{next}";
                ApiResponse page = await one.SendAsync("GET", path);
                Assert.Equal(ReleasedAlbum.InCommon(page), ReleasedAlbum.InCommon(await other.SendAsync("GET", path)));
                next = page.Json.TryGetProperty("next", out JsonElement token) ? $"&next={Uri.EscapeDataString(token.GetString()!)}" : null;
            }
        }

        foreach (string path in ids.Select(id => $"/photos/{id}"))
        {
            Assert.Equal(ReleasedAlbum.InCommon(await one.SendAsync("GET", path)), ReleasedAlbum.InCommon(await other.SendAsync("GET", path)));
        }
    }
}

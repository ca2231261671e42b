using System.IO.Compression;
using System.Text.Json;
using Photos.Album;
using Photos.Tests.Render;

namespace Photos.Tests.EndToEnd.Album;

[Collection<LocalHostTests>]
public class AlbumTests(SharedLocalHost shared)
{
    private readonly LocalHost _host = shared.Host;

    [Fact]
    public async Task APhotoIsUploadedListedShownAndDeleted()
    {
        AlbumClient alice = _host.SignIn("flow-alice");
        byte[] bytes = [.. AlbumClient.SmallJpeg, .. Enumerable.Range(0, 100_000).Select(i => (byte)i)];

        ApiResponse grant = await alice.GrantAsync(bytes.Length, "Écluse \"1\".jpg");
        Assert.Equal(201, grant.Status);
        string id = grant.Json.GetProperty("id").GetString()!;
        Assert.Equal(200, (await AlbumClient.PutAsync(grant.Json.GetProperty("upload"), bytes)).Status);

        ApiResponse written = await alice.WriteAsync(id, "Écluse \"1\".jpg");
        Assert.Equal(201, written.Status);
        Assert.Equal("application/json", written.ContentHeaders.ContentType!.ToString());
        JsonElement photo = written.Json;
        Assert.Equal(id, photo.GetProperty("id").GetString());
        Assert.Equal("Écluse \"1\".jpg", photo.GetProperty("name").GetString());
        Assert.Equal(bytes.Length, photo.GetProperty("size").GetInt64());
        Assert.Equal("image/jpeg", photo.GetProperty("contentType").GetString());
        Assert.InRange(photo.GetProperty("date").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(PhotoId.Parse(id).Time, photo.GetProperty("date").GetDateTimeOffset());
        Assert.Equal(bytes, await AlbumClient.GetBytesAsync(photo.GetProperty("url").GetString()!));

        ApiResponse list = await alice.SendAsync("GET", "/photos");
        Assert.Equal("flow-alice", list.Json.GetProperty("id").GetString());
        JsonElement listed = Assert.Single(list.Json.GetProperty("photos").EnumerateArray());
        Assert.Equal(id, listed.GetProperty("id").GetString());
        Assert.Equal(bytes, await AlbumClient.GetBytesAsync(listed.GetProperty("url").GetString()!));
        Assert.False(list.Json.TryGetProperty("next", out _));

        ApiResponse one = await alice.SendAsync("GET", $"/photos/{id.ToUpperInvariant()}");
        Assert.Equal(200, one.Status);
        ApiResponse saved = await AlbumClient.DownloadAsync(one.Json.GetProperty("downloadUrl").GetString()!);
        Assert.Equal(bytes, saved.Body);
        Assert.Equal("Écluse \"1\".jpg", saved.ContentHeaders.ContentDisposition!.FileNameStar);
        Assert.Equal("attachment", saved.ContentHeaders.ContentDisposition.DispositionType);
        Assert.Equal(bytes, await AlbumClient.GetBytesAsync(one.Json.GetProperty("url").GetString()!));

        ApiResponse deleted = await alice.SendAsync("DELETE", $"/photos/{id}");
        Assert.Equal(204, deleted.Status);
        Assert.Empty(deleted.Body);
        Assert.Empty(await alice.ListAllAsync());
        (await alice.SendAsync("GET", $"/photos/{id}")).AssertError(404, "PhotoNotFound", "There is no photo");
        Assert.Equal(204, (await alice.SendAsync("DELETE", $"/photos/{id}")).Status);
        (await alice.WriteAsync(id)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
        await Assert.ThrowsAsync<HttpRequestException>(() => AlbumClient.GetBytesAsync(listed.GetProperty("url").GetString()!));

        // All functions have run their warm-up requests by now, which use this user's album.
        Assert.Empty(await _host.SignIn("warm-up").ListAllAsync());
    }

    /// <summary>The same URL in every list of a window, with headers that let a browser keep what it returns.</summary>
    [Fact]
    public async Task AListIsCompressedAndItsUrlsStayTheSame()
    {
        AlbumClient alice = _host.SignIn("stable-alice");
        string id = await alice.AddPhotoAsync("a.jpg");
        for (int i = 0; i < 4; i++)
        {
            await alice.AddPhotoAsync($"{i}.jpg");
        }

        ApiResponse first = await ListAsync();
        ApiResponse second = await ListAsync();
        if (DateTimeOffset.UtcNow.Ticks % PhotoUrls.Window.Ticks < TimeSpan.FromMinutes(1).Ticks)
        {
            // A window may have begun between the two.
            first = await ListAsync();
        }

        Assert.Equal(["gzip"], first.ContentHeaders.ContentEncoding);
        JsonElement[] photos = [.. Unzip(first).GetProperty("photos").EnumerateArray()];
        Assert.Equal(5, photos.Length);
        Assert.InRange(first.Body.Length, 1, JsonSerializer.SerializeToUtf8Bytes(photos).Length / 2);
        Assert.Equal(photos.Select(UrlOf), Unzip(second).GetProperty("photos").EnumerateArray().Select(UrlOf));
        Assert.Equal(UrlOf(photos[^1]), UrlOf((await alice.SendAsync("GET", $"/photos/{id}")).Json));
        ApiResponse picture = await AlbumClient.DownloadAsync(UrlOf(photos[^1]));
        Assert.Equal((true, TimeSpan.FromDays(365)), (picture.Headers.CacheControl!.Private, picture.Headers.CacheControl.MaxAge));

        async Task<ApiResponse> ListAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.Address, "/photos"));
            request.Headers.TryAddWithoutValidation("Authorization", alice.Token);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, deflate, br, zstd");
            return await AlbumClient.SendAsync(request);
        }

        static JsonElement Unzip(ApiResponse response)
        {
            using var unzipped = new GZipStream(new MemoryStream(response.Body), CompressionMode.Decompress);
            return JsonDocument.Parse(unzipped).RootElement;
        }

        static string UrlOf(JsonElement photo) => photo.GetProperty("url").GetString()!;
    }

    /// <summary>Photos are in the order of their pictures' times, which RenderPhoto reads; one without a time is where it was uploaded.</summary>
    [Fact]
    public async Task AnAlbumIsListedByDateTaken()
    {
        AlbumClient alice = _host.SignIn("order-alice");
        string spring = await alice.AddPhotoAsync("spring.jpg", MetadataTests.Jpeg("2024:05:01 00:30:00", "+02:00"));
        string unknown = await alice.AddPhotoAsync("unknown.jpg");
        string summer = await alice.AddPhotoAsync("summer.jpg", MetadataTests.Jpeg("2024:07:01 12:00:00", offset: null));
        string winter = await alice.AddPhotoAsync("winter.jpg", MetadataTests.Jpeg("2023:12:24 18:00:00", "-10:00"));
        Assert.Equal([winter, summer, unknown, spring], await alice.ListAllAsync(1, "&order=taken"));

        await alice.WaitUntilRenderedAsync();

        Assert.Equal([winter, summer, unknown, spring], await alice.ListAllAsync(1, "&order=uploaded"));
        Assert.Equal([unknown, summer, spring, winter], await alice.ListAllAsync(1, "&order=taken"));
        Assert.Equal([unknown, summer, spring, winter], await alice.ListAllAsync(100, "&order=taken"));
        Assert.Equal([spring], await alice.ListAllAsync(1, "&order=taken&from=2024-04-30T22:30:00Z&to=2024-05-01"));
        Assert.Equal([spring], await alice.ListAllAsync(1, "&order=taken&from=2024-05-01T00:30:00%2B02:00&to=2024-07-01T12:00:00Z"));
        Assert.Equal([winter], await alice.ListAllAsync(1, "&order=taken&to=2024-04-30T22:30:00Z"));
        Assert.Equal([unknown], await alice.ListAllAsync(1, "&order=taken&from=2024-07-01T12:00:00.001Z"));
        string time = PhotoRules.FormatDate(PhotoId.Parse(unknown).Time);
        Assert.Equal([winter, summer, unknown], await alice.ListAllAsync(1, $"&from={time}"));
        Assert.Equal([spring], await alice.ListAllAsync(1, $"&to={time}"));

        Assert.Equal(204, (await alice.SendAsync("DELETE", $"/photos/{summer}")).Status);
        Assert.Equal([unknown, spring, winter], await alice.ListAllAsync(2, "&order=taken"));
    }

    [Fact]
    public async Task ARepeatedWriteChangesNothing()
    {
        AlbumClient alice = _host.SignIn("repeat-alice");
        string id = await alice.AddPhotoAsync("first.jpg");

        ApiResponse again = await alice.WriteAsync(id, "second.jpg");

        Assert.Equal(200, again.Status);
        Assert.Equal("first.jpg", again.Json.GetProperty("name").GetString());
        Assert.Equal([id], await alice.ListAllAsync());
    }

    [Fact]
    public async Task ARenameChangesOnlyTheName()
    {
        AlbumClient alice = _host.SignIn("rename-alice");
        string id = await alice.AddPhotoAsync("first.jpg");
        JsonElement before = (await alice.SendAsync("GET", $"/photos/{id}")).Json;

        ApiResponse renamed = await alice.RenameAsync(id.ToUpperInvariant(), "Écluse \"2\".jpg");
        Assert.Equal(200, renamed.Status);
        Assert.Equal("Écluse \"2\".jpg", renamed.Json.GetProperty("name").GetString());
        Assert.Equal(200, (await alice.RenameAsync(id, "Écluse \"2\".jpg")).Status);

        JsonElement after = (await alice.SendAsync("GET", $"/photos/{id}")).Json;
        Assert.Equal("Écluse \"2\".jpg", after.GetProperty("name").GetString());
        Assert.All((string[])["id", "date", "size", "contentType"], field =>
            Assert.Equal(before.GetProperty(field).GetRawText(), after.GetProperty(field).GetRawText()));
        foreach (JsonElement photo in (JsonElement[])[renamed.Json, after])
        {
            Assert.Equal(AlbumClient.SmallJpeg, await AlbumClient.GetBytesAsync(photo.GetProperty("url").GetString()!));
        }

        Assert.Equal([id], await alice.ListAllAsync());
    }

    [Fact]
    public async Task OnlyAListedPhotoCanBeRenamed()
    {
        AlbumClient alice = _host.SignIn("rename-unlisted-alice");
        string granted = (await alice.GrantAsync(4)).Json.GetProperty("id").GetString()!;
        string deleted = await alice.AddPhotoAsync("a.jpg");
        Assert.Equal(204, (await alice.SendAsync("DELETE", $"/photos/{deleted}")).Status);

        foreach (string id in (string[])[granted, PhotoId.Create(DateTimeOffset.UtcNow).Value])
        {
            (await alice.RenameAsync(id, "b.jpg")).AssertError(404, "PhotoNotFound", "There is no photo");
        }

        (await alice.RenameAsync(deleted, "b.jpg")).AssertError(410, "PhotoDeleted", "The photo was deleted.");
        Assert.Empty(await alice.ListAllAsync());
    }

    /// <summary>Photos, an upload that is not written yet, and ids of which there is no photo.</summary>
    [Fact]
    public async Task ManyPhotosAreDeletedByOneCall()
    {
        AlbumClient alice = _host.SignIn("many-alice");
        string kept = await alice.AddPhotoAsync("kept.jpg");
        string[] photos = [await alice.AddPhotoAsync("a.jpg"), await alice.AddPhotoAsync("b.jpg")];
        string granted = (await alice.GrantAsync(4)).Json.GetProperty("id").GetString()!;
        string deleted = await alice.AddPhotoAsync("c.jpg");
        Assert.Equal(204, (await alice.SendAsync("DELETE", $"/photos/{deleted}")).Status);
        string unknown = PhotoId.Create(DateTimeOffset.UtcNow).Value;
        string url = (await alice.SendAsync("GET", $"/photos/{photos[0]}")).Json.GetProperty("url").GetString()!;
        string[] ids = [photos[1], unknown, granted, deleted, photos[0].ToUpperInvariant(), photos[1]];
        string expected = $$"""{"deleted":["{{photos[1]}}","{{granted}}","{{deleted}}","{{photos[0]}}"],"notFound":["{{unknown}}"],"retry":[]}""";

        ApiResponse first = await alice.DeleteManyAsync(ids);
        ApiResponse again = await alice.DeleteManyAsync(ids);

        Assert.Equal((200, expected), (first.Status, first.Text));
        Assert.Equal((200, expected), (again.Status, again.Text));
        Assert.Equal("application/json", first.ContentHeaders.ContentType!.ToString());
        Assert.Equal([kept], await alice.ListAllAsync());
        Assert.Equal(404, (await AlbumClient.DownloadAsync(url)).Status);
        (await alice.WriteAsync(granted)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
    }

    [Fact]
    public async Task AHundredPhotosAreDeletedByOneCall()
    {
        AlbumClient alice = _host.SignIn("hundred-alice");
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => alice.AddPhotoAsync($"{i}.jpg")));

        ApiResponse deleted = await alice.DeleteManyAsync(ids);

        Assert.Equal(200, deleted.Status);
        string[] rest = Ids(deleted, "retry");
        Assert.Equal(ids, Ids(deleted, "deleted").Concat(rest));
        while (rest.Length > 0)
        {
            rest = Ids(await alice.DeleteManyAsync(rest), "retry");
        }

        Assert.Empty(await alice.ListAllAsync());

        static string[] Ids(ApiResponse response, string name) => [.. response.Json.GetProperty(name).EnumerateArray().Select(id => id.GetString()!)];
    }

    [Fact]
    public async Task AWriteWithoutANameUsesThatOfTheGrant()
    {
        AlbumClient alice = _host.SignIn("nameless-alice");
        JsonElement grant = (await alice.GrantAsync(4, "granted.jpg")).Json;
        string id = grant.GetProperty("id").GetString()!;
        await AlbumClient.PutAsync(grant.GetProperty("upload"), AlbumClient.SmallJpeg);

        ApiResponse written = await alice.WriteAsync(id, name: null);

        Assert.Equal(201, written.Status);
        Assert.Equal("granted.jpg", written.Json.GetProperty("name").GetString());
    }

    [Fact]
    public async Task AnUnknownIdCannotBeWrittenOrDeleted()
    {
        AlbumClient alice = _host.SignIn("unknown-alice");
        string id = PhotoId.Create(DateTimeOffset.UtcNow).Value;

        (await alice.WriteAsync(id)).AssertError(410, "GrantExpired", "There is no grant for this id");
        (await alice.SendAsync("DELETE", $"/photos/{id}")).AssertError(404, "PhotoNotFound", "There is no photo");
    }

    /// <summary>An upload that is not written yet is deleted as a photo is.</summary>
    [Fact]
    public async Task AGrantCanBeDeleted()
    {
        AlbumClient alice = _host.SignIn("canceled-alice");
        JsonElement grant = (await alice.GrantAsync(4)).Json;
        string id = grant.GetProperty("id").GetString()!;
        await AlbumClient.PutAsync(grant.GetProperty("upload"), AlbumClient.SmallJpeg);

        Assert.Equal(204, (await alice.SendAsync("DELETE", $"/photos/{id}")).Status);

        (await alice.WriteAsync(id)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
    }

    [Fact]
    public async Task APhotoCanAlsoBeDeletedByQueryParameter()
    {
        AlbumClient alice = _host.SignIn("query-alice");
        string id = await alice.AddPhotoAsync("a.jpg");

        Assert.Equal(204, (await alice.SendAsync("DELETE", $"/photos?id={id}")).Status);
        Assert.Empty(await alice.ListAllAsync());
    }

    [Fact]
    public async Task AnAlbumIsDeletedWithItsGrants()
    {
        AlbumClient alice = _host.SignIn("erase-alice");
        AlbumClient bob = _host.SignIn("erase-alice2");
        string[] ids = [await alice.AddPhotoAsync("1.jpg"), await alice.AddPhotoAsync("2.jpg")];
        string others = await bob.AddPhotoAsync("bob.jpg");
        JsonElement grant = (await alice.GrantAsync(4)).Json;
        Assert.Equal(200, (await AlbumClient.PutAsync(grant.GetProperty("upload"), AlbumClient.SmallJpeg)).Status);
        string url = (await alice.SendAsync("GET", $"/photos/{ids[0]}")).Json.GetProperty("url").GetString()!;

        ApiResponse deleted = await alice.DeleteAllAsync();

        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        Assert.Empty(await alice.ListAllAsync());
        Assert.Equal(404, (await AlbumClient.DownloadAsync(url)).Status);
        (await alice.WriteAsync(grant.GetProperty("id").GetString()!)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
        Assert.Equal(204, (await alice.DeleteAllAsync()).Status);
        Assert.Equal([others], await bob.ListAllAsync());

        string next = await alice.AddPhotoAsync("3.jpg");
        Assert.Equal([next], await alice.ListAllAsync());
    }

    [Fact]
    public async Task APhotoIsNotListedBeforeItIsUploaded()
    {
        AlbumClient alice = _host.SignIn("early-alice");
        string id = (await alice.GrantAsync(4)).Json.GetProperty("id").GetString()!;

        (await alice.WriteAsync(id)).AssertError(409, "PhotoNotUploaded", "There is no object");
        Assert.Empty(await alice.ListAllAsync());
    }

    [Fact]
    public async Task TwoHundredAndFiftyPhotosArePagedNewestFirst()
    {
        AlbumClient alice = _host.SignIn("pages-alice");
        List<string> ids = [];
        await Parallel.ForEachAsync(Enumerable.Range(0, 250), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            string id = await alice.AddPhotoAsync($"{i}.jpg");
            lock (ids)
            {
                ids.Add(id);
            }
        });
        string[] newestFirst = [.. ids.OrderDescending(StringComparer.Ordinal)];

        Assert.Equal(newestFirst, await alice.ListAllAsync());
        Assert.Equal(newestFirst, await alice.ListAllAsync(limit: 25));
        Assert.Equal(newestFirst, await alice.ListAllAsync(limit: 7));
        ApiResponse first = await alice.SendAsync("GET", "/photos");
        Assert.Equal(newestFirst[..50], first.Json.GetProperty("photos").EnumerateArray().Select(photo => photo.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task TwoHundredParallelUploadsLeaveTwoHundredPhotos()
    {
        AlbumClient alice = _host.SignIn("parallel-alice");

        string[] ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => alice.AddPhotoAsync($"{i}.jpg")));

        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), await alice.ListAllAsync());
    }

    [Fact]
    public async Task ConcurrentWritesOfOnePhotoAddItOnce()
    {
        AlbumClient alice = _host.SignIn("once-alice");
        ApiResponse grant = await alice.GrantAsync(4);
        string id = grant.Json.GetProperty("id").GetString()!;
        await AlbumClient.PutAsync(grant.Json.GetProperty("upload"), AlbumClient.SmallJpeg);

        ApiResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => alice.WriteAsync(id, $"{i}.jpg")));

        ApiResponse first = Assert.Single(responses, response => response.Status == 201);
        Assert.Equal(9, responses.Count(response => response.Status == 200));
        Assert.All(responses, response => Assert.Equal(first.Json.GetProperty("name").GetString(), response.Json.GetProperty("name").GetString()));
        Assert.Equal([id], await alice.ListAllAsync());
    }
}

using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Life;
using Photos.Tests.Routes;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>An id lives once: after a delete it is never listed again, whatever else happens, and a listed photo keeps its object.</summary>
[Collection<FaultyAlbumTests>]
public sealed class OneLifeTests(FaultyAlbum album)
{
    [Fact]
    public async Task AWriteThatADeleteAndAnUploadOvertakeListsNothing()
    {
        const string User = "life-overtaken";
        AlbumClient client = album.Host.SignIn(User);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Uploaded);

        ApiResponse written = await PauseAsync(
            User, "UpdateItem", () => client.WriteAsync(photo.Id), () => DeleteAndUploadAsync(client, photo));

        written.AssertError(410, "PhotoDeleted", "The photo was deleted.");
        await AssertGoneAsync(client);
    }

    /// <summary>The write found no object, and then finds a listed photo.</summary>
    [Fact]
    public async Task AWriteThatAnUploadAndAWriteOvertakeGetsThePhoto()
    {
        const string User = "life-written-meanwhile";
        AlbumClient client = album.Host.SignIn(User);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Granted);

        ApiResponse written = await PauseAsync(User, Call.OvertakenWrite.Requests[^1], () => client.WriteAsync(photo.Id, "second.jpg"), async () =>
        {
            Assert.Equal(200, (await RacingCall.Upload.SendAsync(client, photo)).Status);
            Assert.Equal(201, (await client.WriteAsync(photo.Id, "first.jpg")).Status);
        });

        Assert.Equal(Call.OvertakenWrite.Status, written.Status);
        Assert.Equal("first.jpg", written.Json.GetProperty("name").GetString());
        Assert.Equal([photo.Id], await client.ListAllAsync());
        Assert.Empty(await album.AuditAsync());
    }

    [Fact]
    public async Task ADeleteThatAnUploadAndAWriteOvertakeLeavesNothing()
    {
        const string User = "life-uploaded-meanwhile";
        AlbumClient client = album.Host.SignIn(User);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Granted);

        ApiResponse deleted = await PauseAsync(User, "UpdateItem", () => RacingCall.Delete.SendAsync(client, photo), async () =>
        {
            Assert.Equal(200, (await RacingCall.Upload.SendAsync(client, photo)).Status);
            Assert.Equal(201, (await client.WriteAsync(photo.Id)).Status);
        });

        Assert.Equal(204, deleted.Status);
        (await client.WriteAsync(photo.Id)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
        await AssertGoneAsync(client);
    }

    [Fact]
    public async Task ADeleteOfAListedPhotoThatAnUploadAndAWriteOvertakeLeavesNothing()
    {
        const string User = "life-listed-meanwhile";
        AlbumClient client = album.Host.SignIn(User);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Listed);

        ApiResponse deleted = await PauseAsync(User, "UpdateItem", () => RacingCall.Delete.SendAsync(client, photo), async () =>
        {
            Assert.Equal(412, (await RacingCall.Upload.SendAsync(client, photo)).Status);
            Assert.Equal(200, (await client.WriteAsync(photo.Id)).Status);
        });

        Assert.Equal(204, deleted.Status);
        await AssertGoneAsync(client);
    }

    /// <summary>The delete has changed the item and not yet deleted the object, which the client therefore cannot upload again.</summary>
    [Fact]
    public async Task AnUploadBetweenTheItemAndTheObjectOfADeleteLeavesNothing()
    {
        const string User = "life-half-deleted";
        AlbumClient client = album.Host.SignIn(User);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Listed);

        ApiResponse deleted = await PauseAsync(User, "DeleteObject", () => RacingCall.Delete.SendAsync(client, photo), async () =>
        {
            Assert.Equal(412, (await RacingCall.Upload.SendAsync(client, photo)).Status);
            (await client.WriteAsync(photo.Id)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
        });

        Assert.Equal(204, deleted.Status);
        await AssertGoneAsync(client);
    }

    /// <summary>The query of the one finds a photo that the other deletes, the first or the second of two.</summary>
    [Theory]
    [InlineData("UpdateItem", 0)]
    [InlineData("DeleteObject", 1)]
    public async Task ADeleteOfAllThatADeleteOvertakesLeavesNothing(string operation, int overtaken)
    {
        string user = $"life-erased-{operation}-";
        AlbumClient client = album.Host.SignIn(user);
        RacingPhoto[] photos = await CreateAsync(client, overtaken + 1);

        ApiResponse deleted = await PauseAsync(
            user, operation, client.DeleteAllAsync, async () => Assert.Equal(204, (await RacingCall.Delete.SendAsync(client, photos[overtaken])).Status));

        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        await AssertGoneAsync(client);
    }

    [Fact]
    public async Task ADeleteOfAllThatFailsInTheMiddleSaysThatPhotosRemain()
    {
        const string User = "life-erased-in-part";
        AlbumClient client = album.Host.SignIn(User);
        RacingPhoto[] photos = await CreateAsync(client, 2);
        album.Intercept(User, (request, forward, cancellationToken) =>
            StorageRequest.Of(request).Operation == "UpdateItem" && request.Text.Contains(photos[1].Id, StringComparison.Ordinal)
                ? Fault.Throttled.Inject(request, forward, cancellationToken)
                : forward());

        ApiResponse deleted = await client.DeleteAllAsync();
        await album.ClearFaultsAsync(User);

        Assert.True(FaultScenarios.IsUnfinished(deleted), $"{deleted.Status} {deleted.Text}");
        Assert.Equal([photos[1].Id], await client.ListAllAsync());
        Assert.Equal(204, (await client.DeleteAllAsync()).Status);
        await AssertGoneAsync(client);
    }

    /// <summary>Each request of a slow engine takes nearly as long as a function waits for a response.</summary>
    [Fact]
    public async Task ADeleteOfAllEndsBeforeItsDeadlineAndIsContinued()
    {
        const string User = "life-erased-slowly";
        const int Photos = 4;
        AlbumClient client = album.Host.SignIn(User);
        await CreateAsync(client, Photos);
        album.Intercept(User, Fault.Lagging.Inject);

        ApiResponse deleted = await client.DeleteAllAsync();
        await album.ClearFaultsAsync(User);

        Assert.True(FaultScenarios.IsUnfinished(deleted), $"{deleted.Status} {deleted.Text}");
        Assert.InRange((await client.ListAllAsync()).Count, 1, Photos - 1);
        Assert.Equal(204, (await client.DeleteAllAsync()).Status);
        await AssertGoneAsync(client);
    }

    [Theory]
    [InlineData("HeadObject", false)]
    [InlineData("HeadObject", true)]
    [InlineData("UpdateItem", false)]
    [InlineData("UpdateItem", true)]
    public async Task EveryRepeatOfAnOvertakenWriteThatFailedGetsTheSameResponse(string request, bool isKilled)
    {
        string user = $"life-{request}-{isKilled}-";
        AlbumClient client = album.Host.SignIn(user);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Uploaded);
        var kill = new Fault("killed", async (_, _, _) =>
        {
            await album.KillFunctionsAsync();
            return FakeResponse.HangUp;
        });

        ApiResponse failed = await PauseAsync(
            user, request, () => client.WriteAsync(photo.Id), () => DeleteAndUploadAsync(client, photo), isKilled ? kill : Fault.Throttled);

        Assert.True(isKilled ? failed.Status == 502 : FaultScenarios.IsUnavailable(failed), $"{failed.Status} {failed.Text}");
        for (int i = 0; i < 3; i++)
        {
            (await client.WriteAsync(photo.Id)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
        }

        await AssertGoneAsync(client);
    }

    [Fact]
    public async Task AListedPhotoStaysWhenItsDeleteIsThrottled()
    {
        const string User = "life-throttled";
        AlbumClient client = album.Host.SignIn(User);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Listed);

        ApiResponse failed = await PauseAsync(
            User, "UpdateItem", () => RacingCall.Delete.SendAsync(client, photo), () => Task.CompletedTask, Fault.Throttled);

        Assert.True(FaultScenarios.IsUnavailable(failed), $"{failed.Status} {failed.Text}");
        Assert.Empty(await album.AuditAsync());
        Assert.Equal([photo.Id], await client.ListAllAsync());
        string url = (await client.SendAsync("GET", $"/photos/{photo.Id}")).Json.GetProperty("url").GetString()!;
        Assert.Equal(RacingPhoto.Picture, await AlbumClient.GetBytesAsync(url));
    }

    [Fact]
    public async Task SweepPhotoDeletesTheObjectThatADeleteCouldNot()
    {
        const string User = "life-swept";
        AlbumClient client = album.Host.SignIn(User);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Listed);
        string url = (await client.SendAsync("GET", $"/photos/{photo.Id}")).Json.GetProperty("url").GetString()!;

        ApiResponse deleted = await PauseAsync(
            User, "DeleteObject", () => RacingCall.Delete.SendAsync(client, photo), () => Task.CompletedTask, Fault.Throttled);

        Assert.Equal(204, deleted.Status);
        Assert.Equal(200, (await AlbumClient.DownloadAsync(url)).Status);
        await AssertGoneAsync(client);
        Assert.Equal(404, (await AlbumClient.DownloadAsync(url)).Status);
    }

    /// <summary>Creates listed photos, oldest first.</summary>
    private static async Task<RacingPhoto[]> CreateAsync(AlbumClient client, int count)
    {
        List<RacingPhoto> photos = [];
        while (photos.Count < count)
        {
            photos.Add(await RacingPhoto.CreateAsync(client, PhotoLife.Listed));
        }

        return [.. photos.OrderBy(photo => photo.Id, StringComparer.Ordinal)];
    }

    private static async Task DeleteAndUploadAsync(AlbumClient client, RacingPhoto photo)
    {
        Assert.Equal(204, (await RacingCall.Delete.SendAsync(client, photo)).Status);
        Assert.Equal(200, (await RacingCall.Upload.SendAsync(client, photo)).Status);
    }

    private async Task AssertGoneAsync(AlbumClient client)
    {
        Assert.Empty(await client.ListAllAsync());
        Assert.Empty(await album.AuditAsync());
    }

    /// <summary>Pauses a call before one of its storage requests.</summary>
    /// <param name="user">The user. The id must not be a part of another user's id.</param>
    /// <param name="operation">The request.</param>
    /// <param name="send">Sends the call.</param>
    /// <param name="meanwhile">Runs while the call is paused.</param>
    /// <param name="fault">What happens to the request, each time; <see langword="null"/> if it succeeds.</param>
    private async Task<ApiResponse> PauseAsync(string user, string operation, Func<Task<ApiResponse>> send, Func<Task> meanwhile, Fault? fault = null)
    {
        int found = 0;
        bool isOver = false;
        album.Intercept(user, async (request, forward, cancellationToken) =>
        {
            if (StorageRequest.Of(request).Operation != operation)
            {
                return await forward();
            }

            if (Interlocked.Exchange(ref found, 1) == 0)
            {
                await meanwhile();
                isOver = true;
            }

            return isOver && fault is not null ? await fault.Inject(request, forward, cancellationToken) : await forward();
        });
        ApiResponse response = await send();
        await album.ClearFaultsAsync(user);
        Assert.True(isOver, $"The call did not send {operation}.");
        return response;
    }
}

using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.Life;
using Photos.Tests.Routes;

namespace Photos.Tests.EndToEnd.Upgrade;

/// <summary>Four cases in which the version before lost a photo or left an object, and what this version does in them.</summary>
[Collection<ReleasedAlbumTests>]
public sealed class LostPhotoTests(ReleasedAlbum album)
{
    private static readonly PhotoLife s_uploaded = new(PhotoState.Granted, HasObject: true);
    private static readonly PhotoLife s_listed = new(PhotoState.Listed, HasObject: true);

    [Theory(Explicit = true)]
    [InlineData(ReleasedAlbum.Before, "PutItem", "404", "201, listed, the object expires")]
    [InlineData(ReleasedAlbum.This, "UpdateItem", "204", "410, not listed, the object stays until SweepPhoto deletes it")]
    public async Task AWriteThatADeleteAndAnUploadOvertake(string version, string request, string deleted, string outcome)
    {
        (AlbumClient client, RacingPhoto photo) = await CreateAsync(version, s_uploaded);

        ApiResponse written = await PauseAsync(version, photo, request, () => RacingCall.Write.SendAsync(client, photo), async () =>
        {
            Assert.Equal(deleted, $"{(await RacingCall.Delete.SendAsync(client, photo)).Status}");
            Assert.Equal(200, (await RacingCall.Upload.SendAsync(client, photo)).Status);
        });

        Assert.Equal(outcome, await OutcomeAsync(client, photo, written));
    }

    [Theory(Explicit = true)]
    [InlineData(ReleasedAlbum.Before, "DeleteItem", 200, "204, not listed, the object stays")]
    [InlineData(ReleasedAlbum.This, "UpdateItem", 412, "204, not listed, no object")]
    public async Task ADeleteThatAnUploadAndAWriteOvertake(string version, string request, int uploaded, string outcome)
    {
        (AlbumClient client, RacingPhoto photo) = await CreateAsync(version, s_uploaded);

        ApiResponse deleted = await PauseAsync(version, photo, request, () => RacingCall.Delete.SendAsync(client, photo), async () =>
        {
            Assert.Equal(uploaded, (await RacingCall.Upload.SendAsync(client, photo)).Status);
            Assert.Equal(201, (await RacingCall.Write.SendAsync(client, photo)).Status);
        });

        Assert.Equal(outcome, await OutcomeAsync(client, photo, deleted));
    }

    [Theory(Explicit = true)]
    [InlineData(ReleasedAlbum.Before, "PutItem", "HeadObject", "503, listed, no object", 409)]
    [InlineData(ReleasedAlbum.This, "UpdateItem", "UpdateItem", "503, not listed, no object", 410)]
    public async Task AWriteThatADeleteOvertakesAndThatFails(string version, string request, string failing, string outcome, int repeated)
    {
        (AlbumClient client, RacingPhoto photo) = await CreateAsync(version, s_uploaded);

        ApiResponse written = await PauseAsync(
            version, photo, request, () => RacingCall.Write.SendAsync(client, photo), () => RacingCall.Delete.SendAsync(client, photo), failing);

        Assert.Equal(outcome, await OutcomeAsync(client, photo, written));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(repeated, (await RacingCall.Write.SendAsync(client, photo)).Status);
        }
    }

    [Theory(Explicit = true)]
    [InlineData(ReleasedAlbum.Before, "DeleteItem", "503, listed, no object")]
    [InlineData(ReleasedAlbum.This, "UpdateItem", "503, listed, the object stays")]
    public async Task ADeleteThatIsThrottled(string version, string request, string outcome)
    {
        (AlbumClient client, RacingPhoto photo) = await CreateAsync(version, s_listed);

        ApiResponse deleted = await PauseAsync(
            version, photo, request, () => RacingCall.Delete.SendAsync(client, photo), () => Task.CompletedTask, request);

        Assert.Equal(outcome, await OutcomeAsync(client, photo, deleted));
    }

    private static string User => $"lost-{TestContext.Current.Test!.UniqueID}";

    private async Task<(AlbumClient Client, RacingPhoto Photo)> CreateAsync(string version, PhotoLife life)
    {
        AlbumClient client = await album.SignInAsync(version, User);
        return (client, await RacingPhoto.CreateAsync(client, life));
    }

    private async Task<string> OutcomeAsync(AlbumClient client, RacingPhoto photo, ApiResponse response)
    {
        string list = (await client.ListAllAsync()).Contains(photo.Id) ? "listed" : "not listed";
        string stored = album.HasTag(User, photo.Id) switch
        {
            null => "no object",
            true => "the object expires",
            false => await album.HasItemAsync(User, photo.Id) && list == "not listed" ? "the object stays until SweepPhoto deletes it" : "the object stays",
        };
        return $"{response.Status}, {list}, {stored}";
    }

    /// <summary>Pauses a call before one of its storage requests.</summary>
    /// <param name="version">The version that handles the call.</param>
    /// <param name="photo">The photo.</param>
    /// <param name="operation">The request.</param>
    /// <param name="send">Sends the call.</param>
    /// <param name="meanwhile">Runs while the call is paused.</param>
    /// <param name="failing">A request that is throttled after that, each time.</param>
    private async Task<ApiResponse> PauseAsync(
        string version, RacingPhoto photo, string operation, Func<Task<ApiResponse>> send, Func<Task> meanwhile, string? failing = null)
    {
        FaultyAlbum served = await album.OfAsync(version);
        bool isFound = false;
        bool isOver = false;
        served.Intercept(photo.Id, async (request, forward, cancellationToken) =>
        {
            string sent = request.Target.Contains("?X-Amz-", StringComparison.Ordinal) ? "" : StorageRequest.Of(request).Operation;
            if (!isFound && sent == operation)
            {
                isFound = true;
                await meanwhile();
                isOver = true;
            }

            return isOver && sent == failing ? await Fault.Throttled.Inject(request, forward, cancellationToken) : await forward();
        });
        ApiResponse response = await send();
        await served.ClearFaultsAsync(photo.Id);
        Assert.True(isOver, $"The call did not send {operation}.");
        return response;
    }
}

using System.Globalization;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>SweepPhoto's storage requests fail, and Lambda sends the records again.</summary>
[Collection<FaultyAlbumTests>]
public sealed class SweepTests(FaultyAlbum album)
{
    /// <summary>GetItem, ListObjectVersions and DeleteObject.</summary>
    private const int Requests = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task ASweepThatFailsIsRepeated()
    {
        foreach (int step in Enumerable.Range(0, Requests))
        {
            await SweepAsync([.. Fault.Quick.Select(fault => ($"request {step}: {fault}", step, fault))]);
        }
    }

    [Fact]
    public async Task ASweepThatIsKilledIsRepeated()
    {
        foreach (int step in Enumerable.Range(0, Requests))
        {
            foreach (bool isDone in (bool[])[false, true])
            {
                var kill = new Fault("killed", async (_, forward, _) =>
                {
                    if (isDone)
                    {
                        await forward();
                    }

                    await album.KillFunctionsAsync();
                    return FakeResponse.HangUp;
                });
                await SweepAsync([($"request {step}: killed, {(isDone ? "done" : "not done")}", step, kill)]);
            }
        }
    }

    /// <summary>Deletes photos whose objects remain, and has one request of each of their sweeps fail.</summary>
    private async Task SweepAsync(IReadOnlyList<(string What, int Step, Fault Fault)> cases)
    {
        var injections = new Task<FakeResponse>?[cases.Count];
        string[] users = [.. cases.Select(_ => $"sweep-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)}")];
        string[] urls = await Task.WhenAll(users.Select(DeleteItemAsync));
        for (int i = 0; i < cases.Count; i++)
        {
            int number = i;
            int requests = -1;
            album.Intercept(users[i], (request, forward, cancellationToken) =>
            {
                if (IsDownload(request) || Interlocked.Increment(ref requests) != cases[number].Step)
                {
                    return forward();
                }

                return injections[number] = cases[number].Fault.Inject(request, forward, cancellationToken);
            });
        }

        int[] statuses = await album.SweepAsync(() => Task.WhenAll(urls.Select(StatusAfterSweepAsync)));

        // A fault can go on after its request was done, and then kill a function that the audit calls.
        await Task.WhenAll(injections.OfType<Task<FakeResponse>>());
        await Task.WhenAll(users.Select(album.ClearFaultsAsync));

        Assert.Equal(cases.Select(one => (one.What, true, 404)), cases.Select((one, i) => (one.What, injections[i] is not null, statuses[i])));
        Assert.Empty(await album.AuditAsync());
    }

    /// <summary>Adds a photo and deletes it. Its object remains.</summary>
    /// <returns>The URL of the object.</returns>
    private async Task<string> DeleteItemAsync(string user)
    {
        AlbumClient client = album.Host.SignIn(user);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, PhotoLife.Listed);
        string url = (await client.SendAsync("GET", $"/photos/{photo.Id}")).Json.GetProperty("url").GetString()!;
        album.Intercept(user, (request, forward, cancellationToken) =>
            request.Method == "DELETE" ? Fault.Error.Inject(request, forward, cancellationToken) : forward());
        Assert.Equal(204, (await RacingCall.Delete.SendAsync(client, photo)).Status);
        await album.ClearFaultsAsync(user);
        return url;
    }

    /// <summary>Whether the test itself sent it, by a presigned URL.</summary>
    private static bool IsDownload(HttpRequest request) => request.Target.Contains("X-Amz-Signature", StringComparison.Ordinal);

    /// <summary>Waits until the object is gone.</summary>
    private static async Task<int> StatusAfterSweepAsync(string url)
    {
        int status = 200;
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; status == 200 && Environment.TickCount64 < end;)
        {
            await Task.Delay(50);
            status = (await AlbumClient.DownloadAsync(url)).Status;
        }

        return status;
    }
}

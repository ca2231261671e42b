using System.Globalization;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>SweepPhoto's storage requests fail, and Lambda sends the records again.</summary>
[Collection<FaultyAlbumTests>]
public sealed class SweepTests(FaultyAlbum album) : IDisposable
{
    /// <summary>GetItem, ListObjectVersions and DeleteObject, then ListObjectVersions and DeleteObjectVersion of two renditions.</summary>
    private const int Requests = 6;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly StoredPhotos _stored = new(album.Settings);

    public void Dispose() => _stored.Dispose();

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
            // The short form kills at each request, before and after it is done by turns.
            foreach (bool isDone in LongRun.IsOn ? [false, true] : (bool[])[step % 2 == 0])
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
        RacingPhoto[] photos = await Task.WhenAll(users.Select(user => RacingPhoto.CreateAsync(album.Host.SignIn(user), PhotoLife.Listed)));

        // So that the requests that follow are those of SweepPhoto, and there are renditions.
        await album.SweepAsync(async () =>
        {
            await Task.WhenAll(users.Select((user, i) => WaitAsync(user, photos[i].Id, PhotoLife.Ready)));
            return true;
        });
        string[] urls = await Task.WhenAll(users.Select((user, i) => DeleteItemAsync(user, photos[i])));
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

        int[] statuses = await album.SweepAsync(async () =>
        {
            await Task.WhenAll(users.Select((user, i) => WaitAsync(user, photos[i].Id, PhotoLife.Deleted)));
            return await Task.WhenAll(urls.Select(async url => (await AlbumClient.DownloadAsync(url)).Status));
        });

        // A fault can go on after its request was done, and then kill a function that the audit calls.
        await Task.WhenAll(injections.OfType<Task<FakeResponse>>());
        await Task.WhenAll(users.Select(album.ClearFaultsAsync));

        Assert.Equal(cases.Select(one => (one.What, true, 404)), cases.Select((one, i) => (one.What, injections[i] is not null, statuses[i])));
        Assert.Empty(await album.AuditAsync());
    }

    private async Task WaitAsync(string user, string id, PhotoLife expected)
    {
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; await _stored.ReadAsync(user, id) != expected;)
        {
            Assert.True(Environment.TickCount64 < end, $"After {s_patience}, what is stored of {user} is {await _stored.ReadAsync(user, id)} and not {expected}.");
            await Task.Delay(50);
        }
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

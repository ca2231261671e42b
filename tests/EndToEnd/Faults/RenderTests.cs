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

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly StoredPhotos _stored = new(album.Settings);

    public void Dispose() => _stored.Dispose();

    [Fact]
    public async Task ARenderThatFailsIsRepeated()
    {
        foreach (int step in Enumerable.Range(0, Requests))
        {
            await RenderAsync([.. Fault.Quick.Select(fault => ($"request {step}: {fault}", step, fault))]);
        }
    }

    [Fact]
    public async Task ARenderThatIsKilledIsRepeatedAndLeavesNoFiles()
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
                await RenderAsync([($"request {step}: killed, {(isDone ? "done" : "not done")}", step, kill)]);
            }
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
        string id = await client.AddPhotoAsync("photo.jpg", Convert.FromHexString(hex));
        RacingPhoto next = await RacingPhoto.CreateAsync(client, PhotoLife.Listed);
        int downloads = 0;
        album.Intercept(user, (request, forward, _) =>
        {
            downloads += request.Method == "GET" && request.Target.Contains(id, StringComparison.Ordinal) ? 1 : 0;
            return forward();
        });

        await album.SweepAsync(() => WaitAsync(user, next.Id, PhotoLife.Ready));
        await album.SweepAsync(() => WaitAsync(user, id, PhotoLife.Listed with { Rendered = Rendered.Unsupported }));

        await album.ClearFaultsAsync(user);
        Assert.Equal(1, downloads);
        Assert.Empty(await album.AuditAsync());
    }

    [Fact]
    public async Task AListedPhotoWithoutItsObjectIsUnsupported()
    {
        const string User = "render-missing";
        RacingPhoto photo = await RacingPhoto.CreateAsync(album.Host.SignIn(User), PhotoLife.Listed);
        await _stored.RemoveObjectAsync(User, photo.Id);

        await album.SweepAsync(() => WaitAsync(User, photo.Id, PhotoLife.Listed with { HasObject = false, Rendered = Rendered.Unsupported }));

        await _stored.RemoveItemAsync(User, photo.Id);
    }

    [Fact]
    public async Task RenditionsAreWebPThatCachesKeep()
    {
        const string User = "render-headers";
        RacingPhoto photo = await RacingPhoto.CreateAsync(album.Host.SignIn(User), PhotoLife.Listed);

        await album.SweepAsync(() => WaitAsync(User, photo.Id, PhotoLife.Ready));

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
        await album.SweepAsync(() => WaitAsync(user, photo.Id, PhotoLife.Ready));
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
    private async Task RenderAsync(IReadOnlyList<(string What, int Step, Fault Fault)> cases)
    {
        var injections = new Task<FakeResponse>?[cases.Count];
        string[] users = [.. cases.Select(_ => $"render-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)}")];
        RacingPhoto[] photos = await Task.WhenAll(users.Select(user => RacingPhoto.CreateAsync(album.Host.SignIn(user), PhotoLife.Listed)));
        for (int i = 0; i < cases.Count; i++)
        {
            int number = i;
            int requests = -1;
            album.Intercept(users[i], (request, forward, cancellationToken) => Interlocked.Increment(ref requests) == cases[number].Step
                ? injections[number] = cases[number].Fault.Inject(request, forward, cancellationToken)
                : forward());
        }

        PhotoLife[] ends = await album.SweepAsync(() => Task.WhenAll(users.Select((user, i) => WaitAsync(user, photos[i].Id, PhotoLife.Ready))));

        // A fault can go on after its request was done, and then kill a function that the audit calls.
        await Task.WhenAll(injections.OfType<Task<FakeResponse>>());
        await Task.WhenAll(users.Select(album.ClearFaultsAsync));
        Assert.Equal(cases.Select(one => (one.What, true, PhotoLife.Ready)), cases.Select((one, i) => (one.What, injections[i] is not null, ends[i])));
        Assert.Empty(await album.AuditAsync());
    }

    /// <summary>Waits until a photo is as expected.</summary>
    /// <returns>What is stored of it.</returns>
    private async Task<PhotoLife> WaitAsync(string user, string id, PhotoLife expected)
    {
        PhotoLife stored = await _stored.ReadAsync(user, id);
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; stored != expected && Environment.TickCount64 < end;)
        {
            await Task.Delay(50);
            stored = await _stored.ReadAsync(user, id);
        }

        Assert.Equal(expected, stored);
        return stored;
    }
}

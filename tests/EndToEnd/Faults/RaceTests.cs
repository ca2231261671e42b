using System.Collections.Concurrent;
using System.Globalization;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>
/// Two calls about one photo race, in every order of their storage requests: the first call is paused at one of its
/// requests, the second starts and is paused at one of its own, the first runs to its end, and then the second.
/// </summary>
[Collection<FaultyAlbumTests>]
public sealed class RaceTests(FaultyAlbum album)
{
    private readonly ConcurrentQueue<string> _failures = [];

    [Fact]
    public async Task NothingIsLostWhenTwoCallsRace()
    {
        List<Race> races =
        [
            .. from start in PhotoLife.Starts
               from first in RacingCall.All
               from second in RacingCall.All
               from pauseOfFirst in Pauses(first)
               from pauseOfSecond in Pauses(second).Select(pause => (Pause?)pause).Append(null)
               select new Race(start, first, pauseOfFirst, second, pauseOfSecond),
        ];

        await Parallel.ForEachAsync(races.Index(), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (one, _) =>
        {
            try
            {
                await RunAsync(one.Item, $"race-{one.Index.ToString("d4", CultureInfo.InvariantCulture)}");
            }
            catch (Exception e)
            {
                _failures.Enqueue($"{one.Item}: {e}");
            }

            LongRun.Progress($"race {one.Index} of {races.Count}, {_failures.Count} with a loss");
        });

        List<string> failures = [.. _failures, .. await album.AuditAfterExpiryAsync()];
        LongRun.Close($"{races.Count} races, {failures.Count} with a loss");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(50)));
    }

    private static IEnumerable<Pause> Pauses(RacingCall call) =>
        Enumerable.Range(0, call.MaxRequests).SelectMany(request => (Pause[])[new(request, IsDone: false), new(request, IsDone: true)]);

    private async Task RunAsync(Race race, string user)
    {
        AlbumClient client = album.Host.SignIn(user);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, race.Start);
        Task<ApiResponse> first = Task.FromResult<ApiResponse>(null!);
        Task<ApiResponse>? second = null;
        var secondIsPaused = new TaskCompletionSource();
        int requestOfFirst = -1;
        int requestOfSecond = -1;
        bool isFirstOver = false;
        album.Intercept(user, async (request, forward, _) =>
        {
            if (isFirstOver)
            {
                return await forward();
            }

            // While the first call is paused, every request is the second's, until that is paused too.
            bool isOfSecond = second is not null && !secondIsPaused.Task.IsCompleted;
            return await ForwardAsync(
                forward,
                isOfSecond ? Interlocked.Increment(ref requestOfSecond) : Interlocked.Increment(ref requestOfFirst),
                isOfSecond ? race.PauseOfSecond : race.PauseOfFirst,
                isOfSecond ? PauseSecondAsync : PauseFirstAsync);
        });

        first = race.First.SendAsync(client, photo);
        ApiResponse one = await first;
        isFirstOver = true;
        ApiResponse other = await (second ?? race.Second.SendAsync(client, photo));
        await album.ClearFaultsAsync(user);

        // The responses to a get and to a write tell in which state the photo is.
        int got = (await client.SendAsync("GET", $"/photos/{photo.Id}")).Status;
        int written = (await client.WriteAsync(photo.Id)).Status;
        RaceResult result = new(one.Status, other.Status, got, written);
        RaceResult[] allowed = [.. PhotoLife.Race(race.Start, race.First, race.Second)];
        if (!allowed.Contains(result))
        {
            _failures.Enqueue($"{race}, {user}: {result}, which is not one of {string.Join("; ", allowed)}");
        }

        async Task PauseFirstAsync()
        {
            second = race.Second.SendAsync(client, photo);
            await Task.WhenAny(secondIsPaused.Task, second);
            secondIsPaused.TrySetResult();
        }

        async Task PauseSecondAsync()
        {
            secondIsPaused.TrySetResult();
            await first;
        }
    }

    private static async Task<FakeResponse> ForwardAsync(Func<Task<FakeResponse>> forward, int request, Pause? pause, Func<Task> pauseAsync)
    {
        if (request != pause?.Request)
        {
            return await forward();
        }

        if (!pause.IsDone)
        {
            await pauseAsync();
            return await forward();
        }

        FakeResponse response = await forward();
        await pauseAsync();
        return response;
    }

    /// <summary>Two calls, and where each is paused; the second perhaps nowhere.</summary>
    private sealed record Race(PhotoLife Start, RacingCall First, Pause PauseOfFirst, RacingCall Second, Pause? PauseOfSecond)
    {
        public override string ToString() =>
            $"{Start}: {First} paused {PauseOfFirst}, {Second} paused {PauseOfSecond?.ToString() ?? "nowhere"}";
    }

    /// <summary>Where a call is paused: before or after one of its requests is done.</summary>
    private sealed record Pause(int Request, bool IsDone)
    {
        public override string ToString() => $"{(IsDone ? "after" : "before")} request {Request}";
    }
}

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
            .. from pair in ((Call First, Call Second)[])
               [
                   (Call.Write, Call.Delete), (Call.Delete, Call.Write), (Call.Write, Call.Write),
                   (Call.WriteAgain, Call.Delete), (Call.Delete, Call.WriteAgain), (Call.Delete, Call.Delete),
               ]
               from pauseOfFirst in Pauses(pair.First)
               from pauseOfSecond in Pauses(pair.Second).Select(pause => (Pause?)pause).Append(null)
               select new Race(pair.First, pauseOfFirst, pair.Second, pauseOfSecond),
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

        List<string> failures = [.. _failures, .. await album.AuditAsync()];
        LongRun.Close($"{races.Count} races, {failures.Count} with a loss");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(50)));
    }

    private static IEnumerable<Pause> Pauses(Call call) =>
        call.Requests.SelectMany((_, request) => (Pause[])[new(request, IsDone: false), new(request, IsDone: true)]);

    private async Task RunAsync(Race race, string user)
    {
        AlbumClient client = album.Host.SignIn(user);
        bool isNew = race.First == Call.Write || race.Second == Call.Write;
        string id = isNew ? await Call.UploadAsync(client) : await client.AddPhotoAsync("photo.jpg");
        Task<ApiResponse> first = Task.FromResult<ApiResponse>(null!);
        Task<ApiResponse>? second = null;
        var secondIsPaused = new TaskCompletionSource();
        int requestOfFirst = -1;
        int requestOfSecond = -1;
        album.Intercept(user, async (request, forward, _) =>
        {
            // While the first call is paused, every request is the second's, until that is paused too.
            bool isOfSecond = second is not null && !secondIsPaused.Task.IsCompleted;
            return await ForwardAsync(
                forward,
                isOfSecond ? Interlocked.Increment(ref requestOfSecond) : Interlocked.Increment(ref requestOfFirst),
                isOfSecond ? race.PauseOfSecond : race.PauseOfFirst,
                isOfSecond ? PauseSecondAsync : PauseFirstAsync);
        });

        first = race.First.SendAsync(client, id);
        ApiResponse one = await first;
        ApiResponse other = await (second ?? race.Second.SendAsync(client, id));
        await album.ClearFaultsAsync(user);

        bool isSame = race.First == race.Second;
        string statuses = string.Join(' ', ((int[])[one.Status, other.Status]).Order());
        string[] allowed = isNew
            ? isSame ? ["200 201"] : ["201 204", "404 409", "204 409"]
            : isSame ? ["204 404"] : ["200 204", "204 409"];
        Check(allowed.Contains(statuses), $"got {statuses}");
        int after = (await client.SendAsync("GET", $"/photos/{id}")).Status;
        Check(after == (race.First == Call.Delete || race.Second == Call.Delete ? 404 : 200), $"left a photo whose GET gets {after}");

        async Task PauseFirstAsync()
        {
            second = race.Second.SendAsync(client, id);
            await Task.WhenAny(secondIsPaused.Task, second);
            secondIsPaused.TrySetResult();
        }

        async Task PauseSecondAsync()
        {
            secondIsPaused.TrySetResult();
            await first;
        }

        void Check(bool holds, string problem)
        {
            if (!holds)
            {
                _failures.Enqueue($"{race}, {user}: {problem}");
            }
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
    private sealed record Race(Call First, Pause PauseOfFirst, Call Second, Pause? PauseOfSecond)
    {
        public override string ToString() => $"{First} paused {PauseOfFirst}, {Second} paused {PauseOfSecond?.ToString() ?? "nowhere"}";
    }

    /// <summary>Where a call is paused: before or after one of its requests is done.</summary>
    private sealed record Pause(int Request, bool IsDone)
    {
        public override string ToString() => $"{(IsDone ? "after" : "before")} request {Request}";
    }
}

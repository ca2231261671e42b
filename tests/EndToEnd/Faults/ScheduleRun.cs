using System.Diagnostics;
using System.Globalization;
using Photos.Album;
using Photos.Aws;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>How a call is cut off.</summary>
internal enum CutOff
{
    /// <summary>The function's process is killed.</summary>
    Killed,

    /// <summary>The connection of each attempt of its request is lost.</summary>
    Disconnected,
}

/// <summary>Runs a schedule on the binaries and compares each response, each storage request and the end with the model.</summary>
/// <param name="album">The album.</param>
/// <param name="stored">Reads what is stored.</param>
/// <param name="sweeps">SweepPhoto, which handles the records of the stream that the schedule contains.</param>
/// <param name="renders">RenderPhoto.</param>
/// <param name="schedule">The schedule.</param>
/// <param name="cutOff">How a call is cut off.</param>
internal sealed class ScheduleRun(
    FaultyAlbum album, StoredPhotos stored, StreamFunctions sweeps, StreamFunctions renders, Schedule schedule, CutOff cutOff)
{
    private const int MaxRuns = 5;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _user = $"order-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)}";
    private readonly HeldRequests _requests = new();
    private readonly Task<int>?[] _responses = new Task<int>?[schedule.Calls.Count];
    private readonly HeldRequest?[] _held = new HeldRequest?[schedule.Calls.Count];
    private readonly int[] _expected = [.. schedule.Calls.Select((_, call) => (int)schedule.States[^1].Places[call].Value)];
    private readonly List<string> _differences = [];
    private Func<Task<FakeResponse>>? _late;

    /// <returns>What differs from the model; <see langword="null"/> if nothing does.</returns>
    public static async Task<string?> RunAsync(
        FaultyAlbum album, StoredPhotos stored, StreamFunctions sweeps, StreamFunctions renders, Schedule schedule, CutOff cutOff)
    {
        for (int run = 1; ; run++)
        {
            var one = new ScheduleRun(album, stored, sweeps, renders, schedule, cutOff);
            long begin = Stopwatch.GetTimestamp();
            string? difference = await one.TryRunAsync();

            // A function sends a request again that was held for too long, which no schedule has.
            TimeSpan took = Stopwatch.GetElapsedTime(begin);
            if (difference is null || took < AwsClient.AttemptTimeout || run == MaxRuns)
            {
                return difference is null ? null : string.Create(CultureInfo.InvariantCulture, $"{difference} (run {run}, {took.TotalSeconds:f1} s)");
            }
        }
    }

    private async Task<string?> TryRunAsync()
    {
        try
        {
            await RunAsync();
        }
        catch (Exception e)
        {
            _differences.Add($"{e}");
        }

        return _differences.Count == 0 ? null : $"{schedule} ({cutOff}, {_user}): {string.Join("; ", _differences)}";
    }

    private async Task RunAsync()
    {
        AlbumClient client = album.Host.SignIn(_user);
        album.Intercept(_user, KeepGrantAsync);
        RacingPhoto photo = await RacingPhoto.CreateAsync(client, schedule.States[0].Life);
        album.Intercept(_user, _requests.HoldAsync);
        try
        {
            for (int i = 0; i < schedule.Moves.Count && _differences.Count == 0; i++)
            {
                await MoveAsync(client, photo, schedule.Moves[i], schedule.States[i], schedule.States[i + 1]).WaitAsync(s_patience);
            }
        }
        finally
        {
            await EndAsync();
        }

        await CompareEndAsync(client, photo);
    }

    private Task<FakeResponse> KeepGrantAsync(HttpRequest request, Func<Task<FakeResponse>> forward, CancellationToken cancellationToken)
    {
        _late ??= forward;
        return forward();
    }

    private async Task MoveAsync(AlbumClient client, RacingPhoto photo, Move move, LifeState before, LifeState after)
    {
        if (move.Kind == MoveKind.LateRequest)
        {
            await _late!();
            return;
        }

        if (move.Kind == MoveKind.TimeToLive)
        {
            await stored.RemoveItemAsync(_user, photo.Id);
            return;
        }

        int call = move.Actor;
        string expected = RequestName(schedule.Calls[call], before.Places[call].Value);
        if (_responses[call] is null)
        {
            _responses[call] = SendAsync(client, photo, call);
            _held[call] = await _requests.NextAsync(_responses[call]!);
        }

        if (_held[call] is not HeldRequest held || held.Operation != expected)
        {
            _differences.Add($"call {call} sent {_held[call]?.Operation ?? "nothing"} instead of {expected}");
            return;
        }

        await CarryOutAsync(move, held);
        if (_held[call] is HeldRequest further && after.Places[call].IsOver)
        {
            _differences.Add($"call {call} sent {further.Operation} after its last request");
        }
    }

    private async Task CarryOutAsync(Move move, HeldRequest held)
    {
        int call = move.Actor;
        switch (move.Kind)
        {
            case MoveKind.Step:
                held.Respond(await held.ForwardAsync());
                break;
            case MoveKind.StepAndLateRepeat:
                _late = held.ForwardAsync;
                held.Respond(await held.ForwardAsync());
                break;
            case MoveKind.LoseResponse:
                await held.ForwardAsync();
                held.Respond(FakeResponse.HangUp);
                break;
            case MoveKind.GiveUp:
                _late = held.ForwardAsync;
                await DisconnectAsync(call, held);
                return;
            case MoveKind.CutOff:
                await CutOffAsync(call, held);
                return;
            case MoveKind.StepAndCutOff:
                await held.ForwardAsync();
                await CutOffAsync(call, held);
                return;
            default:
                throw new InvalidOperationException($"{move.Kind} is not a move of a schedule.");
        }

        _held[call] = await _requests.NextAsync(_responses[call]!);
    }

    private async Task CutOffAsync(int call, HeldRequest held)
    {
        if (cutOff == CutOff.Disconnected)
        {
            await DisconnectAsync(call, held);
            return;
        }

        await album.Functions.KillByConnectionAsync(held.Ports);
        held.Respond(FakeResponse.HangUp);
        _held[call] = await _requests.NextAsync(_responses[call]!);
    }

    /// <summary>Loses the connection of this attempt of a request and of all that follow. RenderPhoto gets its record again.</summary>
    private async Task DisconnectAsync(int call, HeldRequest held)
    {
        string operation = held.Operation;
        int end = _expected[call];
        _expected[call] = (schedule.Calls[call], operation) switch
        {
            (PhotoCall.Sweep or PhotoCall.Render, _) => 500,

            // SweepPhoto does later what the request should have done.
            (_, "DeleteObject") => 204,
            _ => 503,
        };
        for (HeldRequest? attempt = held; attempt is not null; attempt = await _requests.NextAsync(_responses[call]!))
        {
            if (attempt.Operation != operation)
            {
                _differences.Add($"call {call} sent {attempt.Operation} after {operation} had failed");
            }

            attempt.Respond(FakeResponse.HangUp);
        }

        _held[call] = null;
        if (schedule.Calls[call] == PhotoCall.Render)
        {
            Expect($"the status of call {call}, interrupted at {operation}", _expected[call], await _responses[call]!);
            (_responses[call], _expected[call]) = (null, end);
        }
    }

    private async Task<int> SendAsync(AlbumClient client, RacingPhoto photo, int number)
    {
        PhotoCall call = schedule.Calls[number];
        if (call == PhotoCall.Sweep)
        {
            return await sweeps.HandleAsync(_user, photo.Id, StateBeforeFirstRecord()) ? 200 : 500;
        }

        if (call == PhotoCall.Render)
        {
            return await renders.HandleAsync(_user, photo.Id, PhotoState.Granted) ? 200 : 500;
        }

        return (await RacingCall.Of(call, number).SendAsync(client, photo)).Status;
    }

    /// <summary>The sweep of an upload that was never listed deletes its versions, too.</summary>
    private string RequestName(PhotoCall call, int step) =>
        call == PhotoCall.Sweep && step == 2 && StateBeforeFirstRecord() == PhotoState.Granted
            ? "DeleteObjectVersion"
            : Protocol.RequestName(call, step);

    /// <summary>The records of one id come in their order, so the first is handled first.</summary>
    private PhotoState StateBeforeFirstRecord() => schedule.States.Last(state => state.Records == 0).Life.Item;

    /// <summary>Lets every call end.</summary>
    private async Task EndAsync()
    {
        foreach (HeldRequest held in _held.OfType<HeldRequest>())
        {
            held.Respond(await held.ForwardAsync());
        }

        await _requests.OpenAsync();
        await Task.WhenAll(_responses.OfType<Task<int>>()).WaitAsync(s_patience);
        await album.ClearFaultsAsync(_user);
    }

    private async Task CompareEndAsync(AlbumClient client, RacingPhoto photo)
    {
        for (int call = 0; call < schedule.Calls.Count; call++)
        {
            int? status = _responses[call] is Task<int> response ? await response : null;
            Expect($"the status of call {call}", _expected[call], status);
        }

        LifeState end = schedule.States[^1];
        Expect("what is stored", end.Life, await stored.ReadAsync(_user, photo.Id));
        List<string> listed = await client.ListAllAsync();
        Expect("the album", end.Life.Item == PhotoState.Listed ? photo.Id : "", string.Join(", ", listed));
        if (listed.Count == 1)
        {
            ApiResponse found = await client.SendAsync("GET", $"/photos/{photo.Id}");
            ApiResponse bytes = await AlbumClient.DownloadAsync(found.Json.GetProperty("url").GetString()!);
            if (schedule.Calls.Index().Any(call => call.Item == PhotoCall.Rename && _expected[call.Index] == 200))
            {
                Expect("the name", RacingCall.NewName, found.Json.GetProperty("name").GetString());
            }

            Expect("the bytes", Convert.ToHexString(RacingPhoto.Picture), Convert.ToHexString(bytes.Body));
        }

        // Not the host: it handles the records of items that time to live has removed, and not a test.
        if (schedule.Has(MoveKind.TimeToLive))
        {
            Expect("whether the last record is handled", expected: true, await sweeps.HandleAsync(_user, photo.Id, PhotoState.Deleted));
        }
    }

    private void Expect<T>(string what, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            _differences.Add($"{what} is {actual}, and should be {expected}");
        }
    }
}

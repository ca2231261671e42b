using System.Collections.Concurrent;
using System.Globalization;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>
/// Calls about one photo run on the binaries in every order of their storage requests: each request is held until it is its turn.
/// A request is done or not when another begins, so pauses after a request are the same as pauses before the next.
/// <c>make faults</c> runs all schedules, <c>make test</c> a sample.
/// </summary>
[Collection<SecondFaultyAlbumTests>]
public sealed class ScheduleTests(FaultyAlbum album) : IDisposable
{
    /// <summary>Of each kind, in the short form.</summary>
    private const int SampleSize = 25;

    /// <summary>Of each mistake.</summary>
    private const int MistakenSchedules = 4;

    private const int MaxCalls = 3;

    // The host runs ten processes of a function. Each schedule may need one for each of its calls.
    private static readonly ParallelOptions s_parallel = new() { MaxDegreeOfParallelism = 3 };

    private static readonly PhotoCall[][] s_rendered =
        [[PhotoCall.Render], [PhotoCall.Rename, PhotoCall.Render], [PhotoCall.Delete, PhotoCall.Render], [PhotoCall.Delete, PhotoCall.Sweep, PhotoCall.Render]];

    private static readonly PhotoLife[] s_undeleted = [PhotoLife.Granted, PhotoLife.Uploaded, PhotoLife.Listed];
    private static readonly PhotoLife[] s_starts = [.. s_undeleted, PhotoLife.Deleted];

    private readonly StoredPhotos _stored = new(album.Settings);
    private readonly StreamFunctions _sweeps = new("SweepPhoto", album.FunctionVariables);
    private readonly StreamFunctions _renders = new("RenderPhoto", album.FunctionVariables);

    public void Dispose()
    {
        _sweeps.Dispose();
        _renders.Dispose();
        _stored.Dispose();
    }

    [Fact]
    public async Task NothingIsLostInAnyOrder()
    {
        Dictionary<string, IReadOnlyList<Schedule>> kinds = new()
        {
            ["orders of calls"] = [.. Orders()],
            ["with a late repeat of the grant"] = [.. LateGrants()],
            ["with a call cut off"] = [.. Disturbed(Disturbances.CutOff | Disturbances.CutOffAfterChange, MoveKind.CutOff, MoveKind.StepAndCutOff)],
            ["with a late change"] = [.. Disturbed(Disturbances.LateChange, MoveKind.GiveUp, MoveKind.StepAndLateRepeat)],
            ["with a lost response"] = [.. Disturbed(Disturbances.LostResponse, MoveKind.LoseResponse)],
            ["with a sweep"] = [.. Sweeps()],
            ["with a sweep and a disturbance"] = [.. DisturbedSweeps()],
            ["with RenderPhoto"] = [.. Renders()],
            ["with RenderPhoto and a disturbance"] = [.. DisturbedRenders()],
        };
        var random = new Random(LongRun.Seed);
        List<(Schedule Schedule, CutOff CutOff)> chosen = [];
        List<string> counts = [];
        foreach ((string kind, IReadOnlyList<Schedule> schedules) in kinds)
        {
            (Schedule, CutOff)[] all = [.. schedules.SelectMany(WithCutOff)];
            if (!LongRun.IsOn)
            {
                random.Shuffle(all);
            }

            counts.Add(string.Create(CultureInfo.InvariantCulture, $"{all.Length} {kind}"));
            chosen.AddRange(LongRun.IsOn ? all : all.Take(SampleSize));
        }

        List<string> failures = [.. await RunAsync(chosen), .. await album.AuditAfterExpiryAsync()];
        LongRun.Close($"{chosen.Count} schedules ({string.Join(", ", counts)}), {failures.Count} failed");
        Assert.True(failures.Count == 0, $"SEED={LongRun.Seed}\n{string.Join('\n', failures.Take(50))}");
    }

    /// <summary>The model of another protocol predicts something else than what the binaries do, which each run reports.</summary>
    [Fact]
    public async Task EveryMistakeInTheProtocolIsReported()
    {
        foreach (Protocol mistake in BrokenProtocols.All.Concat(BrokenProtocols.OfRenditions))
        {
            (Schedule, CutOff)[] schedules =
            [
                .. Mistaken(mistake).Take(MistakenSchedules).Select(schedule => (schedule, CutOff.Disconnected)),
            ];

            List<string> reports = await RunAsync(schedules);

            Assert.Equal(MistakenSchedules, schedules.Length);
            Assert.True(reports.Count == schedules.Length, $"Of {schedules.Length} schedules with {mistake.GetType().Name}, only these differ:\n{string.Join('\n', reports)}");
        }

        Assert.Empty(await album.AuditAfterExpiryAsync());
    }

    private static IEnumerable<PhotoCall[]> Calls(int most) => Enumerable.Range(1, most).SelectMany(Schedule.Combinations);

    private static IEnumerable<PhotoCall[]> CallsAndSweep(int most) =>
        Calls(most).Where(calls => calls.Contains(PhotoCall.Delete)).Select(calls => (PhotoCall[])[.. calls, PhotoCall.Sweep]);

    private static IEnumerable<Schedule> Orders() =>
        from calls in Calls(MaxCalls)
        from start in s_starts
        from schedule in Schedule.All(Model(calls, Disturbances.None), LifeModel.Begin(start), isReduced: false)
        select schedule;

    private static IEnumerable<Schedule> LateGrants() =>
        from calls in Calls(MaxCalls)
        from start in s_starts
        let due = LifeModel.Begin(start) with { Late = LateRequest.Due(PhotoCall.Grant, 0) }
        from schedule in Schedule.All(Model(calls, Disturbances.None), due, isReduced: true)
        select schedule;

    private static IEnumerable<Schedule> Disturbed(Disturbances disturbances, params MoveKind[] kinds) =>
        from calls in Calls(MaxCalls)
        from start in s_starts
        from schedule in Schedule.All(Model(calls, disturbances), LifeModel.Begin(start), isReduced: true)
        where schedule.Has(kinds)
        select schedule;

    private static IEnumerable<Schedule> Sweeps() =>
        from calls in CallsAndSweep(MaxCalls)
        from start in s_undeleted
        from schedule in Schedule.All(Model(calls, Disturbances.None), LifeModel.Begin(start), isReduced: true)
        select schedule;

    private static IEnumerable<Schedule> DisturbedSweeps() =>
        from disturbance in (Disturbances[])
        [
            Disturbances.TimeToLive,
            Disturbances.CutOff | Disturbances.CutOffAfterChange,
            Disturbances.LateChange,
            Disturbances.LostResponse,
        ]
        from calls in disturbance == Disturbances.TimeToLive
            ? Calls(MaxCalls - 1).Select(calls => (PhotoCall[])[.. calls, PhotoCall.Sweep])
            : CallsAndSweep(MaxCalls - 1)
        from start in s_undeleted
        from schedule in Schedule.All(Model(calls, disturbance), LifeModel.Begin(start), isReduced: true)
        where schedule.Moves.Any(move => move.Kind != MoveKind.Step)
        select schedule;

    /// <summary>RenderPhoto, alone and with a delete and its sweep at every step.</summary>
    private static IEnumerable<Schedule> Renders() =>
        from calls in s_rendered
        from start in s_undeleted
        from schedule in Schedule.All(Model(calls, Disturbances.None), LifeModel.Begin(start), isReduced: true)
        select schedule;

    private static IEnumerable<Schedule> DisturbedRenders() =>
        from disturbance in (Disturbances[])
        [
            Disturbances.TimeToLive,
            Disturbances.CutOff | Disturbances.CutOffAfterChange,
            Disturbances.LateChange,
            Disturbances.LostResponse,
        ]
        from calls in s_rendered
        from schedule in Schedule.All(Model(calls, disturbance), LifeModel.Begin(PhotoLife.Listed), isReduced: true)
        where schedule.Moves.Any(move => move.Kind != MoveKind.Step)
        select schedule;

    /// <summary>Schedules of a protocol that end in another way when the binaries follow the right one.</summary>
    private static IEnumerable<Schedule> Mistaken(Protocol mistake) =>
        from calls in Calls(MaxCalls - 1).Concat(CallsAndSweep(MaxCalls - 1)).Concat(s_rendered)
        from start in s_undeleted
        from disturbance in (Disturbances[])[Disturbances.None, Disturbances.TimeToLive, Disturbances.CutOffAfterChange]
        from schedule in Schedule.All(new LifeModel(mistake, calls, disturbance), LifeModel.Begin(start), isReduced: true)
        where !schedule.EndsAsIn(Model(calls, disturbance))
        select schedule;

    private static LifeModel Model(PhotoCall[] calls, Disturbances allowed) => new(new Protocol(), calls, allowed);

    /// <summary>Only the host's functions are killed. <see cref="SweepTests"/> kills SweepPhoto, too, and RenderTests RenderPhoto.</summary>
    private static IEnumerable<(Schedule Schedule, CutOff CutOff)> WithCutOff(Schedule schedule) =>
        schedule.Moves.Any(move => move.Kind is MoveKind.CutOff or MoveKind.StepAndCutOff && schedule.Calls[move.Actor] is not (PhotoCall.Sweep or PhotoCall.Render))
            ? Enum.GetValues<CutOff>().Select(cutOff => (schedule, cutOff))
            : [(schedule, CutOff.Disconnected)];

    /// <returns>What differs from the model.</returns>
    private async Task<List<string>> RunAsync(IReadOnlyCollection<(Schedule Schedule, CutOff CutOff)> schedules)
    {
        ConcurrentQueue<string> differences = [];
        int done = 0;
        await Parallel.ForEachAsync(schedules, s_parallel, async (one, _) =>
        {
            if (await ScheduleRun.RunAsync(album, _stored, _sweeps, _renders, one.Schedule, one.CutOff) is string difference)
            {
                differences.Enqueue(difference);
            }

            LongRun.Progress($"schedule {Interlocked.Increment(ref done)} of {schedules.Count}, {differences.Count} not as predicted");
        });
        return [.. differences];
    }
}

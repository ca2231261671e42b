using System.Globalization;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Fault-injection tests: every storage request of every call fails in every way. <c>make faults</c> runs the long form.</summary>
[Collection<SecondFaultyAlbumTests>]
public sealed class FaultTests(FaultyAlbum album)
{
    private readonly FaultScenarios _scenarios = new(album);

    [Fact]
    public async Task NothingIsLostWhenOneRequestFailsOrNoneSucceeds()
    {
        // Slow faults differ in what the function waits for, not in which request waits: the short form has them at one request
        // that fails the call, and at one that does not.
        List<(Call Call, int Step, Fault Fault, bool Always)> faults =
        [
            .. from call in Call.All
               from step in Enumerable.Range(0, call.Requests.Count)
               from fault in LongRun.IsOn || ((call == Call.Write || call == Call.Delete) && step == 1) ? Fault.Quick.Concat(Fault.Slow) : Fault.Quick
               from always in (bool[])[false, true]
               select (call, step, fault, always),
        ];

        await ForEachAsync(faults, (one, user) => _scenarios.RunAsync(
            $"{one.Call.Requests[one.Step]}, request {one.Step}: {one.Fault}, {(one.Always ? "always" : "once")}",
            user,
            one.Call,
            number => number == one.Step || (one.Always && number > one.Step) ? one.Fault : null,
            response => response.Status == one.Call.Status
                || (one.Fault.IsDone && response.Status == one.Call.StatusOfARepeat)
                || (!one.Call.Survives(one.Step, one.Always) && !IsSolvedByARetry(one.Fault, one.Always) && FaultScenarios.IsRefused(response, [one.Fault]))));

        await _scenarios.AssertAllSurvivedAsync(least: faults.Count);
    }

    [Fact]
    public async Task NothingIsLostWhenRequestsFailAtRandom()
    {
        const double Likelihood = 0.4;
        int count = LongRun.IsOn ? 3000 : 60;

        await ForEachAsync(Enumerable.Range(0, count), (index, user) =>
        {
            var random = new Random(LongRun.Seed + index);
            Call call = Call.All[random.Next(Call.All.Count)];
            Fault?[] faults =
            [
                .. Enumerable.Range(0, 12).Select(_ => random.NextDouble() < Likelihood ? Fault.Quick[random.Next(Fault.Quick.Count)] : null),
            ];
            return _scenarios.RunAsync(
                $"SEED={LongRun.Seed + index} [{string.Join(", ", faults.Select(fault => fault?.Name ?? "-"))}]",
                user,
                call,
                number => faults.ElementAtOrDefault(number),
                response => response.Status == call.Status
                    || (faults.Any(fault => fault is { IsDone: true }) && response.Status == call.StatusOfARepeat)
                    || FaultScenarios.IsRefused(response, faults));
        });

        await _scenarios.AssertAllSurvivedAsync(least: count / 4);
    }

    /// <summary>Not retried are a complete but meaningless response, an error that a retry would not mend, and a request that used up its time.</summary>
    private static bool IsSolvedByARetry(Fault fault, bool always) =>
        !always && fault != Fault.Garbled && fault != Fault.Trickling && fault != Fault.Expired && fault != Fault.Missing;

    private static Task ForEachAsync<T>(IEnumerable<T> cases, Func<T, string, Task> runAsync) => Parallel.ForEachAsync(
        cases.Index(),
        new ParallelOptions { MaxDegreeOfParallelism = 8 },
        async (one, _) => await runAsync(one.Item, $"fault-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)}"));
}

using System.Globalization;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Every storage request of every call goes wrong in every way. <c>make faults</c> runs the long form.</summary>
[Collection<FaultyAlbumTests>]
public sealed class FaultTests(FaultyAlbum album)
{
    private readonly Trials _trials = new(album);

    [Fact]
    public async Task NothingIsLostWhenOneRequestFailsOrNoneSucceeds()
    {
        // The slow ones on one step only where time is short: they differ by what they wait for, not by who waits.
        List<(Call Call, int Step, Fault Fault, bool Always)> faults =
        [
            .. from call in Call.All
               from step in Enumerable.Range(0, call.Requests.Count)
               from fault in LongRun.IsOn || (call == Call.Delete && step == 1) ? Fault.Quick.Concat(Fault.Slow) : Fault.Quick
               from always in (bool[])[false, true]
               select (call, step, fault, always),
        ];

        await ForEachAsync(faults, (one, user) => _trials.RunAsync(
            $"{one.Call.Requests[one.Step]} no. {one.Step} {one.Fault} {(one.Always ? "always" : "once")}",
            user,
            one.Call,
            number => number == one.Step || (one.Always && number > one.Step) ? one.Fault : null,
            answer => answer.Status == one.Call.Status || (!IsMendedByARetry(one.Fault, one.Always) && Trials.IsUnavailable(answer))));

        await _trials.AssertAllSurvivedAsync(least: faults.Count);
    }

    [Fact]
    public async Task NothingIsLostWhateverFailsAtRandom()
    {
        const double Likely = 0.4;
        int count = LongRun.IsOn ? 3000 : 60;

        await ForEachAsync(Enumerable.Range(0, count), (index, user) =>
        {
            var random = new Random(LongRun.Seed + index);
            Call call = Call.All[random.Next(Call.All.Count)];
            Fault?[] faults =
            [
                .. Enumerable.Range(0, 12).Select(_ => random.NextDouble() < Likely ? Fault.Quick[random.Next(Fault.Quick.Count)] : null),
            ];
            return _trials.RunAsync(
                $"SEED={LongRun.Seed + index} [{string.Join(", ", faults.Select(fault => fault?.Name ?? "-"))}]",
                user,
                call,
                number => faults.ElementAtOrDefault(number),
                answer => answer.Status == call.Status || Trials.IsUnavailable(answer));
        });

        await _trials.AssertAllSurvivedAsync(least: count / 4);
    }

    /// <summary>An answer that came whole and means nothing is not asked for again, nor is one that says no more than 400.</summary>
    private static bool IsMendedByARetry(Fault fault, bool always) =>
        !always && fault != Fault.Garbled && fault != Fault.Trickling && fault != Fault.Expired;

    private static Task ForEachAsync<T>(IEnumerable<T> cases, Func<T, string, Task> tryAsync) => Parallel.ForEachAsync(
        cases.Index(),
        new ParallelOptions { MaxDegreeOfParallelism = 8 },
        async (one, _) => await tryAsync(one.Item, $"fault-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)}"));
}

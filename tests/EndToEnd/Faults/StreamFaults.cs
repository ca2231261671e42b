using System.Globalization;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Faults in the storage requests of a function that the table's stream invokes. Each fault has a user of its own.</summary>
internal sealed class StreamFaults
{
    private readonly FaultyAlbum _album;
    private readonly (string What, int Step, Fault Fault)[] _cases;
    private readonly Task<FakeResponse>?[] _injections;

    private StreamFaults(FaultyAlbum album, (string What, int Step, Fault Fault)[] cases)
    {
        _album = album;
        _cases = cases;
        _injections = new Task<FakeResponse>?[cases.Length];
        Users = [.. cases.Select(_ => $"stream-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)}")];
    }

    /// <summary>One user for each fault.</summary>
    public IReadOnlyList<string> Users { get; }

    /// <summary>Every quick fault at every request: in the short form, at every third request, each fault at others.</summary>
    /// <param name="album">The album.</param>
    /// <param name="requests">How many storage requests the function sends about a photo.</param>
    public static StreamFaults Quick(FaultyAlbum album, int requests) => new(album,
    [
        .. from step in Enumerable.Range(0, requests)
           from fault in Fault.Quick.Index()
           where LongRun.IsOn || (step + fault.Index) % 3 == 0
           select ($"request {step}: {fault.Item}", step, fault.Item),
    ]);

    /// <summary>The function is killed at each request, before and after it is done: in the short form, by turns.</summary>
    /// <inheritdoc cref="Quick"/>
    public static IEnumerable<StreamFaults> Kills(FaultyAlbum album, int requests) =>
        from step in Enumerable.Range(0, requests)
        from isDone in LongRun.IsOn ? [false, true] : (bool[])[step % 2 == 0]
        select new StreamFaults(album, [($"request {step}: killed, {(isDone ? "done" : "not done")}", step, Kill(album, isDone))]);

    /// <summary>Has one request of each user fail.</summary>
    /// <param name="isOfFunction">Whether the function sent a request, and not the test.</param>
    public void Inject(Predicate<HttpRequest> isOfFunction)
    {
        for (int i = 0; i < _cases.Length; i++)
        {
            int number = i;
            int requests = -1;
            _album.Intercept(Users[i], (request, forward, cancellationToken) =>
                isOfFunction(request) && Interlocked.Increment(ref requests) == _cases[number].Step
                    ? _injections[number] = _cases[number].Fault.Inject(request, forward, cancellationToken)
                    : forward());
        }
    }

    /// <summary>Asserts that every fault occurred and that the table and the bucket agree.</summary>
    public async Task EndAsync()
    {
        // A fault can go on after its request was done, and then kill a function that the audit calls.
        await Task.WhenAll(_injections.OfType<Task<FakeResponse>>());
        await Task.WhenAll(Users.Select(_album.ClearFaultsAsync));
        Assert.All(_cases, (one, i) => Assert.True(_injections[i] is not null, $"{one.What}: there was no such request."));
        Assert.Empty(await _album.AuditAsync());
    }

    private static Fault Kill(FaultyAlbum album, bool isDone) => new("killed", async (_, forward, _) =>
    {
        if (isDone)
        {
            await forward();
        }

        await album.KillFunctionsAsync();
        return FakeResponse.HangUp;
    });
}

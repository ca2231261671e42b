using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.Engines;
using Photos.Tests.Template;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>
/// Many users at once on real binaries and engines, with every answer held against a model of what must be there.
/// <c>make load</c> runs the long form.
/// </summary>
[Collection<SerialCollection>]
public sealed class LoadTests : IAsyncLifetime
{
    private const int Users = 40;
    private const int CallsAtOnce = 16;
    private const int LeastOfEachCall = 40;

    private readonly StorageEngines _engines = new();
    private readonly TemporaryFolder _data = new();
    private readonly ConcurrentQueue<string> _failures = [];
    private LocalHost? _host;

    public async ValueTask InitializeAsync()
    {
        await _engines.InitializeAsync();
        _host = await LocalHost.StartAsync(_data.Path, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_ENDPOINT_URL_DYNAMODB"] = _engines.Settings.Aws.DynamoDbEndpoint!.AbsoluteUri,
            ["AWS_ENDPOINT_URL_S3"] = _engines.Settings.Aws.S3Endpoint!.AbsoluteUri,
            ["AWS_ACCESS_KEY_ID"] = _engines.Settings.Aws.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = _engines.Settings.Aws.SecretAccessKey,
        });
    }

    public async ValueTask DisposeAsync()
    {
        await (_host?.DisposeAsync() ?? default);
        await _engines.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task EveryAnswerIsRightHoweverManyAskAtOnce()
    {
        var duration = TimeSpan.FromSeconds(LongRun.Number("SECONDS", LongRun.IsOn ? 600 : 8));
        using var traffic = new Traffic(CallsAtOnce);
        var newest = new ConcurrentDictionary<string, string>();
        CheckedAlbum[] albums = [.. Enumerable.Range(0, Users).Select(number => SignIn(Name(number), duration, traffic))];

        using var over = new CancellationTokenSource(duration);
        long begin = Stopwatch.GetTimestamp();
        Task<string> early = LongRun.IsOn ? MemoryAfterAsync(duration / 10) : Task.FromResult("");
        await Task.WhenAll(albums.Select((album, number) => WatchAsync(new LoadUser(number, Name(number), album, newest).RunAsync(over.Token))));
        TimeSpan took = Stopwatch.GetElapsedTime(begin);
        int pairs = albums.Sum(album => album.Pairs);
        using var audit = new Audit(_engines.Settings);
        foreach (string found in await audit.FindAsync())
        {
            _failures.Enqueue(found);
        }

        if (LongRun.IsOn)
        {
            string afterATenth = await early;
            LongRun.Close(string.Create(CultureInfo.InvariantCulture, $"""
                {traffic.Figures()}{traffic.Total / took.TotalSeconds:F0} requests a second, {pairs:N0} pairs of them at odds
                after a tenth of the time {afterATenth}
                at the end {HostMemory.Describe(_host!.ProcessId)}
                {traffic.Total:N0} requests checked, {_failures.Count} wrong
                """));
        }

        Assert.True(_failures.IsEmpty, $"SEED={LongRun.Seed}\n{string.Join('\n', _failures)}");
        Assert.All(Enum.GetValues<Call>(), call => Assert.InRange(traffic.Count(call), LeastOfEachCall, int.MaxValue));
        Assert.InRange(pairs, LeastOfEachCall, int.MaxValue);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"load-{number:d2}");

    private CheckedAlbum SignIn(string user, TimeSpan duration, Traffic traffic)
    {
        var client = new AlbumClient(_host!.Address, _host.Token(user, duration + TimeSpan.FromHours(1)));
        return new CheckedAlbum(user, client, traffic, $"{_engines.Settings.Aws.S3Endpoint}{_engines.Settings.Bucket}/private/{user}/");
    }

    /// <summary>A user whose album is not as it must be ends there, and the others go on.</summary>
    private async Task WatchAsync(Task user)
    {
        try
        {
            await user;
        }
        catch (Exception e)
        {
            _failures.Enqueue(e is Xunit.Sdk.XunitException ? e.Message : e.ToString());
        }
    }

    private async Task<string> MemoryAfterAsync(TimeSpan time)
    {
        await Task.Delay(time);
        return HostMemory.Describe(_host!.ProcessId);
    }
}

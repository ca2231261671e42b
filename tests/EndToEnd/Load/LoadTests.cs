using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.Engines;
using Photos.Tests.Template;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>
/// Many users at once on the deployed binaries and real engines. Every response is checked against a model of the albums.
/// <c>make load</c> runs the long form.
/// </summary>
[Collection<SerialCollection>]
public sealed class LoadTests : IAsyncLifetime
{
    private const int Users = 40;
    private const int CallsAtOnce = 16;
    private const int LeastOfEachCall = 40;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_mostMore = TimeSpan.FromMinutes(2);

    private readonly StorageEngines _engines = new();
    private readonly TemporaryFolder _data = new();
    private readonly ConcurrentQueue<string> _failures = [];
    private LocalHost? _host;

    public async ValueTask InitializeAsync()
    {
        await _engines.InitializeAsync();
        _host = await LocalHost.StartAsync(_data.Path, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_ENDPOINT_URL_DYNAMODB"] = _engines.Settings.Aws.DynamoDbEndpoint!.Origin,
            ["AWS_ENDPOINT_URL_S3"] = _engines.Settings.Aws.S3Endpoint!.Origin,
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
    public async Task EveryResponseIsRightUnderLoad()
    {
        var duration = TimeSpan.FromSeconds(LongRun.Number("SECONDS", LongRun.IsOn ? 600 : 8));
        using var traffic = new Traffic(CallsAtOnce);
        var newest = new ConcurrentDictionary<string, string>();
        CheckedAlbum[] albums = [.. Enumerable.Range(0, Users).Select(number => SignIn(Name(number), duration, traffic))];

        using var over = new CancellationTokenSource();
        long begin = Stopwatch.GetTimestamp();
        Task<string> early = LongRun.IsOn ? MemoryAfterAsync(duration / 10) : Task.FromResult("");
        Task end = EndAsync(duration, albums, traffic, over);
        await Task.WhenAll(albums.Select((album, number) => WatchAsync(new LoadUser(number, Name(number), album, newest).RunAsync(over.Token))));
        await end;
        TimeSpan took = Stopwatch.GetElapsedTime(begin);
        int pairs = albums.Sum(album => album.Pairs);
        await using var audit = new Audit(_engines, _host!);
        foreach (string found in await audit.FindAfterExpiryAsync())
        {
            _failures.Enqueue(found);
        }

        if (LongRun.IsOn)
        {
            string afterATenth = await early;
            LongRun.Close(string.Create(CultureInfo.InvariantCulture, $"""
                {traffic.Figures()}{traffic.Total / took.TotalSeconds:F0} requests a second, {pairs:N0} pairs of calls that raced
                after a tenth of the time: {afterATenth}
                at the end: {HostMemory.Describe(_host!.ProcessId)}
                {traffic.Total:N0} requests checked, {_failures.Count} wrong
                """));
        }

        Assert.InRange(audit.Renditions, 1, long.MaxValue);
        Assert.True(_failures.IsEmpty, $"SEED={LongRun.Seed}\n{string.Join('\n', _failures)}");
        Assert.All(Call.All, call => Assert.True(
            traffic.Count(call) >= LeastOfEachCall,
            $"The users sent {call} ({call.Route ?? "to the bucket"}) {traffic.Count(call)} times, and {LeastOfEachCall} are the least. Have LoadUser send it more often."));
        Assert.InRange(pairs, LeastOfEachCall, int.MaxValue);
    }

    /// <summary>Ends the run after its time. A slow machine gets more, until each call was sent often enough to mean something.</summary>
    private static async Task EndAsync(TimeSpan duration, CheckedAlbum[] albums, Traffic traffic, CancellationTokenSource over)
    {
        await Task.Delay(duration);
        for (TimeSpan more = TimeSpan.Zero; more < s_mostMore && !IsEnough(); more += s_poll)
        {
            await Task.Delay(s_poll);
        }

        await over.CancelAsync();

        bool IsEnough() => albums.Sum(album => album.Pairs) >= LeastOfEachCall && Call.All.All(call => traffic.Count(call) >= LeastOfEachCall);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"load-{number:d2}");

    private CheckedAlbum SignIn(string user, TimeSpan duration, Traffic traffic)
    {
        var client = new AlbumClient(_host!.Address, _host.Token(user, duration + TimeSpan.FromHours(1)));
        return new CheckedAlbum(user, client, traffic, $"{_engines.Settings.Aws.S3Endpoint!.Origin}/{_engines.Settings.Bucket}/private/{user}/");
    }

    /// <summary>A user who finds a wrong response stops, and the others continue.</summary>
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

using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Playwright;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>
/// What a visitor of an album waits for: <c>make bench-album</c>. Chromium with 10 Mbit/s and a latency of 40 ms opens an album of 50
/// photos of 5 MB twice. The second visit is served by the same execution environment of ListPhotos, or by another one, whose
/// credentials and URLs differ.
/// </summary>
[Collection<BrowserTests>]
[UnsupportedOSPlatform("windows")]
public sealed class AlbumMeasurement(SharedBrowser shared)
{
    private const int Photos = 50;
    private const int PhotoBytes = 5_000_000;
    private const int BytesPerSecond = 10_000_000 / 8;
    private const string User = "visitor";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    // Resolves when every tile in view shows its picture: in ms since the navigation.
    private const string Painted = """
        window.painted = new Promise((resolve) => {
          const isInView = (tile) => tile.getBoundingClientRect().bottom > 0 && tile.getBoundingClientRect().top < innerHeight;
          const check = async () => {
            const pictures = [...document.querySelectorAll('#photos > li')].filter(isInView).map((tile) => tile.querySelector('img'));
            if (pictures.length > 0 && pictures.every((picture) => picture?.complete && picture.naturalWidth > 0)) {
              await Promise.all(pictures.map((picture) => picture.decode()));
              requestAnimationFrame(() => requestAnimationFrame(() => resolve({ ms: performance.now(), count: pictures.length })));
            } else {
              requestAnimationFrame(check);
            }
          };
          requestAnimationFrame(check);
        });
        """;

    [Fact(Explicit = true)]
    public async Task AnAlbumOpensWithinTwoSeconds()
    {
        byte[][] pictures = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(scene => Pictures.PaintLargeAsync(shared.Browser, scene, PhotoBytes)))];
        Print($"{"Version",-8} {"Environments",-12} {"Visit",-6} {"In view",7} {"Painted, ms",11} {"Received until then, kB",23} {"Received, kB",12}");
        if (Environment.GetEnvironmentVariable("BEFORE") is { Length: > 0 } before)
        {
            string functions = Path.Combine(before, "artifacts", "functions", Repository.Architecture);
            await MeasureAsync("before", pictures, (folder, data) => LocalHost.StartOtherAsync(Path.GetFullPath(before), folder, data), functions);
        }

        List<Visit> visits = await MeasureAsync(
            "after", pictures, (folder, data) => LocalHost.StartAsync(folder, data, new Dictionary<string, string>()), Repository.Functions);
        Assert.All(visits, visit => Assert.InRange(visit.PaintedMs, 0, 2_000));
        Assert.All(visits, visit => Assert.InRange(visit.Bytes, 0, visit.Number == 1 ? 1_500_000 : 50_000));
    }

    private async Task<List<Visit>> MeasureAsync(string version, byte[][] pictures, Func<string, string, Task<LocalHost>> start, string functions)
    {
        using var folder = new TemporaryFolder();
        using var data = new TemporaryFolder();
        await GiveEachEnvironmentCredentialsAsync(functions, folder.Path);
        await using LocalHost host = await start(folder.Path, data.Path);
        bool isThisVersion = version == "after";
        var client = new AlbumClient(host.Address, host.Token(User, TimeSpan.FromHours(1)), isDescribed: isThisVersion);
        for (int i = 0; i < Photos; i++)
        {
            await client.AddPhotoAsync($"IMG_{i:D4}.jpg", pictures[i % pictures.Length]);
        }

        if (isThisVersion)
        {
            await client.WaitUntilRenderedAsync();
        }

        List<Visit> visits = [];
        foreach (int environments in (int[])[1, 2])
        {
            await using IBrowserContext context = await shared.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 } });
            string? lastUrl = null;
            for (int number = 1; number <= 2; number++)
            {
                if (number == 2 && environments == 2)
                {
                    using HttpRequestMessage cold = new(HttpMethod.Post, new Uri(host.Address, "/local/cold")) { Headers = { { "Origin", host.Address.AbsoluteUri.TrimEnd('/') } } };
                    Assert.Equal(204, (await AlbumClient.SendAsync(cold)).Status);
                }

                // Starts the environment, because cold starts are measured elsewhere.
                string url = (await client.SendAsync("GET", "/photos?limit=1")).Json.GetProperty("photos")[0].GetProperty("url").GetString()!;
                Assert.True(lastUrl is null || environments == 1 || TokenOf(url) != TokenOf(lastUrl), "Both environments have the same credentials.");
                lastUrl = url;
                Visit visit = await VisitAsync(context, host, number);
                visits.Add(visit);
                Print(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{version,-8} {environments,-12} {(number == 1 ? "first" : "second"),-6} {visit.InView,7} {visit.PaintedMs,11:f0} {visit.BytesUntilPainted / 1000.0,23:f1} {visit.Bytes / 1000.0,12:f1}"));
            }
        }

        return visits;
    }

    private static async Task<Visit> VisitAsync(IBrowserContext context, LocalHost host, int number)
    {
        IPage page = await context.NewPageAsync();
        ICDPSession devTools = await context.NewCDPSessionAsync(page);
        var traffic = new Traffic(devTools);
        await devTools.SendAsync("Network.enable");
        await devTools.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = false,
            ["latency"] = 40,
            ["downloadThroughput"] = BytesPerSecond,
            ["uploadThroughput"] = BytesPerSecond,
        });
        await page.AddInitScriptAsync(Painted);
        await page.GotoAsync(new Uri(host.Address, $"/?user={User}").AbsoluteUri, new() { WaitUntil = WaitUntilState.Commit });
        JsonElement painted = await page.EvaluateAsync<JsonElement>("window.painted").WaitAsync(s_limit);
        long bytesUntilPainted = traffic.Bytes;
        await traffic.WaitUntilQuietAsync(s_limit);
        await page.CloseAsync();
        return new Visit(number, painted.GetProperty("count").GetInt32(), painted.GetProperty("ms").GetDouble(), bytesUntilPainted, traffic.Bytes);
    }

    /// <summary>
    /// A copy of the functions' folder in which each process of ListPhotos has a session token of its own, as each execution
    /// environment of Lambda has. The local engines accept any.
    /// </summary>
    private static async Task GiveEachEnvironmentCredentialsAsync(string functions, string copy)
    {
        const string Function = "ListPhotos";
        foreach (string function in Directory.EnumerateDirectories(functions).Where(function => Path.GetFileName(function) != Function))
        {
            Directory.CreateSymbolicLink(Path.Combine(copy, Path.GetFileName(function)), Path.GetFullPath(function));
        }

        string folder = Directory.CreateDirectory(Path.Combine(copy, Function)).FullName;
        string original = Path.GetFullPath(Path.Combine(functions, Function));
        File.CreateSymbolicLink(Path.Combine(folder, "amazon-roots.pem"), Path.Combine(original, "amazon-roots.pem"));
        string bootstrap = Path.Combine(folder, "bootstrap");
        await File.WriteAllTextAsync(
            bootstrap, $"#!/bin/sh\nAWS_SESSION_TOKEN=$(head -c 750 /dev/urandom | base64 -w 0)\nexport AWS_SESSION_TOKEN\nexec '{original}/bootstrap'\n");
        File.SetUnixFileMode(bootstrap, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string TokenOf(string url) => url.Split("X-Amz-Security-Token=")[1].Split('&')[0];

    private static void Print(string line) => Console.Error.WriteLine(line);

    /// <param name="Number">1 for the first visit.</param>
    /// <param name="InView">The number of tiles in view.</param>
    /// <param name="PaintedMs">From the navigation until all tiles in view show their pictures, in ms.</param>
    /// <param name="BytesUntilPainted">The bytes received by then.</param>
    /// <param name="Bytes">The bytes received until nothing more arrives.</param>
    private sealed record Visit(int Number, int InView, double PaintedMs, long BytesUntilPainted, long Bytes);

    /// <summary>Counts the bytes that a page receives, with headers and as they are encoded.</summary>
    private sealed class Traffic
    {
        private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(2);

        private readonly Lock _gate = new();
        private readonly Dictionary<string, long> _bytes = [];
        private readonly HashSet<string> _running = [];
        private long _lastEvent = Stopwatch.GetTimestamp();

        public Traffic(ICDPSession devTools)
        {
            // The list of requests never ends.
            On("Network.requestWillBeSent", (id, e) => _ = e.GetProperty("type").ValueEquals("EventSource") || _running.Add(id));
            On("Network.responseReceived", (id, e) => Add(id, e.GetProperty("response").GetProperty("encodedDataLength").GetDouble()));
            On("Network.dataReceived", (id, e) => Add(id, e.GetProperty("encodedDataLength").GetDouble()));
            On("Network.loadingFinished", (id, e) =>
            {
                _running.Remove(id);
                _bytes[id] = (long)e.GetProperty("encodedDataLength").GetDouble();
            });
            On("Network.loadingFailed", (id, _) => _running.Remove(id));

            void On(string name, Action<string, JsonElement> handle) => devTools.Event(name).OnEvent += (_, e) =>
            {
                lock (_gate)
                {
                    _lastEvent = Stopwatch.GetTimestamp();
                    handle(e!.Value.GetProperty("requestId").GetString()!, e.Value);
                }
            };
        }

        public long Bytes
        {
            get
            {
                lock (_gate)
                {
                    return _bytes.Values.Sum();
                }
            }
        }

        public async Task WaitUntilQuietAsync(TimeSpan limit)
        {
            using var cancel = new CancellationTokenSource(limit);
            while (!IsQuiet())
            {
                await Task.Delay(100, cancel.Token);
            }
        }

        private bool IsQuiet()
        {
            lock (_gate)
            {
                return _running.Count == 0 && Stopwatch.GetElapsedTime(_lastEvent) > s_quiet;
            }
        }

        private void Add(string id, double bytes) => _bytes[id] = _bytes.GetValueOrDefault(id) + (long)bytes;
    }
}

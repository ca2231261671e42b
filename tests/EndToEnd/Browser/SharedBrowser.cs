using Microsoft.Playwright;
using Photos.Local.Engines;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>One host and one headless browser for all the tests of the page; each test takes users of its own.</summary>
public sealed class SharedBrowser : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private LocalHost? _host;

    internal LocalHost Host => _host ?? throw new InvalidOperationException("The local host is not started.");

    internal IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser is not started.");

    /// <summary>The source of axe-core, as npm's lock file pins it.</summary>
    internal string Axe { get; private set; } = "";

    internal Pictures Pictures { get; private set; } = new([]);

    /// <summary>Opens the album of <paramref name="user"/> in a window of its own, lets a test use it, and asserts that
    /// nothing went wrong behind the test's back: on the console, in a request, or by a request to anywhere else.</summary>
    internal Task VisitAsync(string user, Func<AlbumPage, Task> use, BrowserNewContextOptions? options = null) =>
        AlbumPage.VisitAsync(Browser, Host.Address, $"/?user={user}", use, options);

    public async ValueTask InitializeAsync()
    {
        string browser = await SystemBrowser.FindOrInstallAsync();
        string folder = Path.Combine(Repository.Root, "tests", "EndToEnd", "Browser");
        await EngineInstaller.EnsureInstalledAsync(folder, TextWriter.Null, TestContext.Current.CancellationToken);
        Axe = await File.ReadAllTextAsync(Path.Combine(folder, "node_modules", "axe-core", "axe.min.js"));
        _host = await LocalHost.StartAsync(_data.Path);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = browser,
            Args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        Pictures = await Pictures.PaintAsync(_browser);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _data.Dispose();
    }
}

/// <summary>The tests that share <see cref="SharedBrowser"/>.</summary>
[CollectionDefinition]
public sealed class BrowserTests : ICollectionFixture<SharedBrowser>;

using Microsoft.Playwright;
using Photos.Local.Engines;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>One host and one headless browser for all tests of the page. Each test uses its own users.</summary>
public sealed class SharedBrowser : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private LocalHost? _host;

    internal LocalHost Host => _host ?? throw new InvalidOperationException("The local host has not been started.");

    internal IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser has not been started.");

    /// <summary>The source code of axe-core, in the version that the lock file pins.</summary>
    internal string Axe { get; private set; } = "";

    internal Pictures Pictures { get; private set; } = new([], []);

    /// <summary>
    /// Opens the album of <paramref name="user"/> in a separate browser context and runs a test in it. Asserts that there were no
    /// unexpected console errors or failed requests, and no requests to other machines.
    /// </summary>
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

using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>The album page in a window of its own, and what goes on behind it.</summary>
internal sealed class AlbumPage
{
    private static readonly string s_screenshots = Path.Combine(Repository.Root, "artifacts", "tests", "screenshots");

    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly List<string> _expected = [];

    private AlbumPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            // An answer of 400 and more is on the console too; it is noted with its URL below.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                _troubles.Enqueue($"{message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _troubles.Enqueue($"exception: {error}");
        // The browser hands choosers over from now on. Told only when one is waited for, it may be too late for a key's.
        page.FileChooser += (_, _) => { };
        page.Request += (_, request) => _requests.Enqueue($"{request.Method} {request.Url}");
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                _troubles.Enqueue($"{response.Status} {response.Request.Method} {new Uri(response.Url).AbsolutePath}");
            }
        };
        page.RequestFailed += (_, request) =>
        {
            // What the page itself breaks off has not failed.
            if (request.Failure is not "net::ERR_ABORTED")
            {
                _troubles.Enqueue($"{request.Failure} {request.Method} {new Uri(request.Url).AbsolutePath}");
            }
        };
    }

    public IPage Page { get; }

    public ILocator Tiles => Page.Locator("#photos > li");

    public ILocator Uploads => Page.Locator("#uploads > li");

    public ILocator Requests => Page.Locator("#requests > li");

    public ILocator Viewer => Page.Locator("#viewer");

    public ILocator Confirm => Page.Locator("#confirm");

    /// <summary>What has been asked so far, as <c>GET http://…</c>.</summary>
    public IEnumerable<string> Asked => _requests;

    /// <param name="path">Of the page, with its query.</param>
    public static async Task VisitAsync(
        IBrowser browser, Uri host, string path, Func<AlbumPage, Task> use, BrowserNewContextOptions? options = null)
    {
        await using IBrowserContext context = await browser.NewContextAsync(
            options ?? new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 800 } });
        context.SetDefaultTimeout(15_000);
        IPage window = await context.NewPageAsync();
        var page = new AlbumPage(window);
        await window.GotoAsync(new Uri(host, path).AbsoluteUri);
        try
        {
            await use(page);
        }
        catch (Exception e) when (e is PlaywrightException or TimeoutException or Xunit.Sdk.XunitException)
        {
            await page.TakeScreenshotAsync($"failed-{TestContext.Current.TestMethod?.MethodName}");
            throw new InvalidOperationException($"The page's troubles: {string.Join(", ", page._troubles)}", e);
        }

        Assert.Equal(page._expected, page._troubles);
        // The bucket, too, is on this machine.
        Assert.All(page._requests, request => Assert.StartsWith("http://127.0.0.1:", request.Split(' ')[1], StringComparison.Ordinal));
    }

    /// <summary>Says that an answer of 400 and more, or a failure, belongs to the test.</summary>
    public void ExpectTrouble(string trouble) => _expected.Add(trouble);

    public async Task ChooseAsync(params FilePayload[] files) => await (await OpenFileChooserAsync()).SetFilesAsync(files);

    /// <param name="path">Of a file on the disk, where a large one is better kept.</param>
    public async Task ChooseAsync(string path) => await (await OpenFileChooserAsync()).SetFilesAsync(path);

    private Task<IFileChooser> OpenFileChooserAsync() =>
        Page.RunAndWaitForFileChooserAsync(() => Button("Choose photos").ClickAsync());

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Waits until every picture on the page is there to see.</summary>
    public async Task WaitForPicturesAsync()
    {
        foreach (ILocator picture in await Tiles.Locator("img").AllAsync())
        {
            await Expect(picture).ToHaveJSPropertyAsync("naturalWidth", Pictures.Width);
        }
    }

    /// <summary>Kept beside the tests' results.</summary>
    public async Task TakeScreenshotAsync(string name) =>
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(s_screenshots, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });

    /// <summary>Presses Tab until the element has the focus, as somebody without a mouse must.</summary>
    public async Task TabToAsync(ILocator element)
    {
        for (int i = 0; i < 40; i++)
        {
            await Page.Keyboard.PressAsync("Tab");
            if (await element.EvaluateAsync<bool>("(element) => element === document.activeElement"))
            {
                return;
            }
        }

        await Expect(element).ToBeFocusedAsync();
    }
}

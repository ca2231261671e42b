using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>The album page in a separate browser context, with the problems and requests that it causes.</summary>
internal sealed class AlbumPage
{
    /// <summary>How long a photo may take until the page shows it, in milliseconds.</summary>
    public const float RenderingTimeout = 60_000;

    private static readonly string s_screenshots = Path.Combine(Repository.Root, "artifacts", "tests", "screenshots");

    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly List<string> _expected = [];

    private AlbumPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            // The console also shows responses with status 400 and above; these are recorded with their URLs below.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                _problems.Enqueue($"{message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _problems.Enqueue($"exception: {error}");

        // Makes the browser report file choosers from now on. Otherwise one that a key opens may be missed.
        page.FileChooser += (_, _) => { };
        page.Request += (_, request) =>
        {
            // The page makes the URLs of blobs itself.
            if (!request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                _requests.Enqueue($"{request.Method} {request.Url}");
            }
        };
        page.Response += (_, response) =>
        {
            if (response.Status >= 400 && !IsPollOfDeletedPhoto(response))
            {
                _problems.Enqueue($"{response.Status} {response.Request.Method} {new Uri(response.Url).AbsolutePath}");
            }
        };
        page.RequestFailed += (_, request) =>
        {
            // A request that the page itself aborts has not failed.
            if (request.Failure is not "net::ERR_ABORTED")
            {
                _problems.Enqueue($"{request.Failure} {request.Method} {new Uri(request.Url).AbsolutePath}");
            }
        };
    }

    public IPage Page { get; }

    public ILocator Tiles => Page.Locator("#photos > li");

    public ILocator Uploads => Page.Locator("#uploads > li");

    /// <summary>The uploads that are running now.</summary>
    public ILocator Uploading => Page.Locator("#uploads > .uploading");

    public ILocator Requests => Page.Locator("#requests > li");

    public ILocator Viewer => Page.Locator("#viewer");

    public ILocator Confirm => Page.Locator("#confirm");

    /// <summary>The requests that the page has sent, as <c>GET http://…</c>.</summary>
    public IEnumerable<string> Sent => _requests;

    /// <param name="path">The page's path and query.</param>
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
            throw new InvalidOperationException($"The page's problems: {string.Join(", ", page._problems)}", e);
        }

        Assert.Equal(page._expected, page._problems);

        // The bucket is on this machine too.
        Assert.All(page._requests, request => Assert.StartsWith("http://127.0.0.1:", request.Split(' ')[1], StringComparison.Ordinal));
    }

    /// <summary>Whether the page has polled a photo while its own request deleted it.</summary>
    private bool IsPollOfDeletedPhoto(IResponse response)
    {
        string photo = new Uri(response.Url).AbsolutePath;
        return response is { Status: 404, Request.Method: "GET" } && photo.StartsWith("/photos/", StringComparison.Ordinal) && _requests.Any(request =>
            request.StartsWith("DELETE ", StringComparison.Ordinal) && (request.EndsWith(photo, StringComparison.Ordinal) || request.EndsWith("/album", StringComparison.Ordinal))
            || request.StartsWith("POST ", StringComparison.Ordinal) && request.EndsWith("/photos/deletions", StringComparison.Ordinal));
    }

    /// <summary>Declares that the test expects a response with status 400 or above, or a failed request.</summary>
    public void ExpectProblem(string problem) => _expected.Add(problem);

    public async Task ChooseAsync(params FilePayload[] files) => await (await OpenFileChooserAsync()).SetFilesAsync(files);

    /// <param name="path">The path of a file on disk, for large files.</param>
    public async Task ChooseAsync(string path) => await (await OpenFileChooserAsync()).SetFilesAsync(path);

    private Task<IFileChooser> OpenFileChooserAsync() =>
        Page.RunAndWaitForFileChooserAsync(() => Button("Choose photos").ClickAsync());

    /// <summary>Holds the requests to the bucket until the source is completed.</summary>
    public async Task<TaskCompletionSource> HoldUploadsAsync()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Page.RouteAsync("**/private/**", async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });
        return release;
    }

    /// <summary>Handles the requests for single photos, with which the page polls and renews URLs.</summary>
    public Task RoutePhotoAsync(Func<IRoute, Task> handle) => Page.RouteAsync(
        url => new Uri(url).AbsolutePath is ['/', 'p', 'h', 'o', 't', 'o', 's', '/', .. string id] && Guid.TryParse(id, out _), handle);

    /// <summary>The requests that the page has sent with this method, to paths that end like this.</summary>
    public IEnumerable<string> SentTo(string method, string path = "") => _requests.Where(request =>
        request.StartsWith($"{method} ", StringComparison.Ordinal) && new Uri(request[(method.Length + 1)..]).AbsolutePath.EndsWith(path, StringComparison.Ordinal));

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Scrolls through the album and waits until it shows the thumbnail of each photo, for which each must be rendered.</summary>
    public async Task WaitForPicturesAsync()
    {
        await Expect(Page.Locator("#album")).ToHaveAttributeAsync("aria-busy", "false");
        foreach (ILocator tile in await Tiles.AllAsync())
        {
            await tile.ScrollIntoViewIfNeededAsync();
            await WaitForPictureAsync(tile);
        }

        await Page.EvaluateAsync("scrollTo(0, 0)");
    }

    /// <summary>Waits until a tile or the viewer shows a picture. The page decodes each before it is shown.</summary>
    public static Task WaitForPictureAsync(ILocator parent) =>
        Expect(parent.Locator(".picture img")).ToHaveCountAsync(1, new() { Timeout = RenderingTimeout });

    /// <summary>Takes a screenshot and stores it with the test results.</summary>
    public async Task TakeScreenshotAsync(string name) =>
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(s_screenshots, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });

    /// <summary>Presses Tab until the element has the focus, as a keyboard user does.</summary>
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

using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Render;
using static Microsoft.Playwright.Assertions;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>Thumbnails and previews, from the upload until RenderPhoto has made them, and as the browser keeps them.</summary>
[Collection<BrowserTests>]
public class RenditionTests(SharedBrowser shared)
{
    private const string Shifts = """
        () => new Promise((resolve) => {
          const observer = new PerformanceObserver(() => {});
          observer.observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(
            observer.takeRecords().map(({ value, sources }) => `${value} ${sources.map(({ node }) => node?.outerHTML ?? node?.data)}`))));
        })
        """;

    private const string KeptPictures = """
        async () => {
          const kept = [];
          for (const name of await caches.keys()) {
            for (const { url } of await (await caches.open(name)).keys()) kept.push(`${name} ${new URL(url).pathname}`);
          }
          return kept.sort();
        }
        """;

    private static readonly Dictionary<string, string> s_anyOrigin = new() { ["Access-Control-Allow-Origin"] = "*" };

    [Fact]
    public async Task NothingMovesWhilePhotosAreProcessedAndThumbnailsArrive()
    {
        AlbumClient user = shared.Host.SignIn("steady");
        FilePayload[] pictures = [.. shared.Pictures.Shapes, .. shared.Pictures.All.Take(3)];
        foreach (FilePayload picture in pictures)
        {
            await user.AddPhotoAsync(picture.Name, picture.Buffer);
        }

        await shared.VisitAsync("steady", async page =>
        {
            await Expect(page.Tiles).ToHaveCountAsync(pictures.Length);
            await page.WaitForPicturesAsync();
            Assert.Empty(await page.Page.EvaluateAsync<string[]>(Shifts));

            // Now all are ready, and the thumbnails arrive after the list.
            var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await page.Page.EvaluateAsync("async () => { for (const name of await caches.keys()) await caches.delete(name); }");
            await page.Page.RouteAsync("**/thumbnail?*", async route =>
            {
                await release.Task;
                await route.ContinueAsync();
            });
            await page.Page.ReloadAsync();
            await Expect(page.Tiles).ToHaveCountAsync(pictures.Length);
            double[] ratios = await page.Page.EvaluateAsync<double[]>(
                "[...document.querySelectorAll('#photos .picture')].map((picture) => picture.offsetWidth / picture.offsetHeight)");
            release.SetResult();
            await page.WaitForPicturesAsync();

            Assert.Empty(await page.Page.EvaluateAsync<string[]>(Shifts));
            double[] expected = [4 / 3.0, 4 / 3.0, 4 / 3.0, 1, 4, 540 / 960.0];
            Assert.All(expected.Zip(await TileRatiosAsync(page)), pair => Assert.Equal(pair.First, pair.Second, 0.03));
            Assert.All(expected.Zip(ratios), pair => Assert.Equal(pair.First, pair.Second, 0.03));
        });
    }

    [Fact]
    public Task APhotoThatIsProcessedIsShownAsSoonAsItIsReady() => shared.VisitAsync("processing", async page =>
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RoutePhotoAsync(async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });
        await page.ChooseAsync(shared.Pictures.All[3]);
        await Expect(page.Tiles).ToHaveClassAsync("processing");
        await Expect(page.Tiles.GetByRole(AriaRole.Button)).ToHaveAccessibleNameAsync($"Processing {shared.Pictures.All[3].Name} {await page.Tiles.Locator(".facts").InnerTextAsync()}");
        await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Viewer).ToContainTextAsync("This photo is being processed.");
        release.SetResult();

        await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalWidth", Pictures.Width, new() { Timeout = AlbumPage.RenderingTimeout });
        await Expect(page.Viewer).ToContainTextAsync($"{Pictures.Width} × {Pictures.Height}");
        await page.Button("Close").ClickAsync();
        await AlbumPage.WaitForPictureAsync(page.Tiles);
        await Expect(page.Tiles.Locator("img")).ToHaveJSPropertyAsync("naturalWidth", Pictures.ThumbnailWidth);
        await Expect(page.Tiles).ToHaveClassAsync("ready");
        Assert.DoesNotContain(page.SentTo("GET"), request => request.Contains("/private/", StringComparison.Ordinal));
    });

    [Fact]
    public Task APhotoIsPolledLessOftenEachTimeAndNotWhileThePageIsHidden() => shared.VisitAsync("polled", async page =>
    {
        const string SetHidden = "(isHidden) => { Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }";
        bool isHeld = true;
        await page.RoutePhotoAsync(route => isHeld
            ? route.FulfillAsync(new() { ContentType = "application/json", Body = """{"status":"processing"}""" })
            : route.ContinueAsync());
        await page.Page.Clock.InstallAsync();
        await page.Page.EvaluateAsync(
            """
            () => {
              const original = window.fetch;
              window.polls = [];
              window.fetch = (url, options) => {
                if (/^.photos.[0-9a-f]{8}-/.test(url)) window.polls.push(Date.now());
                return original(url, options);
              };
            }
            """);
        await page.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        await page.ChooseAsync(shared.Pictures.All[4]);
        await Expect(page.Tiles).ToHaveClassAsync("processing");

        long[] polls = [];
        for (int i = 0; polls.Length < 6; i++)
        {
            Assert.InRange(i, 0, 1000);
            await page.Page.Clock.RunForAsync(250);
            polls = await page.Page.EvaluateAsync<long[]>("window.polls");
        }

        Assert.All(polls.Zip(polls.Skip(1)).Index(), pair => Assert.InRange(pair.Item.Second - pair.Item.First, 1000 * Math.Pow(1.5, pair.Index + 1), double.MaxValue));

        await page.Page.EvaluateAsync(SetHidden, true);
        int count = await page.Page.EvaluateAsync<int>("window.polls.length");
        await page.Page.Clock.RunForAsync(3_600_000);
        Assert.Equal(count, await page.Page.EvaluateAsync<int>("window.polls.length"));

        isHeld = false;
        await page.Page.EvaluateAsync(SetHidden, false);
        await page.Page.Clock.ResumeAsync();
        await AlbumPage.WaitForPictureAsync(page.Tiles);
        Assert.True(await page.Page.EvaluateAsync<int>("window.polls.length") > count);
    });

    [Fact]
    public Task AFileThatIsNotAPictureHasAPlainTile() => shared.VisitAsync("unsupported", async page =>
    {
        byte[] bytes = [1, 2, 3, 4];
        await page.ChooseAsync(new FilePayload { Name = "IMG_1.HEIC", MimeType = "image/heic", Buffer = bytes });

        await Expect(page.Tiles).ToHaveClassAsync("unsupported", new() { Timeout = AlbumPage.RenderingTimeout });
        await Expect(page.Tiles.Locator(".note")).ToHaveTextAsync("HEIC, no preview");
        await Expect(page.Tiles.Locator(".name")).ToHaveTextAsync("IMG_1.HEIC");
        await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Viewer).ToContainTextAsync("This HEIC file has no preview. Download it to open it.");
        Assert.Equal(bytes, await DownloadAsync(page, "IMG_1.HEIC"));
    });

    /// <summary>Chromium cannot show HEIC.</summary>
    [Fact]
    public Task APhonesHeicIsShownLikeAnyOtherPhoto() => shared.VisitAsync("heic", async page =>
    {
        byte[] photo = Render.Pictures.Heic(quarterTurns: 1);
        await page.ChooseAsync(new FilePayload { Name = "IMG_2.HEIC", MimeType = "", Buffer = photo });

        await Expect(page.Tiles).ToHaveCountAsync(1);
        await page.WaitForPicturesAsync();
        await Expect(page.Tiles.Locator("img")).ToHaveJSPropertyAsync("naturalWidth", 224);
        await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Viewer).ToContainTextAsync("224 × 240");
        await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalHeight", 240);
        Assert.Equal(photo, await DownloadAsync(page, "IMG_2.HEIC"));
    });

    [Fact]
    public async Task TheOriginalIsDownloadedUnderItsOwnName()
    {
        const string Name = "Sømmer “21” & 100%.jpg";
        FilePayload picture = shared.Pictures.All[5];
        await shared.Host.SignIn("downloads").AddPhotoAsync(Name, picture.Buffer);

        await shared.VisitAsync("downloads", async page =>
        {
            await page.WaitForPicturesAsync();
            await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalWidth", Pictures.Width);
            Assert.Equal(picture.Buffer, await DownloadAsync(page, Name));
            await Expect(page.Viewer).ToBeVisibleAsync();
        });
    }

    /// <summary>The time of the camera's clock, in a browser of another time zone; without it, the time of the upload.</summary>
    [Theory]
    [InlineData("taken-with-offset", "2024-05-01T23:34:56-10:00")]
    [InlineData("taken-without-offset", "2024-05-01T23:34:56")]
    [InlineData("taken-unknown", null)]
    public async Task TheTimeWhenAPhotoWasTakenIsShown(string user, string? taken)
    {
        await shared.Host.SignIn(user).AddPhotoAsync("a.jpg", shared.Pictures.All[6].Buffer);
        string year = DateTime.UtcNow.Year.ToString(CultureInfo.InvariantCulture);
        var tokyo = new BrowserNewContextOptions { TimezoneId = "Asia/Tokyo", Locale = "en-GB" };

        await shared.VisitAsync(user, async page =>
        {
            await page.WaitForPicturesAsync();
            await page.Page.RouteAsync("**/photos?*", async route =>
            {
                IAPIResponse response = await route.FetchAsync();
                JsonNode list = JsonNode.Parse(await response.TextAsync())!;
                list["photos"]![0]!["taken"] = taken;
                await route.FulfillAsync(new() { Response = response, Body = list.ToJsonString() });
            });
            await page.Page.ReloadAsync();
            await Expect(page.Tiles.Locator("time")).ToContainTextAsync(taken is null ? year : "1 May 2024");
            await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
            ILocator facts = page.Viewer.Locator("#viewer-facts");
            await Expect(facts).ToContainTextAsync(taken is null ? "Added " : "Taken 1 May 2024 at 23:34 · 960 × 720 · ");
            await Expect(facts).ToContainTextAsync(taken is null ? $" {year} at " : "Taken ");
        }, tokyo);
    }

    [Fact]
    public async Task TheAlbumIsShownInTheChosenOrderAlsoAfterAReload()
    {
        AlbumClient user = shared.Host.SignIn("ordered");
        await user.AddPhotoAsync("spring.jpg", MetadataTests.Jpeg("2024:05:01 12:00:00", "+02:00"));
        await user.AddPhotoAsync("summer.jpg", MetadataTests.Jpeg("2024:07:01 12:00:00", offset: null));
        await user.AddPhotoAsync("winter.jpg", MetadataTests.Jpeg("2023:12:24 18:00:00", "-10:00"));
        await user.WaitUntilRenderedAsync();
        string[] byUpload = ["winter.jpg", "summer.jpg", "spring.jpg"];
        string[] byTaken = ["summer.jpg", "spring.jpg", "winter.jpg"];

        await shared.VisitAsync("ordered", async page =>
        {
            ILocator names = page.Tiles.Locator(".name");
            ILocator order = page.Page.GetByLabel("Order", new() { Exact = true });
            await Expect(names).ToHaveTextAsync(byUpload);
            await order.SelectOptionAsync("Newest taken");
            await Expect(names).ToHaveTextAsync(byTaken);

            await page.Page.ReloadAsync();

            await Expect(names).ToHaveTextAsync(byTaken);
            await Expect(order).ToHaveValueAsync("taken");
            await page.ChooseAsync(shared.Pictures.All[0]);
            await Expect(names).ToHaveTextAsync([shared.Pictures.All[0].Name, .. byTaken]);
            await page.TabToAsync(order);
            await page.Page.Keyboard.PressAsync("ArrowUp");
            await Expect(names).ToHaveTextAsync([shared.Pictures.All[0].Name, .. byUpload]);
        });
    }

    [Fact]
    public async Task OnlyThumbnailsInViewAreDownloadedAndTheViewerGoesThroughTheWholeAlbum()
    {
        AlbumClient user = shared.Host.SignIn("long");
        for (int i = 0; i < 27; i++)
        {
            await user.AddPhotoAsync($"{i}.jpg", shared.Pictures.All[i % 8].Buffer);
        }

        await user.WaitUntilRenderedAsync();
        await shared.VisitAsync("long", async page =>
        {
            await Expect(page.Tiles).ToHaveCountAsync(24);
            await Expect(page.Tiles.Locator("img")).ToHaveCountAsync(12, new() { Timeout = AlbumPage.RenderingTimeout });
            await Expect(page.Tiles.Nth(11)).ToBeInViewportAsync();
            await Expect(page.Tiles.Nth(12)).Not.ToBeInViewportAsync();
            Assert.Equal(12, page.SentTo("GET", "/thumbnail").Count());
            Assert.Empty(page.SentTo("GET", "/preview"));
            Assert.DoesNotContain(page.SentTo("GET"), request => request.Contains("/private/", StringComparison.Ordinal));

            await page.Tiles.First.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Button("Close")).ToBeFocusedAsync();
            await Expect(page.Button("Previous photo")).ToBeHiddenAsync();
            for (int i = 26; i > 0; i--)
            {
                await Expect(page.Viewer.GetByRole(AriaRole.Heading)).ToHaveTextAsync($"{i}.jpg");
                await page.Page.Keyboard.PressAsync("ArrowRight");
            }

            await Expect(page.Viewer.GetByRole(AriaRole.Heading)).ToHaveTextAsync("0.jpg");
            await Expect(page.Button("Next photo")).ToBeHiddenAsync();
            await page.Page.Keyboard.PressAsync("ArrowRight");
            await page.Button("Previous photo").ClickAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Heading)).ToHaveTextAsync("1.jpg");
            await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveAccessibleNameAsync("1.jpg");
            await page.Button("Next photo").ClickAsync();

            // The button that had the focus is hidden.
            await Expect(page.Button("Previous photo")).ToBeFocusedAsync();
            await page.Page.Keyboard.PressAsync("Escape");
            await Expect(page.Tiles.Last.GetByRole(AriaRole.Button)).ToBeFocusedAsync();
            await Expect(page.Tiles).ToHaveCountAsync(27);
        });
    }

    [Fact]
    public async Task ASecondVisitDownloadsNothingAlthoughTheUrlsDiffer()
    {
        AlbumClient user = shared.Host.SignIn("again");
        List<string> ids = [];
        for (int i = 0; i < 3; i++)
        {
            ids.Add(await user.AddPhotoAsync($"{i}.jpg", shared.Pictures.All[i].Buffer));
        }

        await shared.VisitAsync("again", async page =>
        {
            await page.WaitForPicturesAsync();
            await page.Tiles.First.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalWidth", Pictures.Width);
            string[] all = [.. ids.Select(id => $"pictures/again /pictures/{id}/thumbnail"), $"pictures/again /pictures/{ids[2]}/preview"];
            await ExpectKeptAsync(page, all);
            int downloads = page.Sent.Count(IsDownload);
            Assert.Equal(4, downloads);

            // A request with one of these URLs would fail, and so would this test.
            await page.RoutePhotoAsync(BreakSignaturesAsync);
            await page.Page.RouteAsync("**/photos?*", BreakSignaturesAsync);
            await page.Page.ReloadAsync();
            await page.WaitForPicturesAsync();
            await page.Tiles.First.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalWidth", Pictures.Width);
            Assert.Equal(downloads, page.Sent.Count(IsDownload));

            // Deleted here, and on another device.
            await page.Button("Delete…").ClickAsync();
            await page.Button("Delete").ClickAsync();
            await ExpectKeptAsync(page, all[..2]);
            Assert.Equal(204, (await user.SendAsync("DELETE", $"/photos/{ids[0]}")).Status);
            await page.Button("Reload").ClickAsync();
            await ExpectKeptAsync(page, all[1]);

            await page.Page.GetByLabel("Signed in as").SelectOptionAsync("bob");
            await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "bob’s album" })).ToBeVisibleAsync();
            Assert.DoesNotContain(await page.Page.EvaluateAsync<string[]>(KeptPictures), kept => kept.StartsWith("pictures/again ", StringComparison.Ordinal));
        });
    }

    /// <summary>Also in the order in which a further page does not show which photos were deleted.</summary>
    [Fact]
    public async Task NothingIsKeptOrSelectedWhenAllPhotosAreDeleted()
    {
        AlbumClient user = shared.Host.SignIn("all-gone");
        string id = await user.AddPhotoAsync("a.jpg", shared.Pictures.All[0].Buffer);
        await user.WaitUntilRenderedAsync();

        await shared.VisitAsync("all-gone", async page =>
        {
            await page.Page.GetByLabel("Order", new() { Exact = true }).SelectOptionAsync("Newest taken");
            await page.WaitForPicturesAsync();
            await ExpectKeptAsync(page, $"pictures/all-gone /pictures/{id}/thumbnail");
            await page.Button("Select").ClickAsync();
            await page.Tiles.First.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Page.GetByText("1 selected")).ToBeVisibleAsync();

            await page.Button("Delete all photos…").ClickAsync();
            await page.Button("Delete all").ClickAsync();

            await Expect(page.Tiles).ToHaveCountAsync(0);
            await Expect(page.Button("Delete selected…")).ToBeHiddenAsync();
            await Expect(page.Button("Select")).ToHaveAttributeAsync("aria-pressed", "false");
            await ExpectKeptAsync(page);
        });
    }

    [Fact]
    public Task TheOldestPicturesAreRemovedWhenThereAreManyOfThem() => shared.VisitAsync("bounded", async page =>
    {
        await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();
        await page.Page.EvaluateAsync(
            """
            async () => {
              const pictures = await caches.open('pictures/bounded');
              for (let i = 0; i < 1005; i++) await pictures.put(`/pictures/${String(i).padStart(8, '0')}/thumbnail`, new Response('x'));
            }
            """);

        await page.ChooseAsync(shared.Pictures.All[7]);
        await Expect(page.Tiles).ToHaveCountAsync(1);
        await page.WaitForPicturesAsync();

        string id = (await shared.Host.SignIn("bounded").ListAllAsync()).Single();
        await ExpectKeptAsync(page, [.. Enumerable.Range(6, 999).Select(i => $"pictures/bounded /pictures/{i:D8}/thumbnail"), $"pictures/bounded /pictures/{id}/thumbnail"]);
    });

    [Theory]
    [InlineData("without-caches", "Object.defineProperty(window, 'caches', { value: undefined })")]
    [InlineData("refused-caches", "Object.defineProperty(window, 'caches', { get() { throw new DOMException('Not allowed', 'SecurityError'); } })")]
    [InlineData("full-caches", "Cache.prototype.put = async () => { throw new DOMException('Full', 'QuotaExceededError'); }")]
    public async Task ABrowserThatKeepsNothingShowsEverything(string user, string script)
    {
        await shared.Host.SignIn(user).AddPhotoAsync("a.jpg", shared.Pictures.All[0].Buffer);

        await shared.VisitAsync(user, async page =>
        {
            await page.Page.AddInitScriptAsync(script);
            await page.Page.ReloadAsync();
            await page.WaitForPicturesAsync();
            await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalWidth", Pictures.Width);
            await page.Button("Delete…").ClickAsync();
            await page.Button("Delete").ClickAsync();
            await Expect(page.Tiles).ToHaveCountAsync(0);
        });
    }

    [Theory]
    [InlineData("expired-on-the-page", 403, 1)]
    [InlineData("expired-token", 400, 1)]
    [InlineData("expired-twice", 403, 2)]
    public async Task AnExpiredUrlIsRenewedOnce(string user, int status, int times)
    {
        AlbumClient client = shared.Host.SignIn(user);
        string id = await client.AddPhotoAsync("old.jpg", shared.Pictures.All[0].Buffer);
        await client.WaitUntilRenderedAsync();

        await shared.VisitAsync(user, async page =>
        {
            await page.WaitForPicturesAsync();
            await page.Page.EvaluateAsync("async () => { for (const name of await caches.keys()) await caches.delete(name); }");
            for (int i = 0; i < times; i++)
            {
                page.ExpectProblem($"{status} GET /photos-dev-123456789012-us-east-1/renditions/{user}/{id}/thumbnail");
            }

            await page.Page.RouteAsync("**/thumbnail?*", route => route.FulfillAsync(new() { Status = status, Headers = s_anyOrigin }), new() { Times = times });
            await page.Page.ReloadAsync();
            if (times > 1)
            {
                await Expect(page.Tiles).ToHaveClassAsync("failed");
                await Expect(page.Tiles.Locator(".note")).ToHaveTextAsync("Not loaded");
                await page.Button("Reload").ClickAsync();
            }

            await page.WaitForPicturesAsync();
        });
    }

    /// <summary>Another device deletes a photo before it is rendered.</summary>
    [Fact]
    public Task APhotoThatIsDeletedWhileItIsProcessedDisappears() => shared.VisitAsync("vanished", async page =>
    {
        AlbumClient other = shared.Host.SignIn("vanished");
        await page.RoutePhotoAsync(async route =>
        {
            string id = route.Request.Url.Split('/')[^1];
            Assert.Equal(204, (await other.SendAsync("DELETE", $"/photos/{id}")).Status);
            page.ExpectProblem($"404 GET /photos/{id}");
            await route.ContinueAsync();
        });

        await page.ChooseAsync(shared.Pictures.All[0]);

        await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync(new() { Timeout = AlbumPage.RenderingTimeout });
        await Expect(page.Tiles).ToHaveCountAsync(0);
    });

    private static async Task BreakSignaturesAsync(IRoute route)
    {
        IAPIResponse response = await route.FetchAsync();
        string body = (await response.TextAsync()).Replace("X-Amz-Signature=", "X-Amz-Signature=0", StringComparison.Ordinal);
        await route.FulfillAsync(new() { Response = response, Body = body });
    }

    private static Task<double[]> TileRatiosAsync(AlbumPage page) => page.Page.EvaluateAsync<double[]>(
        "[...document.querySelectorAll('#photos .picture')].map((picture) => picture.offsetWidth / picture.offsetHeight)");

    private static async Task<byte[]> DownloadAsync(AlbumPage page, string name)
    {
        IDownload download = await page.Page.RunAndWaitForDownloadAsync(() => page.Button("Download").ClickAsync());
        Assert.Equal(name, download.SuggestedFilename);
        return await File.ReadAllBytesAsync(await download.PathAsync());
    }

    private static bool IsDownload(string request) => request.StartsWith("GET ", StringComparison.Ordinal) && request.Contains("/renditions/", StringComparison.Ordinal);

    /// <summary>Waits until the browser keeps exactly these pictures. It stores and removes them after it has shown them.</summary>
    private static async Task ExpectKeptAsync(AlbumPage page, params string[] expected)
    {
        string[] kept = [];
        for (int i = 0; i < 100 && !kept.SequenceEqual(expected.Order(StringComparer.Ordinal)); i++)
        {
            kept = await page.Page.EvaluateAsync<string[]>(KeptPictures);
            await Task.Delay(100);
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), kept);
    }
}

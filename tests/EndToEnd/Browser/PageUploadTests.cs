using Microsoft.Playwright;
using Photos.Tests.EndToEnd.Album;
using static Microsoft.Playwright.Assertions;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>Uploads that are left, canceled, interrupted and repeated.</summary>
[Collection<BrowserTests>]
public class PageUploadTests(SharedBrowser shared)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public Task LeavingDuringAnUploadAsksFirst() => shared.VisitAsync("leaving", async page =>
    {
        TaskCompletionSource release = await page.HoldUploadsAsync();
        await page.ChooseAsync(shared.Pictures.All[0]);
        await Expect(page.Uploading).ToHaveCountAsync(1);
        var asked = new TaskCompletionSource<string>();
        page.Page.Dialog += async (_, dialog) =>
        {
            asked.TrySetResult(dialog.Type);
            await dialog.DismissAsync();
        };

        await page.Page.EvaluateAsync("() => { location.reload(); }");
        Assert.Equal("beforeunload", await asked.Task.WaitAsync(s_limit));
        await Expect(page.Uploading).ToHaveCountAsync(1);
        release.SetResult();
        await Expect(page.Tiles).ToHaveCountAsync(1);

        // Now nothing can be lost.
        asked = new TaskCompletionSource<string>();
        await page.Page.ReloadAsync();
        await Expect(page.Tiles).ToHaveCountAsync(1);
        Assert.False(asked.Task.IsCompleted);
    });

    [Fact]
    public Task ALongListHasATotalAndIsCanceledAtOnce() => shared.VisitAsync("cancel-all", async page =>
    {
        using var free = new SemaphoreSlim(0);
        await page.Page.RouteAsync("**/private/**", async route =>
        {
            if (route.Request.Method is "PUT")
            {
                await free.WaitAsync();
            }

            await route.ContinueAsync();
        });
        ILocator total = page.Page.Locator("#uploads-total");
        double size = shared.Pictures.All.Sum(picture => picture.Buffer.Length);
        string whole = size < 1e6 ? $"{Math.Round(size / 1e3)} kB" : FormattableString.Invariant($"{Math.Round(size / 1e6, 1)} MB");

        await page.ChooseAsync([.. shared.Pictures.All.Take(3)]);
        await Expect(page.Uploading).ToHaveCountAsync(3);
        await Expect(total).ToBeHiddenAsync();
        await page.ChooseAsync([.. shared.Pictures.All.Skip(3)]);
        await Expect(total.Locator("span")).ToContainTextAsync("0 of 8 uploaded · ");
        await Expect(total.Locator("span")).ToContainTextAsync($" of {whole}");
        free.Release();
        await Expect(total.Locator("span")).ToContainTextAsync("1 of 8 uploaded · ");
        await Expect(total.Locator("span")).ToContainTextAsync($" of {whole}");
        await page.Button("Cancel all").ClickAsync();

        await Expect(page.Uploads).ToHaveCountAsync(0);
        await Expect(total).ToBeHiddenAsync();
        await Expect(page.Button("Choose photos")).ToBeFocusedAsync();
        free.Release(100);
        await page.ChooseAsync(shared.Pictures.All[1]);
        await Expect(page.Tiles).ToHaveCountAsync(2);
        Assert.Equal(2, (await shared.Host.SignIn("cancel-all").ListAllAsync()).Count);
    });

    [Fact]
    public Task ARetryOfTheWriteUploadsNothingAgain() => shared.VisitAsync("write-lost", async page =>
    {
        FilePayload picture = shared.Pictures.All[0];
        await page.Page.RouteAsync("**/photos", route => route.AbortAsync("connectionreset"), new() { Times = 1 });
        page.ExpectProblem("net::ERR_CONNECTION_RESET POST /photos");

        await page.ChooseAsync(picture);
        await Expect(page.Uploads).ToContainTextAsync("The API is not reachable. Check that make run is still running.");
        await page.Button($"Try {picture.Name} again").ClickAsync();

        await Expect(page.Tiles).ToHaveCountAsync(1);
        await Expect(page.Uploads).ToHaveCountAsync(0);
        Assert.Single(page.SentTo("POST", "/photos/uploads"));
        Assert.Single(page.SentTo("PUT"));
        Assert.Equal(2, page.SentTo("POST", "/photos").Count());
    });

    /// <summary>The bucket refuses the first request, loses the response to the second one, and has the object at the third one.</summary>
    [Fact]
    public Task AConflictAndALostResponseAreRetried() => shared.VisitAsync("conflict", async page =>
    {
        int puts = 0;
        await page.Page.RouteAsync("**/private/**", async route =>
        {
            int put = route.Request.Method is "PUT" ? ++puts : 0;
            var allowed = new Dictionary<string, string> { ["Access-Control-Allow-Origin"] = "*" };
            switch (put)
            {
                case 1:
                    await route.FulfillAsync(new() { Status = 409, Headers = allowed, Body = "<Error><Code>ConditionalRequestConflict</Code></Error>" });
                    break;
                case 2:
                    Assert.Equal(200, (await route.FetchAsync()).Status);
                    await route.FulfillAsync(new() { Status = 500, Headers = allowed });
                    break;
                default:
                    await route.ContinueAsync();
                    break;
            }
        });

        await page.ChooseAsync(shared.Pictures.All[0]);
        await Expect(page.Tiles).ToHaveCountAsync(1);
        await page.WaitForPicturesAsync();

        string path = new Uri(page.SentTo("PUT").Distinct().Single()[4..]).AbsolutePath;
        page.ExpectProblem($"409 PUT {path}");
        page.ExpectProblem($"500 PUT {path}");
        page.ExpectProblem($"412 PUT {path}");
        Assert.Single(page.SentTo("POST", "/photos/uploads"));
    });

    [Fact]
    public Task ARetryWithAnExpiredUrlGetsANewGrant() => shared.VisitAsync("expired-grant", async page =>
    {
        FilePayload picture = shared.Pictures.All[0];
        int puts = 0;
        await page.Page.RouteAsync("**/private/**", async route =>
        {
            switch (route.Request.Method is "PUT" ? ++puts : 0)
            {
                case 1:
                    await route.AbortAsync("connectionreset");
                    break;
                case 2:
                    await route.FulfillAsync(new() { Status = 403, Headers = new Dictionary<string, string> { ["Access-Control-Allow-Origin"] = "*" } });
                    break;
                default:
                    await route.ContinueAsync();
                    break;
            }
        });

        await page.ChooseAsync(picture);
        await Expect(page.Uploads).ToContainTextAsync("The bucket is not reachable. Try again.");
        await page.Button($"Try {picture.Name} again").ClickAsync();

        await Expect(page.Tiles).ToHaveCountAsync(1);
        string path = new Uri(page.SentTo("PUT").First()[4..]).AbsolutePath;
        page.ExpectProblem($"net::ERR_CONNECTION_RESET PUT {path}");
        page.ExpectProblem($"403 PUT {path}");
        Assert.Equal(2, page.SentTo("POST", "/photos/uploads").Count());
        Assert.Single(await shared.Host.SignIn("expired-grant").ListAllAsync());
    });

    [Fact]
    public Task AnUploadSaysWhoseItIsAfterASwitchOfUser() => shared.VisitAsync("first-owner", async page =>
    {
        FilePayload picture = shared.Pictures.All[5];
        ILocator owner = page.Uploads.Locator(".owner");
        ILocator user = page.Page.GetByLabel("Signed in as");
        using var free = new SemaphoreSlim(0);
        await page.Page.RouteAsync("**/private/first-owner/**", async route =>
        {
            if (route.Request.Method is "PUT")
            {
                await free.WaitAsync();
            }

            await route.ContinueAsync();
        });

        await page.ChooseAsync(picture);
        await Expect(page.Uploading).ToHaveCountAsync(1);
        await Expect(owner).ToBeHiddenAsync();
        await user.SelectOptionAsync("bob");
        await Expect(owner).ToHaveTextAsync("In first-owner’s album");
        await Expect(owner).ToBeVisibleAsync();
        free.Release();
        await Expect(page.Page.Locator("#announcer")).ToHaveTextAsync($"{picture.Name} was uploaded to first-owner’s album.");
        await Expect(page.Tiles.Filter(new() { HasText = picture.Name })).ToHaveCountAsync(0);
        await user.SelectOptionAsync("first-owner");
        await Expect(page.Tiles).ToHaveCountAsync(1);

        // The user comes back before the upload ends.
        await page.ChooseAsync(shared.Pictures.All[6]);
        await Expect(page.Uploading).ToHaveCountAsync(1);
        await user.SelectOptionAsync("bob");
        await user.SelectOptionAsync("first-owner");
        await Expect(owner).ToBeHiddenAsync();
        await Expect(page.Tiles).ToHaveCountAsync(1);
        free.Release();
        await Expect(page.Tiles).ToHaveCountAsync(2);
    });

    [Fact]
    public Task HeicAndHeifFilesWithoutATypeAreAccepted() => shared.VisitAsync("heif", async page =>
    {
        await Expect(page.Page.Locator("#files")).ToHaveAttributeAsync("accept", "image/*,.avif,.heic,.heif");

        await page.ChooseAsync(
            new FilePayload { Name = "IMG_1.HEIC", MimeType = "application/octet-stream", Buffer = [1, 2, 3] },
            new FilePayload { Name = "IMG_2.heif", MimeType = "application/octet-stream", Buffer = [1, 2, 3] },
            new FilePayload { Name = "IMG_3.heif", MimeType = "image/heif", Buffer = [1, 2, 3] });

        await Expect(page.Tiles).ToHaveCountAsync(3);
        foreach (string id in await shared.Host.SignIn("heif").ListAllAsync())
        {
            ApiResponse photo = await shared.Host.SignIn("heif").SendAsync("GET", $"/photos/{id}");
            Assert.Equal("image/heic", photo.Json.GetProperty("contentType").GetString());
        }
    });

    [Fact]
    public Task AReloadWhileOfflineKeepsThePhotosAndComesBack() => shared.VisitAsync("offline", async page =>
    {
        AlbumClient other = shared.Host.SignIn("offline");
        await page.ChooseAsync(shared.Pictures.All[0]);
        await Expect(page.Tiles).ToHaveCountAsync(1);
        await page.WaitForPicturesAsync();
        page.ExpectProblem("net::ERR_INTERNET_DISCONNECTED GET /photos");

        await page.Page.Context.SetOfflineAsync(true);
        await page.Button("Reload").ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The API is not reachable.");
        await Expect(page.Tiles).ToHaveCountAsync(1);
        await other.AddPhotoAsync("from another device.jpg", shared.Pictures.All[1].Buffer);
        await page.Page.Context.SetOfflineAsync(false);

        await Expect(page.Tiles).ToHaveCountAsync(2);
        await Expect(page.Page.Locator("#album-error")).ToBeHiddenAsync();
    });

    /// <summary>The event source of the list of requests connects again.</summary>
    [Fact]
    public Task ARestartOfTheLocalHostIsNoticed() => shared.VisitAsync("restart", async page =>
    {
        await page.Page.RouteAsync("**/local/requests", route => route.FulfillAsync(new() { ContentType = "text/event-stream", Body = "retry: 500\n\n" }));
        await page.Page.ReloadAsync();
        await page.ChooseAsync(shared.Pictures.All[0]);
        await Expect(page.Tiles).ToHaveCountAsync(1);
        page.ExpectProblem("net::ERR_CONNECTION_REFUSED GET /photos");
        await page.Page.RouteAsync("**/photos?*", route => route.AbortAsync("connectionrefused"), new() { Times = 1 });
        await shared.Host.SignIn("restart").AddPhotoAsync("from another device.jpg", shared.Pictures.All[1].Buffer);

        await page.Button("Reload").ClickAsync();

        await Expect(page.Tiles).ToHaveCountAsync(2);
        await Expect(page.Page.Locator("#album-error")).ToBeHiddenAsync();
    });
}

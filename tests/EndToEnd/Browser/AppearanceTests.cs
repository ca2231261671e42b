using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>Checks every state of the page with axe-core, in light and dark, wide and narrow, and takes a screenshot of each.</summary>
[Collection<BrowserTests>]
public class AppearanceTests(SharedBrowser shared)
{
    [Theory]
    [InlineData("alice", "light", 1280, 800)]
    [InlineData("alice-dark", "dark", 1280, 800)]
    [InlineData("alice-phone", "light", 390, 844)]
    [InlineData("alice-small-phone", "dark", 320, 568)]
    public async Task EveryStateIsAccessible(string user, string scheme, int width, int height)
    {
        string look = $"{scheme}-{width}";
        var options = new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme is "dark" ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        };
        await shared.VisitAsync(user, async page =>
        {
            await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();
            await CheckAsync(page, $"empty-{look}");

            page.ExpectProblem("415 POST /photos/uploads");
            await page.ChooseAsync(new FilePayload { Name = "a text file with a rather long name to fill the line.txt", MimeType = "text/plain", Buffer = [1] });
            await Expect(page.Uploads).ToContainTextAsync("contentType is not supported.");
            await CheckAsync(page, $"failed-upload-{look}");
            await page.Uploads.GetByRole(AriaRole.Button).ClickAsync();

            TaskCompletionSource release = await page.HoldUploadsAsync();
            await page.ChooseAsync([.. shared.Pictures.All]);
            await Expect(page.Button("Cancel all")).ToBeVisibleAsync();
            await Expect(page.Uploading).ToHaveCountAsync(3);
            await CheckAsync(page, $"uploads-{look}");
            release.SetResult();
            await Expect(page.Tiles).ToHaveCountAsync(shared.Pictures.All.Count);
            await page.WaitForPicturesAsync();
            await page.ChooseAsync(new FilePayload { Name = "Not a picture, and with a name that does not fit.heic", MimeType = "image/heic", Buffer = [1] });
            await Expect(page.Tiles.First).ToHaveClassAsync("unsupported", new() { Timeout = AlbumPage.RenderingTimeout });
            await page.RoutePhotoAsync(route => route.FulfillAsync(new() { ContentType = "application/json", Body = """{"status":"processing"}""" }));
            await page.ChooseAsync(shared.Pictures.Shapes[0]);
            await Expect(page.Tiles.First).ToHaveClassAsync("processing");
            await CheckAsync(page, $"album-{look}");
            await page.Tiles.First.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Viewer).ToContainTextAsync("This photo is being processed.");
            await CheckAsync(page, $"viewer-processing-{look}");
            await page.Page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.Wait });
            await AlbumPage.WaitForPictureAsync(page.Viewer);
            await page.Button("Next photo").ClickAsync();
            await Expect(page.Viewer).ToContainTextAsync("This HEIC file has no preview.");
            await CheckAsync(page, $"viewer-unsupported-{look}");
            await page.Button("Rename").ClickAsync();
            await CheckAsync(page, $"rename-{look}");
            await page.Button("Cancel").ClickAsync();
            await page.Button("Close").ClickAsync();

            await page.Button("Select").ClickAsync();
            await page.Tiles.Nth(3).GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Page.GetByText("1 selected")).ToBeVisibleAsync();
            await CheckAsync(page, $"selection-{look}");
            await page.Button("Delete selected…").ClickAsync();
            await CheckAsync(page, $"confirm-selection-{look}");
            await page.Button("Keep it").ClickAsync();
            await page.Button("Select").ClickAsync();
            await page.Button("Delete all photos…").ClickAsync();
            await CheckAsync(page, $"confirm-all-{look}");
            await page.Button("Keep them").ClickAsync();

            if (width < 1000)
            {
                await page.Page.GetByRole(AriaRole.Heading, new() { Name = "Requests" }).ClickAsync();
            }

            await page.Button("Make the next request cold").ClickAsync();
            await page.Button("Reload").ClickAsync();
            await Expect(page.Requests.Filter(new() { HasText = "/photos" }).First).ToContainTextAsync("cold");
            await CheckAsync(page, $"requests-{look}");

            await page.Tiles.Nth(3).GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalWidth", Pictures.Width);
            await CheckAsync(page, $"viewer-{look}");

            await page.Button("Delete…").ClickAsync();
            await CheckAsync(page, $"confirm-{look}");
        }, options);
    }

    private async Task CheckAsync(AlbumPage page, string name)
    {
        await page.TakeScreenshotAsync(name);
        Assert.True(
            await page.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{name} is wider than its window.");

        // Evaluated, because the page's Content Security Policy blocks added scripts.
        await page.Page.EvaluateAsync(shared.Axe);
        JsonElement? result = await page.Page.EvaluateAsync("axe.run()");
        Assert.True(result!.Value.GetProperty("passes").GetArrayLength() > 0, "axe-core has not run any check.");
        Assert.Equal("[]", result.Value.GetProperty("violations").ToString());
    }
}

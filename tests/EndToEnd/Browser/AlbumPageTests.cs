using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Photos.Tests.EndToEnd.Album;
using static Microsoft.Playwright.Assertions;

namespace Photos.Tests.EndToEnd.Browser;

[Collection<BrowserTests>]
public class AlbumPageTests(SharedBrowser shared)
{
    [Fact]
    public Task APhotoIsUploadedShownAndDeletedByMouseOnly() => shared.VisitAsync("mouse", async page =>
    {
        FilePayload picture = shared.Pictures.All[0];
        await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();

        await page.ChooseAsync(picture);
        await Expect(page.Tiles).ToHaveCountAsync(1);
        await Expect(page.Tiles).ToContainTextAsync(picture.Name);
        await Expect(page.Tiles).ToContainTextAsync($"{Math.Round(picture.Buffer.Length / 1000.0)} kB");
        await Expect(page.Tiles.Locator("time")).ToContainTextAsync(DateTime.Now.Year.ToString(CultureInfo.InvariantCulture));
        await Expect(page.Uploads).ToHaveCountAsync(0);
        await Expect(page.Page.GetByText("No photos yet")).ToBeHiddenAsync();
        await page.WaitForPicturesAsync();

        await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Viewer.GetByRole(AriaRole.Heading)).ToHaveTextAsync(picture.Name);
        await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveJSPropertyAsync("naturalWidth", Pictures.Width);

        await page.Button("Delete…").ClickAsync();
        await page.Button("Keep it").ClickAsync();
        await Expect(page.Confirm).ToBeHiddenAsync();
        await Expect(page.Viewer).ToBeVisibleAsync();
        await page.Button("Delete…").ClickAsync();
        await page.Button("Delete").ClickAsync();

        await Expect(page.Viewer).ToBeHiddenAsync();
        await Expect(page.Tiles).ToHaveCountAsync(0);
        await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();
        Assert.Empty(await shared.Host.SignIn("mouse").ListAllAsync());
    });

    [Fact]
    public Task APhotoIsUploadedShownAndDeletedByKeyboardOnly() => shared.VisitAsync("keyboard", async page =>
    {
        FilePayload picture = shared.Pictures.All[1];
        IKeyboard keyboard = page.Page.Keyboard;
        await page.TabToAsync(page.Button("Choose photos"));
        IFileChooser chooser = await page.Page.RunAndWaitForFileChooserAsync(() => keyboard.PressAsync("Enter"));
        await chooser.SetFilesAsync(picture);
        await Expect(page.Tiles).ToHaveCountAsync(1);
        await Expect(page.Page.Locator("#announcer")).ToHaveTextAsync($"{picture.Name} was uploaded.");

        ILocator tile = page.Tiles.GetByRole(AriaRole.Button);
        await page.TabToAsync(tile);
        await keyboard.PressAsync("Enter");
        await Expect(page.Button("Close")).ToBeFocusedAsync();
        await keyboard.PressAsync("Escape");
        await Expect(page.Viewer).ToBeHiddenAsync();
        await Expect(tile).ToBeFocusedAsync();

        await keyboard.PressAsync("Enter");
        await page.TabToAsync(page.Button("Delete…"));
        await keyboard.PressAsync("Enter");

        // The button that changes nothing has the focus first.
        await Expect(page.Button("Keep it")).ToBeFocusedAsync();
        await page.TabToAsync(page.Button("Delete"));
        await keyboard.PressAsync("Enter");

        await Expect(page.Tiles).ToHaveCountAsync(0);
        await Expect(page.Button("Choose photos")).ToBeFocusedAsync();
        await Expect(page.Page.Locator("#announcer")).ToHaveTextAsync($"{picture.Name} was deleted.");
        Assert.Empty(await shared.Host.SignIn("keyboard").ListAllAsync());
    });

    /// <summary>Also those that the page does not show.</summary>
    [Fact]
    public async Task AllPhotosAreDeletedAfterAConfirmation()
    {
        const int Photos = 30;
        AlbumClient alice = shared.Host.SignIn("delete-all");
        await Task.WhenAll(Enumerable.Range(0, Photos).Select(i => alice.AddPhotoAsync($"{i}.jpg", shared.Pictures.All[0].Buffer)));

        await shared.VisitAsync("delete-all", async page =>
        {
            IKeyboard keyboard = page.Page.Keyboard;
            ILocator dialog = page.Page.Locator("#delete-all-dialog");
            await AlbumPage.WaitForPictureAsync(page.Tiles.First);
            await page.TabToAsync(page.Button("Delete all photos…"));
            await keyboard.PressAsync("Enter");
            await Expect(dialog).ToContainTextAsync("All photos of delete-all will be permanently deleted, also those that this page does not show yet.");
            await Expect(page.Button("Keep them")).ToBeFocusedAsync();
            await page.TakeScreenshotAsync("delete-all");
            await keyboard.PressAsync("Enter");
            await Expect(dialog).ToBeHiddenAsync();
            Assert.Equal(Photos, (await alice.ListAllAsync()).Count);

            await keyboard.PressAsync("Enter");
            await page.TabToAsync(page.Button("Delete all"));
            await keyboard.PressAsync("Enter");

            await Expect(dialog).ToBeHiddenAsync();
            await Expect(page.Tiles).ToHaveCountAsync(0);
            await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();
            await Expect(page.Page.Locator("#announcer")).ToHaveTextAsync("All photos were deleted.");
            await Expect(page.Button("Delete all photos…")).ToBeFocusedAsync();
            Assert.Empty(await alice.ListAllAsync());
        });
    }

    /// <summary>The page sends the call again while photos remain, shows an error, and stops when the user says so.</summary>
    [Fact]
    public Task ADeleteOfAllPhotosIsContinuedAndCanBeStopped() => shared.VisitAsync("delete-some", async page =>
    {
        ILocator dialog = page.Page.Locator("#delete-all-dialog");
        int calls = 0;
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.Page.RouteAsync("**/album", async route =>
        {
            calls++;
            if (calls == 3)
            {
                await route.FulfillAsync(new() { Status = 503, ContentType = "application/json", Body = """{"message":"The storage is busy."}""" });
                return;
            }

            if (calls == 5)
            {
                reached.SetResult();
                await held.Task;
            }

            await route.FulfillAsync(new() { Status = 202, ContentType = "application/json", Body = """{"remaining":true}""" });
        });
        page.ExpectProblem("503 DELETE /album");

        await page.Button("Delete all photos…").ClickAsync();
        await page.Button("Delete all").ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The storage is busy.");
        await page.Button("Delete all").ClickAsync();
        await Expect(page.Button("Stop")).ToBeFocusedAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await page.Button("Stop").ClickAsync();
        held.SetResult();

        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();
        Assert.Equal(5, calls);
    });

    [Fact]
    public Task DroppedPhotosAreShownNewestFirst() => shared.VisitAsync("drop", async page =>
    {
        await using IAsyncDisposable files = await page.Page.EvaluateHandleAsync(
            """
            (files) => {
              const transfer = new DataTransfer();
              for (const { name, base64 } of files) {
                transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: 'image/jpeg' }));
              }
              return transfer;
            }
            """,
            shared.Pictures.All.Select(picture => new { name = picture.Name, base64 = Convert.ToBase64String(picture.Buffer) }));
        await page.Page.DispatchEventAsync("body", "drop", new { dataTransfer = files });

        await Expect(page.Tiles).ToHaveCountAsync(shared.Pictures.All.Count);
        await page.WaitForPicturesAsync();
        Assert.Equal(
            await shared.Host.SignIn("drop").ListAllAsync(),
            await page.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('#photos > li')].map((tile) => tile.dataset.id)"));
    });

    [Fact]
    public Task EachUserHasASeparateAlbum() => shared.VisitAsync("carol", async page =>
    {
        await page.ChooseAsync(shared.Pictures.All[0]);
        await Expect(page.Tiles).ToHaveCountAsync(1);

        await page.Page.GetByLabel("Signed in as").SelectOptionAsync("bob");
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "bob’s album" })).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();
        await Expect(page.Tiles).ToHaveCountAsync(0);
        await page.ChooseAsync(shared.Pictures.All[1], shared.Pictures.All[2]);
        await Expect(page.Tiles).ToHaveCountAsync(2);

        await page.Page.ReloadAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "bob’s album" })).ToBeVisibleAsync();
        await Expect(page.Tiles).ToHaveCountAsync(2);

        await page.Page.GetByLabel("Signed in as").SelectOptionAsync("carol");
        await Expect(page.Tiles).ToHaveCountAsync(1);
        await Expect(page.Tiles).ToContainTextAsync(shared.Pictures.All[0].Name);
    });

    [Fact]
    public Task TheProgressBarMovesDuringAnUploadOfTwentyMegabytes() => shared.VisitAsync("twenty", async page =>
    {
        // As fast as a good home connection, so that the progress is visible.
        ICDPSession devTools = await page.Page.Context.NewCDPSessionAsync(page.Page);
        await devTools.SendAsync("Network.enable");
        await devTools.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = false,
            ["latency"] = 0,
            ["downloadThroughput"] = -1,
            ["uploadThroughput"] = 10_000_000,
        });
        await page.Page.EvaluateAsync(
            """
            () => {
              window.shares = [];
              window.texts = [];
              window.hasMoved = new Promise((resolve) => new MutationObserver((changes) => {
                window.shares.push(...changes.map(({ target }) => target.value / target.max));
                window.texts.push(document.querySelector('#uploads .state').textContent);
                if (window.shares.length > 3) resolve();
              }).observe(document.getElementById('uploads'), { subtree: true, attributeFilter: ['value'] }));
            }
            """);

        using var folder = new TemporaryFolder();
        await page.ChooseAsync(shared.Pictures.Write(folder.Path, "20 MB.jpg", 20_000_000));
        await page.Page.EvaluateAsync("window.hasMoved");
        await page.TakeScreenshotAsync("uploading");
        await Expect(page.Tiles).ToHaveCountAsync(1);

        double[] shares = await page.Page.EvaluateAsync<double[]>("window.shares");
        Assert.Equal(shares.Order(), shares);
        Assert.True(shares.Distinct().Count(share => share is > 0 and < 1) > 3, $"The bar was at {string.Join(", ", shares)}.");
        Assert.All((await page.Page.EvaluateAsync<string[]>("window.texts"))[..3], text => Assert.Matches(@"^\d+(\.\d)? of 20 MB$", text));
        await Expect(page.Tiles).ToContainTextAsync("20 MB");
    });

    [Fact]
    public Task ThreeUploadsRunAtOnceAndAnyCanBeCanceled() => shared.VisitAsync("queue", async page =>
    {
        var release = new TaskCompletionSource();
        await page.Page.RouteAsync("**/private/**", async route =>
        {
            await release.Task;
            await route.ContinueAsync();
        });

        await page.ChooseAsync([.. shared.Pictures.All.Take(5)]);
        await Expect(page.Page.Locator("#uploads > .waiting")).ToHaveCountAsync(2);
        await Expect(page.Page.Locator("#uploads > .uploading")).ToHaveCountAsync(3);
        await page.Button($"Cancel the upload of {shared.Pictures.All[4].Name}").ClickAsync();
        await page.Button($"Cancel the upload of {shared.Pictures.All[0].Name}").ClickAsync();
        await Expect(page.Page.Locator("#uploads > .waiting")).ToHaveCountAsync(0);
        release.SetResult();

        await Expect(page.Uploads).ToHaveCountAsync(0);
        await Expect(page.Tiles).ToHaveCountAsync(3);
        Assert.Equal(3, (await shared.Host.SignIn("queue").ListAllAsync()).Count);
    });

    [Fact]
    public Task APhotoThatIsTooLargeIsRefusedBeforeAnyByteIsSent() => shared.VisitAsync("thirty", async page =>
    {
        await Expect(page.Page.GetByText("up to 26.2 MB each")).ToBeVisibleAsync();
        page.ExpectProblem("413 POST /photos/uploads");

        using var folder = new TemporaryFolder();
        await page.ChooseAsync(shared.Pictures.Write(folder.Path, "30 MB.jpg", 30_000_000));

        await Expect(page.Uploads).ToContainTextAsync("The photo is larger than 26.2 MB. Choose a smaller one.");
        await Expect(page.Button("Try 30 MB.jpg again")).ToBeHiddenAsync();
        Assert.DoesNotContain(page.Sent, request => request.StartsWith("PUT ", StringComparison.Ordinal));
        await page.TakeScreenshotAsync("refused");
        await page.Button("Dismiss the upload of 30 MB.jpg").ClickAsync();
        await Expect(page.Uploads).ToHaveCountAsync(0);
        await Expect(page.Button("Choose photos")).ToBeFocusedAsync();
    });

    [Fact]
    public Task AFileThatIsNotAPhotoIsRefusedWithTheApisMessage() => shared.VisitAsync("text", async page =>
    {
        page.ExpectProblem("415 POST /photos/uploads");

        await page.ChooseAsync(new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = [1] });

        await Expect(page.Uploads).ToContainTextAsync("contentType is not supported. Send one of image/jpeg, ");
        Assert.DoesNotContain(page.Sent, request => request.StartsWith("PUT ", StringComparison.Ordinal));
    });

    [Fact]
    public Task AnInterruptedUploadCanBeRetried() => shared.VisitAsync("broken", async page =>
    {
        FilePayload picture = shared.Pictures.All[0];
        await page.Page.RouteAsync("**/private/**", route => route.AbortAsync("connectionreset"), new() { Times = 1 });

        await page.ChooseAsync(picture);
        await Expect(page.Uploads).ToContainTextAsync("The bucket is not reachable. Try again.");
        string put = Assert.Single(page.Sent, request => request.StartsWith("PUT ", StringComparison.Ordinal));
        page.ExpectProblem($"net::ERR_CONNECTION_RESET PUT {new Uri(put[4..]).AbsolutePath}");
        await page.Button($"Try {picture.Name} again").ClickAsync();

        await Expect(page.Tiles).ToHaveCountAsync(1);
        await Expect(page.Uploads).ToHaveCountAsync(0);
    });

    /// <summary>Another device deletes the photo between its upload and its write.</summary>
    [Fact]
    public Task AnUploadThatWasDeletedMeanwhileCanBeRetried() => shared.VisitAsync("deleted-meanwhile", async page =>
    {
        FilePayload picture = shared.Pictures.All[0];
        AlbumClient other = shared.Host.SignIn("deleted-meanwhile");
        await page.Page.RouteAsync("**/photos", async route =>
        {
            string id = JsonElement.Parse(route.Request.PostData!).GetProperty("id").GetString()!;
            Assert.Equal(204, (await other.SendAsync("DELETE", $"/photos/{id}")).Status);
            await route.ContinueAsync();
        }, new() { Times = 1 });
        page.ExpectProblem("410 POST /photos");

        await page.ChooseAsync(picture);
        await Expect(page.Uploads).ToContainTextAsync("The photo was deleted.");
        await page.Button($"Try {picture.Name} again").ClickAsync();

        await Expect(page.Tiles).ToHaveCountAsync(1);
        await Expect(page.Uploads).ToHaveCountAsync(0);
    });

    [Fact]
    public async Task OlderPhotosAreLoadedByScrollingAndByKeyboard()
    {
        AlbumClient user = shared.Host.SignIn("many");
        for (int i = 0; i < 50; i++)
        {
            await user.AddPhotoAsync($"{i}.jpg", shared.Pictures.All[i % 8].Buffer);
        }

        await shared.VisitAsync("many", async page =>
        {
            await Expect(page.Tiles).ToHaveCountAsync(24);
            await Expect(page.Tiles.First).ToContainTextAsync("49.jpg");
            await page.Page.Mouse.MoveAsync(300, 500);
            await page.Page.Mouse.WheelAsync(0, 5000);
            await Expect(page.Tiles).ToHaveCountAsync(48);

            await page.Button("Show more").FocusAsync();
            await page.Page.Keyboard.PressAsync("Enter");

            await Expect(page.Tiles).ToHaveCountAsync(50);
            await Expect(page.Tiles.Last).ToContainTextAsync("0.jpg");
            await Expect(page.Button("Show more")).ToBeHiddenAsync();
        });
    }

    [Fact]
    public Task AColdStartIsShown() => shared.VisitAsync("cold", async page =>
    {
        await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();

        await page.Button("Make the next request cold").ClickAsync();
        await Expect(page.Page.GetByText("The next request starts a new process.")).ToBeVisibleAsync();
        await page.Button("Reload").ClickAsync();

        // Other tests' deletes may show invocations of SweepPhoto in between.
        ILocator request = page.Requests.Filter(new() { HasText = "/photos" }).First;
        await Expect(request).ToContainTextAsync("cold");
        string text = await request.InnerTextAsync();
        Assert.Matches(@"^GET\s+/photos\s+200\s+\d+(\.\d)? ms\s+cold\s+init \d+(\.\d)? ms · function \d+(\.\d)? ms · \d+ MB$", text.Trim());

        // Rounded to a tenth below 10 ms, and to whole milliseconds above. JavaScript and .NET round a half differently.
        double shown = double.Parse(text.Split("init ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        bool IsReported() => shared.Host.Output
            .Where(line => line.StartsWith("REPORT ", StringComparison.Ordinal) && line.Contains("Init Duration", StringComparison.Ordinal))
            .Select(line => double.Parse(line.Split("Init Duration: ")[1].Split(' ')[0], CultureInfo.InvariantCulture))
            .Any(init => Math.Abs(init - shown) <= (init < 10 ? 0.051 : 0.501));

        // The line may arrive after the response.
        for (int attempt = 0; attempt < 50 && !IsReported(); attempt++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.True(IsReported(), $"The host reported no init of {shown} ms.");

        await page.Button("Reload").ClickAsync();
        await Expect(request).ToContainTextAsync("warm");
    });

    [Fact]
    public async Task ANameIsShownAsTextAndNeverAsHtml()
    {
        const string Name = "<img src=x onerror=document.title='owned'> & \"b\".jpg";
        await shared.Host.SignIn("hostile").AddPhotoAsync(Name, shared.Pictures.All[0].Buffer);

        await shared.VisitAsync("hostile", async page =>
        {
            await Expect(page.Tiles.Locator(".name")).ToHaveTextAsync(Name);
            await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Heading)).ToHaveTextAsync(Name);
            await page.Button("Delete…").ClickAsync();
            await Expect(page.Confirm).ToContainTextAsync(Name);
            await Expect(page.Page).ToHaveTitleAsync("Photos");
        });
    }

    [Fact]
    public Task AnErrorOfTheApiIsShownWithItsMessage() => shared.VisitAsync("..", async page =>
    {
        // The function refuses a sub that is not a user id.
        page.ExpectProblem("401 GET /photos");
        page.ExpectProblem("401 GET /photos");

        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The request has no user. Sign in and send the ID token in Authorization.");
        await page.TakeScreenshotAsync("error");
    });
}

using System.Text.Json;
using Microsoft.Playwright;
using Photos.Tests.EndToEnd.Album;
using static Microsoft.Playwright.Assertions;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>Photos are renamed in the viewer, and selected in the album to be deleted together.</summary>
[Collection<BrowserTests>]
public class ChangeTests(SharedBrowser shared)
{
    [Fact]
    public async Task APhotoIsRenamedByMouseOnly()
    {
        AlbumClient user = shared.Host.SignIn("rename-mouse");
        string id = await user.AddPhotoAsync("first.jpg", shared.Pictures.All[0].Buffer);
        await user.WaitUntilRenderedAsync();

        await shared.VisitAsync("rename-mouse", async page =>
        {
            await page.WaitForPicturesAsync();
            await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
            await AlbumPage.WaitForPictureAsync(page.Viewer);
            await page.Button("Rename").ClickAsync();
            await Expect(Name(page)).ToHaveValueAsync("first.jpg");
            await Name(page).FillAsync("not this");
            await page.Button("Cancel").ClickAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Heading)).ToHaveTextAsync("first.jpg");

            await page.Button("Rename").ClickAsync();
            await Expect(Name(page)).ToHaveValueAsync("first.jpg");
            await Name(page).FillAsync("Écluse <b>.jpg");
            await page.Button("Save").ClickAsync();

            await Expect(page.Viewer.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Écluse <b>.jpg");
            await Expect(page.Viewer.GetByRole(AriaRole.Img)).ToHaveAccessibleNameAsync("Écluse <b>.jpg");
            await Expect(Name(page)).ToBeHiddenAsync();
            await page.Button("Close").ClickAsync();
            await Expect(page.Tiles.Locator(".name")).ToHaveTextAsync("Écluse <b>.jpg");
            await AlbumPage.WaitForPictureAsync(page.Tiles);
            Assert.Equal([$"PATCH {new Uri(shared.Host.Address, $"/photos/{id}")}"], page.SentTo("PATCH"));
        });

        JsonElement photo = (await user.SendAsync("GET", $"/photos/{id}")).Json;
        Assert.Equal(("Écluse <b>.jpg", "ready"), (photo.GetProperty("name").GetString(), photo.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task APhotoIsRenamedByKeyboardOnly()
    {
        AlbumClient user = shared.Host.SignIn("rename-keyboard");
        await user.AddPhotoAsync("older.jpg", shared.Pictures.All[0].Buffer);
        string id = await user.AddPhotoAsync("newer.jpg", shared.Pictures.All[1].Buffer);

        await shared.VisitAsync("rename-keyboard", async page =>
        {
            IKeyboard keyboard = page.Page.Keyboard;
            ILocator heading = page.Viewer.GetByRole(AriaRole.Heading);
            await page.TabToAsync(page.Tiles.First.GetByRole(AriaRole.Button));
            await keyboard.PressAsync("Enter");
            await page.TabToAsync(page.Button("Rename"));
            await keyboard.PressAsync("Enter");
            await Expect(Name(page)).ToBeFocusedAsync();

            // The key that closes the viewer ends the renaming first.
            await keyboard.PressAsync("Escape");
            await Expect(page.Button("Rename")).ToBeFocusedAsync();
            await Expect(page.Viewer).ToBeVisibleAsync();

            // The old name is selected, and the keys that go to another photo stay in the field.
            await keyboard.PressAsync("Enter");
            await keyboard.TypeAsync("ab");
            await keyboard.PressAsync("ArrowLeft");
            await keyboard.TypeAsync("-");
            await keyboard.PressAsync("ArrowRight");
            await keyboard.TypeAsync(".jpg");
            await keyboard.PressAsync("Enter");

            await Expect(heading).ToHaveTextAsync("a-b.jpg");
            await Expect(page.Button("Rename")).ToBeFocusedAsync();
            await keyboard.PressAsync("ArrowRight");
            await Expect(heading).ToHaveTextAsync("older.jpg");
            await keyboard.PressAsync("Escape");
            await Expect(page.Tiles.First.Locator(".name")).ToHaveTextAsync("a-b.jpg");
        });

        Assert.Equal("a-b.jpg", (await user.SendAsync("GET", $"/photos/{id}")).Json.GetProperty("name").GetString());
    }

    [Fact]
    public async Task ARefusedNameIsShownWithTheApisMessage()
    {
        AlbumClient user = shared.Host.SignIn("rename-refused");
        string id = await user.AddPhotoAsync("first.jpg", shared.Pictures.All[0].Buffer);
        await user.WaitUntilRenderedAsync();

        await shared.VisitAsync("rename-refused", async page =>
        {
            ILocator error = page.Viewer.GetByRole(AriaRole.Alert);
            await page.Tiles.GetByRole(AriaRole.Button).ClickAsync();
            await page.Button("Rename").ClickAsync();
            await Name(page).FillAsync("a/b");
            page.ExpectProblem($"400 PATCH /photos/{id}");
            await page.Button("Save").ClickAsync();

            await Expect(error).ToHaveTextAsync("name has a slash or a backslash. Send 1 to 255 characters without control characters, / and \\.");
            await Expect(Name(page)).ToHaveValueAsync("a/b");

            Assert.Equal(204, (await user.SendAsync("DELETE", $"/photos/{id}")).Status);
            await Name(page).FillAsync("second.jpg");
            page.ExpectProblem($"410 PATCH /photos/{id}");
            await page.Button("Save").ClickAsync();

            await Expect(error).ToContainTextAsync("The photo was deleted.");
            await page.Button("Cancel").ClickAsync();
            await Expect(error).ToBeHiddenAsync();
            await Expect(page.Viewer.GetByRole(AriaRole.Heading)).ToHaveTextAsync("first.jpg");
        });

        Assert.Empty(await user.ListAllAsync());
    }

    [Fact]
    public async Task SelectedPhotosAreDeletedByMouseOnly()
    {
        AlbumClient user = shared.Host.SignIn("select-mouse");
        string[] ids = await AddAsync(user, 4);

        await shared.VisitAsync("select-mouse", async page =>
        {
            await Expect(page.Tiles).ToHaveCountAsync(4);
            await page.Button("Select").ClickAsync();
            await Expect(page.Button("Delete selected…")).ToBeDisabledAsync();
            await Tile(page, ids[0]).ClickAsync();
            await Tile(page, ids[1]).ClickAsync();
            await Tile(page, ids[3]).ClickAsync();
            await Tile(page, ids[1]).ClickAsync();
            await Expect(page.Page.GetByText("2 selected")).ToBeVisibleAsync();
            await Expect(page.Viewer).ToBeHiddenAsync();

            await page.Button("Delete selected…").ClickAsync();
            await Expect(page.Confirm).ToContainTextAsync("2 photos will be permanently deleted.");
            await page.Button("Keep it").ClickAsync();
            await Expect(page.Tiles).ToHaveCountAsync(4);
            await page.Button("Delete selected…").ClickAsync();
            await page.Button("Delete").ClickAsync();

            await Expect(page.Tiles).ToHaveCountAsync(2);
            await Expect(page.Page.Locator("#announcer")).ToHaveTextAsync("2 photos were deleted.");
            await Expect(page.Button("Delete selected…")).ToBeHiddenAsync();
            Assert.Single(page.SentTo("POST", "/photos/deletions"));
            Assert.Empty(page.SentTo("DELETE"));

            // A photo is opened again, and not selected.
            await Tile(page, ids[1]).ClickAsync();
            await Expect(page.Viewer).ToBeVisibleAsync();
            await page.Button("Close").ClickAsync();

            await page.Button("Select").ClickAsync();
            await Tile(page, ids[1]).ClickAsync();
            await page.Button("Delete selected…").ClickAsync();
            await page.Button("Delete").ClickAsync();
            await Expect(page.Page.Locator("#announcer")).ToHaveTextAsync("1 photo was deleted.");
        });

        Assert.Equal([ids[2]], await user.ListAllAsync());
    }

    [Fact]
    public async Task SelectedPhotosAreDeletedByKeyboardOnly()
    {
        AlbumClient user = shared.Host.SignIn("select-keyboard");
        string[] ids = await AddAsync(user, 2);

        await shared.VisitAsync("select-keyboard", async page =>
        {
            IKeyboard keyboard = page.Page.Keyboard;
            await Expect(page.Tiles).ToHaveCountAsync(2);
            await page.TabToAsync(page.Button("Select"));
            await keyboard.PressAsync("Enter");
            await page.TabToAsync(Tile(page, ids[1]));
            await keyboard.PressAsync("Space");
            await Expect(Tile(page, ids[1])).ToHaveAttributeAsync("aria-pressed", "true");
            await Expect(Tile(page, ids[0])).ToHaveAttributeAsync("aria-pressed", "false");

            await keyboard.PressAsync("Escape");
            await Expect(page.Button("Select")).ToBeFocusedAsync();
            Assert.Null(await Tile(page, ids[1]).GetAttributeAsync("aria-pressed"));

            await keyboard.PressAsync("Enter");
            foreach (string id in ids.Reverse())
            {
                await page.TabToAsync(Tile(page, id));
                await keyboard.PressAsync("Enter");
            }

            await page.TabToAsync(page.Button("Delete selected…"));
            await keyboard.PressAsync("Enter");
            await Expect(page.Button("Keep it")).ToBeFocusedAsync();
            await page.TabToAsync(page.Button("Delete"));
            await keyboard.PressAsync("Enter");

            await Expect(page.Tiles).ToHaveCountAsync(0);
            await Expect(page.Page.GetByText("No photos yet")).ToBeVisibleAsync();
            await Expect(page.Button("Choose photos")).ToBeFocusedAsync();
        });

        Assert.Empty(await user.ListAllAsync());
    }

    /// <summary>First the API reaches one photo, then none, and then all.</summary>
    [Fact]
    public async Task PhotosThatWereNotReachedAreDeletedByAnotherRequest()
    {
        AlbumClient user = shared.Host.SignIn("select-retry");
        string[] ids = await AddAsync(user, 3);
        int requests = 0;

        await shared.VisitAsync("select-retry", async page =>
        {
            await page.Page.RouteAsync("**/photos/deletions", async route =>
            {
                switch (++requests)
                {
                    case 1:
                        Assert.Equal(204, (await user.SendAsync("DELETE", $"/photos/{ids[0]}")).Status);
                        await route.FulfillAsync(new() { ContentType = "application/json", Body = JsonSerializer.Serialize(new { deleted = ids[..1], notFound = Array.Empty<string>(), retry = ids[1..] }) });
                        break;
                    case 2:
                        await route.FulfillAsync(new() { Status = 503, ContentType = "application/json", Body = """{"message":"The photo storage did not respond in time.","code":"ServiceUnavailable"}""" });
                        break;
                    default:
                        await route.ContinueAsync();
                        break;
                }
            });
            await page.Button("Select").ClickAsync();
            foreach (string id in ids)
            {
                await Tile(page, id).ClickAsync();
            }

            page.ExpectProblem("503 POST /photos/deletions");
            await page.Button("Delete selected…").ClickAsync();
            await page.Button("Delete").ClickAsync();
            await Expect(page.Confirm.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The photo storage did not respond in time.");
            await Expect(page.Tiles).ToHaveCountAsync(2);
            await Expect(page.Page.Locator("#selection-count")).ToHaveTextAsync("2 selected");

            await page.Button("Delete").ClickAsync();
            await Expect(page.Tiles).ToHaveCountAsync(0);
            await Expect(page.Confirm).ToBeHiddenAsync();
        });

        Assert.Equal(3, requests);
        Assert.Empty(await user.ListAllAsync());
    }

    [Fact]
    public Task MoreThanAHundredPhotosAreDeletedByTwoRequests() => shared.VisitAsync("select-many", async page =>
    {
        string[] ids = [.. Enumerable.Range(0, 120).Select(number => $"0190a3c2-5f1e-7c4b-9d3a-{number:x12}")];
        List<string[]> sent = [];
        await page.Page.RouteAsync(url => url.EndsWith("/photos?limit=24&order=uploaded", StringComparison.Ordinal), route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = JsonSerializer.Serialize(new
            {
                id = "select-many",
                photos = ids.Select(id => new { id, name = "a.jpg", date = "2026-11-23T12:00:00.000Z", size = 4, contentType = "image/jpeg", url = "/", status = "unsupported" }),
            }),
        }));
        await page.Page.RouteAsync("**/photos/deletions", route =>
        {
            string[] deleted = JsonElement.Parse(route.Request.PostData!).GetProperty("ids").Deserialize<string[]>()!;
            sent.Add(deleted);
            return route.FulfillAsync(new() { ContentType = "application/json", Body = JsonSerializer.Serialize(new { deleted, notFound = Array.Empty<string>(), retry = Array.Empty<string>() }) });
        });
        await page.Button("Reload").ClickAsync();
        await Expect(page.Tiles).ToHaveCountAsync(120);
        await page.Button("Select").ClickAsync();
        await page.Page.EvaluateAsync("document.querySelectorAll('#photos button').forEach((tile) => tile.click())");
        await page.Button("Delete selected…").ClickAsync();
        await page.Button("Delete").ClickAsync();

        await Expect(page.Tiles).ToHaveCountAsync(0);
        Assert.Equal([100, 20], sent.Select(request => request.Length));
        Assert.Equal(ids.Order(StringComparer.Ordinal), sent.SelectMany(request => request).Order(StringComparer.Ordinal));
    });

    [Fact]
    public async Task AnotherUsersAlbumBeginsWithoutASelection()
    {
        AlbumClient user = shared.Host.SignIn("select-switch");
        string[] ids = await AddAsync(user, 1);

        await shared.VisitAsync("select-switch", async page =>
        {
            await page.Button("Select").ClickAsync();
            await Tile(page, ids[0]).ClickAsync();
            await Expect(page.Page.GetByText("1 selected")).ToBeVisibleAsync();

            await page.Page.GetByLabel("Signed in as").SelectOptionAsync("carol");

            await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "carol’s album" })).ToBeVisibleAsync();
            await Expect(page.Button("Delete selected…")).ToBeHiddenAsync();
            await Expect(page.Button("Select")).ToHaveAttributeAsync("aria-pressed", "false");
        });

        Assert.Equal(ids, await user.ListAllAsync());
    }

    private static ILocator Name(AlbumPage page) => page.Viewer.GetByLabel("Name", new() { Exact = true });

    private static ILocator Tile(AlbumPage page, string id) => page.Page.Locator($"#photos > [data-id='{id}'] button");

    /// <returns>The ids, oldest first.</returns>
    private async Task<string[]> AddAsync(AlbumClient user, int count)
    {
        string[] ids = new string[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = await user.AddPhotoAsync($"{i}.jpg", shared.Pictures.All[i].Buffer);
        }

        // The page polls a photo that is processing, and a poll of a deleted one gets 404.
        await user.WaitUntilRenderedAsync();
        return ids;
    }
}

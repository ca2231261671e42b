using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>Runs each example of <c>docs/client.md</c>, taken from that file.</summary>
[Collection<BrowserTests>]
public sealed partial class ClientExamplesTests(SharedBrowser shared) : IDisposable
{
    private static readonly (string Kind, string Text)[] s_examples =
    [
        .. Fence().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "client.md")))
            .Select(fence => (fence.Groups["kind"].Value, fence.Groups["text"].Value)),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _photo = shared.Pictures.All[0].Buffer;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryExampleHasATest() => Assert.Equal(
        ["sh", "js", "js", "http 201", "http 200, again 412", "http 201, again 200", "csharp"], s_examples.Select(example => example.Kind));

    [Fact]
    public async Task CurlUploadsAPhoto()
    {
        string printed = await RunAsync("curl", "bash", "-euc", Examples("sh").Single());

        await AssertAddedAsync("curl", printed);
    }

    [Fact]
    public async Task CSharpUploadsAPhoto()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "add-photo.cs"), Examples("csharp").Single(), TestContext.Current.CancellationToken);

        string printed = await RunAsync("csharp", "dotnet", "run", "add-photo.cs", "beach.jpg");

        await AssertAddedAsync("csharp", printed);
    }

    [Fact]
    public async Task APageOfAnotherOriginUploadsAndListsPhotos()
    {
        IPage page = await shared.Browser.NewPageAsync();
        string added = await page.EvaluateAsync<string>(
            $$"""
            async ({ api, token, base64 }) => {
              {{string.Concat(Examples("js"))}}
              const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
              for (let i = 0; i < 100; i++) await addPhoto(api, token, new File([bytes.subarray(0, 4)], 'older.jpg', { type: 'image/jpeg' }));
              const added = await addPhoto(api, token, new File([bytes], 'beach.jpg', { type: 'image/jpeg' }));
              const listed = [];
              for await (const photo of listPhotos(api, token)) listed.push(photo);
              if (listed.length !== 101 || listed[0].id !== added.id || listed[100].name !== 'older.jpg') throw new Error(JSON.stringify(listed));
              return JSON.stringify(added);
            }
            """,
            new { api = Api, token = Token("browser"), base64 = Convert.ToBase64String(_photo) });
        await page.CloseAsync();

        await AssertAddedAsync("browser", added);
    }

    [Fact]
    public async Task APhoneUploadsAPhoto()
    {
        var known = new Dictionary<string, string> { ["$API"] = Api, ["$TOKEN"] = Token("phone") };
        string last = "";
        foreach ((string kind, string text) in s_examples.Where(example => example.Kind.StartsWith("http", StringComparison.Ordinal)))
        {
            string request = known.Aggregate(text, (filled, value) => filled.Replace(value.Key, value.Value, StringComparison.Ordinal));
            foreach (string status in kind["http ".Length..].Split(", again "))
            {
                ApiResponse response = await SendAsync(request);
                Assert.Equal(status, $"{response.Status}");
                if (response.ContentHeaders.ContentType?.MediaType is "application/json")
                {
                    last = response.Text;
                    known["$id"] = response.Json.GetProperty("id").GetString()!;
                    known["$upload.url"] = response.Json.TryGetProperty("upload", out JsonElement upload) ? upload.GetProperty("url").GetString()! : "";
                }
            }
        }

        JsonElement photo = JsonElement.Parse(last);
        Assert.Equal("IMG_0001.jpg", photo.GetProperty("name").GetString());
        Assert.Equal(AlbumClient.SmallJpeg, await AlbumClient.GetBytesAsync(photo.GetProperty("url").GetString()!));
        Assert.Equal([photo.GetProperty("id").GetString()!], await shared.Host.SignIn("phone").ListAllAsync());
    }

    private string Api => shared.Host.Address.AbsoluteUri.TrimEnd('/');

    private static IEnumerable<string> Examples(string kind) => s_examples.Where(example => example.Kind == kind).Select(example => example.Text);

    private string Token(string user) => shared.Host.Token(user, TimeSpan.FromHours(1));

    /// <summary>Sends a request that is written as a method and a URL, headers, an empty line, and the body.</summary>
    private static Task<ApiResponse> SendAsync(string text)
    {
        string[] headAndBody = text.Split("\n\n");
        string[] head = headAndBody[0].Split('\n');
        string[] line = head[0].Split(' ');
        byte[] body = headAndBody[1].Trim() is "$file" ? AlbumClient.SmallJpeg : Encoding.UTF8.GetBytes(headAndBody[1].Trim());
        var request = new HttpRequestMessage(new HttpMethod(line[0]), line[1]) { Content = new ByteArrayContent(body) };
        foreach (string header in head[1..])
        {
            (string name, string value) = (header.Split(": ")[0], header.Split(": ")[1]);
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                Assert.True(request.Content.Headers.TryAddWithoutValidation(name, value));
            }
        }

        return AlbumClient.SendAsync(request);
    }

    /// <summary>Runs a program in a folder that contains a photo, <c>beach.jpg</c>.</summary>
    /// <returns>What it printed.</returns>
    private async Task<string> RunAsync(string user, string program, params string[] arguments)
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "beach.jpg"), _photo, TestContext.Current.CancellationToken);
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["API"] = Api, ["TOKEN"] = Token(user) },
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors + await output);
        return await output;
    }

    private async Task AssertAddedAsync(string user, string printed)
    {
        JsonElement photo = JsonElement.Parse(printed);
        Assert.Equal("beach.jpg", photo.GetProperty("name").GetString());
        Assert.Equal(photo.GetProperty("id").GetString(), (await shared.Host.SignIn(user).ListAllAsync())[0]);
        Assert.Equal(_photo, await AlbumClient.GetBytesAsync(photo.GetProperty("url").GetString()!));
    }

    [GeneratedRegex("^```(?<kind>[^\n]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();
}

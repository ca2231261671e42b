using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Playwright;
using Photos.Album;
using Photos.Aws;
using Photos.Local.Engines;
using Photos.Net;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Local;
using Photos.Tests.Unit.Aws;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>Runs each example of <c>docs/client.md</c> and the commands of <c>README.md</c>, taken from these files.</summary>
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
        ["sh", "js", "js", "js", "http 201", "http 200, again 412", "http 201, again 200", "csharp"], s_examples.Select(example => example.Kind));

    [Fact]
    public async Task CurlUploadsAPhoto()
    {
        await using var bucket = new UnreliableBucket(shared.Host.Address);

        string printed = await RunAsync(bucket.Api, "curl", "bash", "-euc", Examples("sh").Single());

        Assert.Equal(UnreliableBucket.Retried, bucket.Uploads);
        byte[] picture = await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "docs", "album.png"), TestContext.Current.CancellationToken);
        await AssertAddedAsync("curl", printed, "album.png", "image/png", picture);
    }

    [Theory]
    [InlineData("-x \"b\" 'c' [1-3] $HOME é.HEIC", "image/heic")]
    [InlineData("IMG 1.heif", "image/heic")]
    [InlineData("a.avif", "image/avif")]
    [InlineData("a.JPEG", "image/jpeg")]
    public async Task CurlUploadsAnyNameAndType(string name, string contentType)
    {
        string file = Path.Combine(_folder.Path, name);
        await File.WriteAllBytesAsync(file, _photo, TestContext.Current.CancellationToken);

        string printed = await RunAsync(Api, "curl-names", "bash", "docs/add-photo.sh", file);

        await AssertAddedAsync("curl-names", printed, name, contentType, _photo);
    }

    [Fact]
    public async Task CurlShowsTheApisMessage()
    {
        string file = Path.Combine(_folder.Path, "notes.txt");
        await File.WriteAllTextAsync(file, "not a photo", TestContext.Current.CancellationToken);

        (int code, string printed, string errors) = await StartAsync(Api, "curl-refused", "bash", "docs/add-photo.sh", file);

        Assert.Equal((1, ""), (code, printed));
        Assert.Contains("\"message\":\"contentType is not supported. Send one of image/jpeg, ", errors, StringComparison.Ordinal);
        Assert.Empty(await shared.Host.SignIn("curl-refused").ListAllAsync());
    }

    [Fact]
    public async Task CSharpUploadsAPhoto()
    {
        await using var bucket = new UnreliableBucket(shared.Host.Address);
        string program = Path.Combine(_folder.Path, "add-photo.cs");
        await File.WriteAllTextAsync(program, Examples("csharp").Single(), TestContext.Current.CancellationToken);
        string file = Path.Combine(_folder.Path, "IMG_1.HEIC");
        await File.WriteAllBytesAsync(file, _photo, TestContext.Current.CancellationToken);

        string printed = await RunAsync(bucket.Api, "csharp", "dotnet", "run", program, file);

        Assert.Equal(UnreliableBucket.Retried, bucket.Uploads);
        await AssertAddedAsync("csharp", printed, "IMG_1.HEIC", "image/heic", _photo);
    }

    /// <summary>README's commands, with this host's address and token.</summary>
    [Fact]
    public async Task ReadmesCommandsAddListAndDeleteAPhoto()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken);
        string section = readme.Split("\n### Upload a photo with curl\n")[1].Split("\n### ")[0];
        string commands = Assert.Single(Fence().Matches(section)).Groups["text"].Value;
        Assert.Contains("export API=http://127.0.0.1:3000 TOKEN=$(make -s token SUB=alice)\n", commands, StringComparison.Ordinal);
        string make = """make() { [ "$*" = '-s token SUB=alice' ] && echo "$TOKEN"; }""";

        string printed = await RunAsync(
            Api, "alice", "bash", "-euc", $"{make}\n{commands.Replace("http://127.0.0.1:3000", Api, StringComparison.Ordinal)}");

        string[] lines = printed.TrimEnd('\n').Split('\n');
        JsonElement photo = JsonElement.Parse(lines[0]);
        string[] listed = [.. JsonElement.Parse(lines[1]).GetProperty("photos").EnumerateArray().Select(each => each.GetProperty("id").GetString()!)];
        Assert.Equal("album.png", photo.GetProperty("name").GetString());
        Assert.Contains(photo.GetProperty("id").GetString()!, listed);
        Assert.Equal(["204"], lines[2..]);
        Assert.DoesNotContain(photo.GetProperty("id").GetString()!, await shared.Host.SignIn("alice").ListAllAsync());
    }

    [Fact]
    public async Task APageOfAnotherOriginUploadsAndListsPhotos()
    {
        await using var bucket = new UnreliableBucket(shared.Host.Address);
        IPage page = await shared.Browser.NewPageAsync();
        string added = await page.EvaluateAsync<string>(
            $$"""
            async ({ api, token, base64 }) => {
              {{string.Concat(Examples("js"))}}
              const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
              for (let i = 0; i < 100; i++) await addPhoto(api, token, new File([bytes.subarray(0, 4)], 'older.jpg', { type: 'image/jpeg' }));
              const added = await addPhoto(api, token, new File([bytes], 'IMG_1.HEIC', { type: '' }));
              const listed = [];
              for await (const photo of listPhotos(api, token)) listed.push(photo);
              if (listed.length !== 101 || listed[0].id !== added.id || listed[100].name !== 'older.jpg') throw new Error(JSON.stringify(listed));
              return JSON.stringify(added);
            }
            """,
            new { api = bucket.Api, token = Token("browser"), base64 = Convert.ToBase64String(_photo) });
        await page.CloseAsync();

        Assert.Equal([.. UnreliableBucket.Retried, .. Enumerable.Repeat(200, 100)], bucket.Uploads);
        await AssertAddedAsync("browser", added, "IMG_1.HEIC", "image/heic", _photo);
    }

    /// <summary>A picture is downloaded once, whatever URLs it has, and again after the page has forgotten it.</summary>
    [Fact]
    public async Task APageKeepsThumbnailsById()
    {
        const string User = "cached";
        AlbumClient client = shared.Host.SignIn(User);
        string id = await client.AddPhotoAsync("a.jpg");
        string url = (await client.SendAsync("GET", $"/photos/{id}")).Json.GetProperty("url").GetString()!;
        var aws = new AwsSettings(
            "us-east-1", LocalEngines.AccessKeyId, LocalEngines.SecretAccessKey, SessionToken: null, DynamoDbEndpoint: null,
            new Uri(url).ToEndpoint(), new ServerTrust(rootsFile: null));
        var settings = new AlbumSettings("", TestGateway.Stack.Bucket.Name, aws);
        using (AmazonS3Client bucket = SdkClients.S3(aws))
        {
            await bucket.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = settings.Bucket,
                    Key = $"renditions/{User}/{id}/thumbnail",
                    InputStream = new MemoryStream(_photo),
                    ContentType = "image/webp",
                    UseChunkEncoding = false,
                },
                TestContext.Current.CancellationToken);
        }

        IPage page = await shared.Browser.NewPageAsync();
        await page.GotoAsync($"{Api}/icon.svg");
        List<(int Status, string Path)> received = [];
        page.Response += (_, response) => received.Add((response.Status, new Uri(response.Url).AbsolutePath));

        // The response of the API, with the URL that it has when the photo is ready.
        await page.RouteAsync($"{Api}/photos/{id}", async route =>
        {
            IAPIResponse response = await route.FetchAsync();
            JsonNode photo = JsonNode.Parse(await response.TextAsync())!;
            photo["thumbnailUrl"] = Sign(TimeProvider.System);
            await route.FulfillAsync(new RouteFulfillOptions { Response = response, Body = photo.ToJsonString() });
        });

        Assert.Equal(Convert.ToBase64String(_photo), await LoadAsync(Sign(new LateClock(TimeSpan.FromMinutes(31)))));
        Assert.Equal([(403, PathOf(id)), (200, $"/photos/{id}"), (200, PathOf(id))], received);

        Assert.Equal(Convert.ToBase64String(_photo), await LoadAsync(Sign(new LateClock(TimeSpan.FromMinutes(15)))));
        Assert.Equal(3, received.Count);

        await page.EvaluateAsync($"async (id) => {{ {string.Concat(Examples("js"))} await forgetPhoto(id); }}", id);
        Assert.Equal(Convert.ToBase64String(_photo), await LoadAsync(Sign(new LateClock(TimeSpan.FromMinutes(15)))));
        Assert.Equal((200, PathOf(id)), received[3]);
        await page.CloseAsync();

        string Sign(TimeProvider clock) => new PhotoUrls(settings, clock).Rendition(UserId.FromSubject(User), PhotoId.Parse(id), PhotoBucket.Thumbnail);

        string PathOf(string photo) => $"/{settings.Bucket}/renditions/{User}/{photo}/thumbnail";

        Task<string> LoadAsync(string thumbnailUrl) => page.EvaluateAsync<string>(
            $$"""
            async ({ api, token, photo }) => {
              {{string.Concat(Examples("js"))}}
              const blob = await loadThumbnail(api, token, photo);
              return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
            }
            """,
            new { api = Api, token = Token(User), photo = new { id, thumbnailUrl } });
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

    private sealed class LateClock(TimeSpan behind) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - behind;
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

    /// <summary>Runs a program in the repository's folder.</summary>
    /// <returns>What it printed.</returns>
    private async Task<string> RunAsync(string api, string user, string program, params string[] arguments)
    {
        (int code, string output, string errors) = await StartAsync(api, user, program, arguments);
        Assert.True(code == 0, errors + output);
        return output;
    }

    private async Task<(int Code, string Output, string Errors)> StartAsync(string api, string user, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["API"] = api, ["TOKEN"] = Token(user) },
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, errors);
    }

    private async Task AssertAddedAsync(string user, string printed, string name, string contentType, byte[] bytes)
    {
        JsonElement photo = JsonElement.Parse(printed);
        Assert.Equal((name, contentType), (photo.GetProperty("name").GetString(), photo.GetProperty("contentType").GetString()));
        Assert.Equal(photo.GetProperty("id").GetString(), (await shared.Host.SignIn(user).ListAllAsync())[0]);
        Assert.Equal(bytes, await AlbumClient.GetBytesAsync(photo.GetProperty("url").GetString()!));
    }

    [GeneratedRegex("^```(?<kind>[^\n]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();
}

using Generated;
using Generated.Models;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

byte[] photo = [0xff, 0xd8, 0xff, 0xd9];
string api = Environment.GetEnvironmentVariable("API")!;
using var adapter = new HttpClientRequestAdapter(new BaseBearerTokenAuthenticationProvider(new Tokens()));
var client = new PhotosClient(adapter);

// The base URL is the description's first server, which is the host that served it.
Check(adapter.BaseUrl == api, $"{adapter.BaseUrl}");

UploadResponse granted = (await client.Photos.Uploads.PostAsync(new UploadRequest { Name = "kiota.png", ContentType = "image/png", Size = photo.Length }))!;
await StoreAsync(granted.Upload!);
Photo written = (await client.Photos.PostAsync(new WriteRequest { Id = granted.Id }))!;
Check(written is { Name: "kiota.png", ContentType: ContentType.ImagePng, Size: 4 }, $"{written.Name} {written.ContentType} {written.Size}");

Photo renamed = (await client.Photos[granted.Id!].PatchAsync(new RenameRequest { Name = "again.png" }))!;
Check(renamed.Name == "again.png", $"{renamed.Name}");
AlbumPage listed = (await client.Photos.GetAsync(request =>
{
    request.QueryParameters.Limit = 1;
    request.QueryParameters.OrderAsGetOrderQueryParameterType = Generated.Photos.GetOrderQueryParameterType.Taken;
}))!;
Check(listed.Photos!.Single().Id == granted.Id, "The photo is not listed.");
PhotoDetails details = (await client.Photos[granted.Id!].GetAsync())!;
Check(details is { Status: PhotoStatus.Processing or PhotoStatus.Ready or PhotoStatus.Unsupported }, $"{details.Status}");
await ReadAsync(details.DownloadUrl!);
await client.Album.DeleteAsync();
Check((await client.Photos.GetAsync())!.Photos!.Count == 0, "The album is not empty.");

try
{
    await client.Photos.PostAsync(new WriteRequest { Id = "01900000-0000-7000-8000-000000000000" });
    Check(false, "A photo without a grant was written.");
}
catch (ApiError e)
{
    Check(e.Code == ErrorCode.GrantExpired, $"{e.Code} {e.Message}");
}

async Task StoreAsync(Upload upload)
{
    using var s3 = new HttpClient();
    using var put = new HttpRequestMessage(new HttpMethod(upload.Method!), upload.Url) { Content = new ByteArrayContent(photo) };
    foreach ((string name, object value) in upload.Headers!.AdditionalData)
    {
        if (!put.Headers.TryAddWithoutValidation(name, value.ToString()))
        {
            put.Content.Headers.TryAddWithoutValidation(name, value.ToString());
        }
    }

    using HttpResponseMessage response = await s3.SendAsync(put);
    Check(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
}

async Task ReadAsync(string url)
{
    using var s3 = new HttpClient();
    using HttpResponseMessage response = await s3.GetAsync(url);
    byte[] bytes = await response.Content.ReadAsByteArrayAsync();
    Check(bytes.SequenceEqual(photo), "The object is not the photo.");
    Check(response.Content.Headers.ContentDisposition?.FileNameStar == "again.png", $"{response.Content.Headers.ContentDisposition}");
}

static void Check(bool isRight, string message)
{
    if (!isRight)
    {
        throw new InvalidOperationException(message);
    }
}

internal sealed class Tokens : IAccessTokenProvider
{
    // Tokens may be sent over HTTP to this machine.
    public AllowedHostsValidator AllowedHostsValidator { get; } = new(["127.0.0.1"]);

    public Task<string> GetAuthorizationTokenAsync(
        Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(Environment.GetEnvironmentVariable("TOKEN")!);
}

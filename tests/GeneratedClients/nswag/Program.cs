using Generated;

byte[] photo = [0xff, 0xd8, 0xff, 0xd9];
using var http = new HttpClient();
http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", Environment.GetEnvironmentVariable("TOKEN"));

// The base URL is the description's first server, which is the host that served it.
var api = new PhotosClient(http);
Check(new Uri(api.BaseUrl) == new Uri(Environment.GetEnvironmentVariable("API")!), api.BaseUrl);

UploadResponse granted = await api.GrantUploadAsync(new UploadRequest { Name = "nswag.avif", ContentType = "image/avif", Size = photo.Length });
await StoreAsync(granted.Upload);
Photo written = await api.WritePhotoAsync(new WriteRequest { Id = granted.Id, Name = "renamed.avif" });
Check(written is { Name: "renamed.avif", ContentType: ContentType.Image_avif, Size: 4 }, $"{written.Name} {written.ContentType} {written.Size}");

Photo renamed = await api.RenamePhotoAsync(new RenameRequest { Name = "again.avif" }, granted.Id);
Check(renamed.Name == "again.avif", renamed.Name);
AlbumPage listed = await api.ListPhotosAsync(limit: 1, next: null, order: Order.Taken, from: "2024-05-01", to: null);
Check(listed.Photos.Single().Id == granted.Id, "The photo is not listed.");
PhotoDetails details = await api.GetPhotoAsync(granted.Id);
Check(details is { Status: PhotoStatus.Processing or PhotoStatus.Ready or PhotoStatus.Unsupported }, $"{details.Status}");
await ReadAsync(details.DownloadUrl);
DeletionResponse deleted = await api.DeletePhotosAsync(new DeletionRequest { Ids = [granted.Id] });
Check(deleted.Deleted.Single() == granted.Id && deleted.NotFound.Count + deleted.Retry.Count == 0, "The photo is not deleted.");

try
{
    await api.WritePhotoAsync(new WriteRequest { Id = "01900000-0000-7000-8000-000000000000" });
    Check(false, "A photo without a grant was written.");
}
catch (ApiException<ApiError> e)
{
    Check(e.Result.Code == ErrorCode.GrantExpired, e.Message);
}

async Task StoreAsync(Upload upload)
{
    using var s3 = new HttpClient();
    using var put = new HttpRequestMessage(new HttpMethod(upload.Method), upload.Url) { Content = new ByteArrayContent(photo) };
    foreach ((string name, string value) in upload.Headers)
    {
        if (!put.Headers.TryAddWithoutValidation(name, value))
        {
            put.Content.Headers.TryAddWithoutValidation(name, value);
        }
    }

    using HttpResponseMessage response = await s3.SendAsync(put);
    Check(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
}

async Task ReadAsync(Uri url)
{
    using var s3 = new HttpClient();
    using HttpResponseMessage response = await s3.GetAsync(url);
    byte[] bytes = await response.Content.ReadAsByteArrayAsync();
    Check(bytes.SequenceEqual(photo), "The object is not the photo.");
    Check(response.Content.Headers.ContentDisposition?.FileNameStar == "again.avif", $"{response.Content.Headers.ContentDisposition}");
}

static void Check(bool isRight, string message)
{
    if (!isRight)
    {
        throw new InvalidOperationException(message);
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Photos.Tests.Template.OpenApi;

namespace Photos.Tests.EndToEnd.Album;

/// <summary>A client of the API with one user's token. Checks each response against the API's description.</summary>
/// <param name="address">The API's address.</param>
/// <param name="token">The value of the <c>Authorization</c> header.</param>
/// <param name="isDescribed">Whether the API is of this version, which the description is of.</param>
internal sealed class AlbumClient(Uri address, string? token, bool isDescribed = true)
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>The value of the <c>Authorization</c> header.</summary>
    public string? Token => token;

    /// <summary>The smallest JPEG: only its start and end markers (ITU-T T.81, B.1.1.3).</summary>
    public static byte[] SmallJpeg => [0xFF, 0xD8, 0xFF, 0xD9];

    public async Task<ApiResponse> SendAsync(
        string method, string path, string? body = null, string? authorization = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, path));
        if ((authorization ?? token) is string value)
        {
            request.Headers.TryAddWithoutValidation("Authorization", value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        }

        ApiResponse response = await SendAsync(request);
        if (isDescribed)
        {
            ApiDescription.AssertDescribes(method, path, response);
        }

        return response;
    }

    public static async Task<ApiResponse> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await s_http.SendAsync(request);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        return new ApiResponse((int)response.StatusCode, response.Headers, response.Content.Headers, body);
    }

    /// <summary>Requests an object by a photo's <c>url</c>.</summary>
    public static async Task<ApiResponse> DownloadAsync(string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await SendAsync(request);
    }

    public static Task<byte[]> GetBytesAsync(string url) => s_http.GetByteArrayAsync(new Uri(url));

    public Task<ApiResponse> GrantAsync(long size, string name = "photo.jpg", string contentType = "image/jpeg") =>
        SendAsync("POST", "/photos/uploads", JsonSerializer.Serialize(new { name, contentType, size }));

    /// <param name="id">The id of the grant.</param>
    /// <param name="name">The name; <see langword="null"/> for that of the grant.</param>
    public Task<ApiResponse> WriteAsync(string id, string? name = "photo.jpg") =>
        SendAsync("POST", "/photos", name is null ? JsonSerializer.Serialize(new { id }) : JsonSerializer.Serialize(new { id, name }));

    public Task<ApiResponse> RenameAsync(string id, string name) =>
        SendAsync("PATCH", $"/photos/{id}", JsonSerializer.Serialize(new { name }));

    public Task<ApiResponse> DeleteManyAsync(params string[] ids) => SendAsync("POST", "/photos/deletions", JsonSerializer.Serialize(new { ids }));

    /// <summary>Deletes all photos, or as many as the call has time for.</summary>
    public Task<ApiResponse> DeleteAllAsync() => SendAsync("DELETE", "/album");

    /// <summary>Uploads an object with a grant, after <paramref name="change"/> has changed the request.</summary>
    public static async Task<ApiResponse> PutAsync(
        JsonElement upload, byte[] bytes, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, upload.GetProperty("url").GetString());
        request.Content = new ByteArrayContent(bytes);
        foreach (JsonProperty header in upload.GetProperty("headers").EnumerateObject())
        {
            if (header.Name == "Content-Type")
            {
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(header.Value.GetString()!);
            }
            else if (header.Name != "Content-Length")
            {
                request.Headers.Add(header.Name, header.Value.GetString());
            }
        }

        change?.Invoke(request);
        return await SendAsync(request);
    }

    /// <summary>Requests a grant, uploads the bytes and writes the photo.</summary>
    /// <returns>The photo's id.</returns>
    public async Task<string> AddPhotoAsync(string name, byte[]? bytes = null)
    {
        bytes ??= SmallJpeg;
        ApiResponse grant = await GrantAsync(bytes.Length, name);
        Assert.Equal(201, grant.Status);
        string id = grant.Json.GetProperty("id").GetString()!;
        Assert.Equal(200, (await PutAsync(grant.Json.GetProperty("upload"), bytes)).Status);
        Assert.Equal(201, (await WriteAsync(id, name)).Status);
        return id;
    }

    /// <summary>Waits until RenderPhoto has looked at each of the latest 100 photos.</summary>
    public async Task WaitUntilRenderedAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        while ((await SendAsync("GET", "/photos?limit=100")).Json.GetProperty("photos").EnumerateArray().Any(photo => photo.GetProperty("status").ValueEquals("processing")))
        {
            await Task.Delay(200, limit.Token);
        }
    }

    /// <summary>Lists the ids of the whole album, page by page.</summary>
    /// <param name="limit">The most photos of a page.</param>
    /// <param name="query">Other query parameters, such as <c>&amp;order=taken</c>.</param>
    public async Task<List<string>> ListAllAsync(int limit = 100, string query = "")
    {
        List<string> ids = [];
        for (string? next = ""; next is not null;)
        {
            ApiResponse page = await SendAsync("GET", $"/photos?limit={limit}{query}{(next.Length == 0 ? "" : "&next=" + Uri.EscapeDataString(next))}");
            Assert.Equal(200, page.Status);
            ids.AddRange(page.Json.GetProperty("photos").EnumerateArray().Select(photo => photo.GetProperty("id").GetString()!));
            next = page.Json.TryGetProperty("next", out JsonElement token) ? token.GetString() : null;
        }

        return ids;
    }
}

/// <summary>An HTTP response with its complete body.</summary>
internal sealed record ApiResponse(int Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Header(string name) =>
        Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values) : null;

    /// <summary>Asserts that it is an error of a function, which a page of any origin can read.</summary>
    public void AssertError(int status, string code, string messageStart)
    {
        Assert.Equal(status, Status);
        Assert.Equal(["message", "code"], Json.EnumerateObject().Select(property => property.Name));
        Assert.Equal(code, Json.GetProperty("code").GetString());
        Assert.StartsWith(messageStart, Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("*", Header("Access-Control-Allow-Origin"));
    }

    /// <summary>Asserts that it is an error of the gateway itself.</summary>
    public void AssertGatewayError(int status, string message)
    {
        Assert.Equal(status, Status);
        Assert.Equal($$"""{"message":"{{message}}"}""", Text);
        Assert.Equal("*", Header("Access-Control-Allow-Origin"));
    }
}

using System.Net.Http.Headers;
using System.Text.Json;

namespace Photos.Tests.EndToEnd.Album;

/// <summary>A grant allows one upload of one object with one type and one size. The S3 engine itself refuses everything else.</summary>
[Collection<LocalHostTests>]
public class UploadTests(SharedLocalHost shared)
{
    private readonly AlbumClient _alice = shared.Host.SignIn("uploads-alice");

    [Fact]
    public async Task AnotherTypeIsRefused() => await AssertRefusedAsync(403, AlbumClient.SmallJpeg, request =>
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/html"));

    [Fact]
    public async Task AMissingTypeIsRefused() => await AssertRefusedAsync(403, AlbumClient.SmallJpeg, request =>
        request.Content!.Headers.ContentType = null);

    [Fact]
    public async Task ALongerObjectIsRefused() => await AssertRefusedAsync(403, [.. AlbumClient.SmallJpeg, 0]);

    [Fact]
    public async Task AShorterObjectIsRefused() => await AssertRefusedAsync(403, AlbumClient.SmallJpeg[..3]);

    [Fact]
    public async Task AnUploadWithoutIfNoneMatchIsRefused() => await AssertRefusedAsync(403, AlbumClient.SmallJpeg, request =>
        request.Headers.Remove("If-None-Match"));

    [Theory]
    [InlineData("X-Amz-Expires=900", "X-Amz-Expires=9000")]
    [InlineData("%3Bif-none-match", "")]
    [InlineData("X-Amz-Signature=", "X-Amz-Signature=0")]
    public async Task ATamperedUrlIsRefused(string part, string other) => await AssertRefusedAsync(403, AlbumClient.SmallJpeg, request =>
    {
        string url = request.RequestUri!.OriginalString;
        Assert.Contains(part, url, StringComparison.Ordinal);
        request.RequestUri = new Uri(url.Replace(part, other, StringComparison.Ordinal));
    });

    [Fact]
    public async Task ASecondUploadOverTheFirstIsRefused()
    {
        ApiResponse grant = await _alice.GrantAsync(4);
        JsonElement upload = grant.Json.GetProperty("upload");
        Assert.Equal(200, (await AlbumClient.PutAsync(upload, AlbumClient.SmallJpeg)).Status);

        Assert.Equal(412, (await AlbumClient.PutAsync(upload, [1, 2, 3, 4])).Status);

        ApiResponse photo = await _alice.WriteAsync(grant.Json.GetProperty("id").GetString()!);
        Assert.Equal(AlbumClient.SmallJpeg, await AlbumClient.GetBytesAsync(photo.Json.GetProperty("url").GetString()!));
    }

    [Fact]
    public async Task AGrantHasOnlyTheHeadersOfItsObject()
    {
        JsonElement headers = (await _alice.GrantAsync(4)).Json.GetProperty("upload").GetProperty("headers");

        Assert.Equal(["Content-Length", "Content-Type", "If-None-Match"], headers.EnumerateObject().Select(header => header.Name));
    }

    /// <summary>The object is deleted with its item, and an upload that comes later is not listed.</summary>
    [Fact]
    public async Task AnUploadAfterADeleteIsNotListed()
    {
        JsonElement grant = (await _alice.GrantAsync(4)).Json;
        string id = grant.GetProperty("id").GetString()!;
        Assert.Equal(200, (await AlbumClient.PutAsync(grant.GetProperty("upload"), AlbumClient.SmallJpeg)).Status);
        Assert.Equal(201, (await _alice.WriteAsync(id)).Status);
        Assert.Equal(204, (await _alice.SendAsync("DELETE", $"/photos/{id}")).Status);

        Assert.Equal(200, (await AlbumClient.PutAsync(grant.GetProperty("upload"), AlbumClient.SmallJpeg)).Status);

        (await _alice.WriteAsync(id)).AssertError(410, "PhotoDeleted", "The photo was deleted.");
        Assert.DoesNotContain(id, await _alice.ListAllAsync());
    }

    [Fact]
    public async Task ABrowserMayUploadFromAnyAllowedOrigin()
    {
        JsonElement upload = (await _alice.GrantAsync(4)).Json.GetProperty("upload");
        using var preflight = new HttpRequestMessage(HttpMethod.Options, upload.GetProperty("url").GetString());
        preflight.Headers.Add("Origin", "https://app.example");
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type,if-none-match");

        ApiResponse allowed = await AlbumClient.SendAsync(preflight);

        Assert.InRange(allowed.Status, 200, 204);
        Assert.Contains("PUT", allowed.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        ApiResponse put = await AlbumClient.PutAsync(upload, AlbumClient.SmallJpeg, request => request.Headers.Add("Origin", "https://app.example"));
        Assert.Equal(200, put.Status);
        Assert.NotNull(put.Header("Access-Control-Allow-Origin"));
        Assert.Contains("ETag", put.Header("Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }

    private async Task AssertRefusedAsync(int status, byte[] bytes, Action<HttpRequestMessage>? change = null)
    {
        ApiResponse grant = await _alice.GrantAsync(4);

        ApiResponse put = await AlbumClient.PutAsync(grant.Json.GetProperty("upload"), bytes, change);

        Assert.Equal(status, put.Status);
        (await _alice.WriteAsync(grant.Json.GetProperty("id").GetString()!)).AssertError(409, "PhotoNotUploaded", "There is no object");
    }
}

using System.Text.Json;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Life;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>A photo, and the grant of its upload.</summary>
internal sealed record RacingPhoto(string Id, JsonElement Upload)
{
    /// <summary>A PNG of one pixel, which RenderPhoto can render.</summary>
    public static byte[] Picture { get; } =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    /// <summary>Creates a photo in a state. It has no renditions.</summary>
    public static async Task<RacingPhoto> CreateAsync(AlbumClient client, PhotoLife life)
    {
        JsonElement grant = (await client.GrantAsync(Picture.Length)).Json;
        var photo = new RacingPhoto(grant.GetProperty("id").GetString()!, grant.GetProperty("upload"));
        if (life.HasObject)
        {
            Assert.Equal(200, (await RacingCall.Upload.SendAsync(client, photo)).Status);
        }

        if (life.Item == PhotoState.Listed)
        {
            Assert.Equal(201, (await RacingCall.Write.SendAsync(client, photo)).Status);
        }
        else if (life.Item == PhotoState.Deleted)
        {
            Assert.Equal(204, (await RacingCall.Delete.SendAsync(client, photo)).Status);
        }

        return photo;
    }
}

/// <summary>A call about one photo.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="SendAsync">Sends it.</param>
internal sealed record RacingCall(PhotoCall Kind, Func<AlbumClient, RacingPhoto, Task<ApiResponse>> SendAsync)
{
    /// <summary>The name that a rename gives.</summary>
    public const string NewName = "renamed.jpg";

    /// <summary>An upload with the photo's grant, which may be the second one.</summary>
    public static RacingCall Upload { get; } = new(PhotoCall.Upload, (_, photo) => AlbumClient.PutAsync(photo.Upload, RacingPhoto.Picture));

    public static RacingCall Write { get; } = new(PhotoCall.Write, (client, photo) => client.WriteAsync(photo.Id));

    public static RacingCall Rename { get; } = new(PhotoCall.Rename, (client, photo) => client.RenameAsync(photo.Id, NewName));

    public static RacingCall Delete { get; } = new(PhotoCall.Delete, (client, photo) => client.SendAsync("DELETE", $"/photos/{photo.Id}"));

    /// <summary>The call for many photos, with one. The status is that of a delete of this photo.</summary>
    public static RacingCall DeleteMany { get; } = new(PhotoCall.Delete, async (client, photo) =>
    {
        ApiResponse response = await client.DeleteManyAsync(photo.Id);
        if (response.Status != 200)
        {
            return response;
        }

        return response.Text == $$"""{"deleted":["{{photo.Id}}"],"notFound":[],"retry":[]}""" ? response with { Status = 204 }
            : response.Text == $$"""{"deleted":[],"notFound":["{{photo.Id}}"],"retry":[]}""" ? response with { Status = 404 }
            : response;
    });

    /// <summary>A delete of the whole album, which has no other photo.</summary>
    public static RacingCall DeleteAll { get; } = new(PhotoCall.DeleteAll, (client, _) => client.DeleteAllAsync());

    /// <param name="kind">What it does.</param>
    /// <param name="number">Which of the calls it is. Of the deletes, every other one is one of many.</param>
    public static RacingCall Of(PhotoCall kind, int number) =>
        new[] { Upload, Write, Rename, number % 2 == 0 ? Delete : DeleteMany, DeleteAll }.Single(call => call.Kind == kind);

    public override string ToString() => $"{Kind}";
}

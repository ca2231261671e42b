using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>What a client asks for.</summary>
/// <param name="Name">For a failure's message.</param>
/// <param name="Requests">The storage requests that it makes, in order, when all goes well.</param>
/// <param name="PrepareAsync">Makes what the call needs; gives the photo's id.</param>
/// <param name="SendAsync">Sends it.</param>
/// <param name="Status">The answer when all goes well.</param>
/// <param name="StatusOfARepeat">The answer to the same again.</param>
internal sealed record Call(
    string Name,
    IReadOnlyList<string> Requests,
    Func<AlbumClient, Task<string>> PrepareAsync,
    Func<AlbumClient, string, Task<HttpAnswer>> SendAsync,
    int Status,
    int StatusOfARepeat)
{
    public static Call List { get; } = new(
        "list", ["Query"], AddAsync, (client, _) => client.SendAsync("GET", "/photos"), 200, 200);

    public static Call Get { get; } = new(
        "get", ["GetItem"], AddAsync, (client, id) => client.SendAsync("GET", $"/photos/{id}"), 200, 200);

    public static Call Write { get; } = new(
        "write", ["HEAD", "PUT", "PutItem", "HEAD"], UploadAsync, (client, id) => client.WriteAsync(id), 201, 200);

    public static Call WriteAgain { get; } = new(
        "write again", ["HEAD", "PUT", "PutItem", "GetItem"], AddAsync, (client, id) => client.WriteAsync(id), 200, 200);

    public static Call Delete { get; } = new(
        "delete", ["DELETE", "DeleteItem"], AddAsync, (client, id) => client.SendAsync("DELETE", $"/photos/{id}"), 204, 404);

    public static IReadOnlyList<Call> All { get; } = [List, Get, Write, WriteAgain, Delete];

    /// <summary>Uploads a photo that is not written yet.</summary>
    public static async Task<string> UploadAsync(AlbumClient client)
    {
        HttpAnswer grant = await client.GrantAsync(AlbumClient.SmallJpeg.Length);
        Assert.Equal(201, grant.Status);
        Assert.Equal(200, (await AlbumClient.PutAsync(grant.Json.GetProperty("upload"), AlbumClient.SmallJpeg)).Status);
        return grant.Json.GetProperty("id").GetString()!;
    }

    public override string ToString() => Name;

    private static Task<string> AddAsync(AlbumClient client) => client.AddPhotoAsync("photo.jpg");
}

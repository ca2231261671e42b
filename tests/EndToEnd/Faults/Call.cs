using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>A call of the API, and what it does when nothing fails.</summary>
/// <param name="Name">The name, for messages.</param>
/// <param name="Route">The route, as <c>METHOD /resource</c>.</param>
/// <param name="Requests">The storage requests that it sends, in order, by their names in the API references.</param>
/// <param name="PrepareAsync">Creates what the call needs, and returns the photo's id.</param>
/// <param name="SendAsync">Sends the call.</param>
/// <param name="Status">The status of the response.</param>
/// <param name="StatusOfARepeat">The status of the response to the same call again.</param>
/// <param name="IsListed">Whether the photo is in the album after the call.</param>
/// <remarks>
/// <c>CoverageTests.EverySuccessOfARouteIsAFaultCase</c> fails for a route, or for a sequence of requests, that is not here.
/// </remarks>
internal sealed record Call(
    string Name,
    string Route,
    IReadOnlyList<string> Requests,
    Func<AlbumClient, Task<string>> PrepareAsync,
    Func<AlbumClient, string, Task<ApiResponse>> SendAsync,
    int Status,
    int StatusOfARepeat,
    bool IsListed)
{
    /// <summary>The photo's name after the call, if it is in the album.</summary>
    public string PhotoName { get; init; } = "photo.jpg";

    public static Call List { get; } = new(
        "list", "GET /photos", ["Query"],
        AddAsync, (client, _) => client.SendAsync("GET", "/photos"), 200, 200, IsListed: true);

    public static Call Get { get; } = new(
        "get", "GET /photos/{id}", ["GetItem"],
        AddAsync, (client, id) => client.SendAsync("GET", $"/photos/{id}"), 200, 200, IsListed: true);

    public static Call Grant { get; } = new(
        "grant", "POST /photos/uploads", ["PutItem"],
        _ => Task.FromResult(""), (client, _) => client.GrantAsync(AlbumClient.SmallJpeg.Length), 201, 201, IsListed: false);

    public static Call Write { get; } = new(
        "write", "POST /photos", ["HeadObject", "UpdateItem"],
        UploadAsync, (client, id) => client.WriteAsync(id), 201, 200, IsListed: true);

    public static Call WriteAgain { get; } = new(
        "write again", "POST /photos", ["HeadObject", "UpdateItem"],
        AddAsync, (client, id) => client.WriteAsync(id), 200, 200, IsListed: true);

    public static Call WriteWithoutObject { get; } = new(
        "write without object", "POST /photos", ["HeadObject", "GetObject", "GetItem"],
        GrantAsync, (client, id) => client.WriteAsync(id), 409, 409, IsListed: false);

    public static Call Rename { get; } = new(
        "rename", "PATCH /photos/{id}", ["UpdateItem"],
        AddAsync, (client, id) => client.RenameAsync(id, "renamed.jpg"), 200, 200, IsListed: true)
    {
        PhotoName = "renamed.jpg",
    };

    public static Call Delete { get; } = new(
        "delete", "DELETE /photos/{id}", ["UpdateItem", "DeleteObject"],
        AddAsync, (client, id) => client.SendAsync("DELETE", $"/photos/{id}"), 204, 204, IsListed: false);

    public static Call DeleteAgain { get; } = new(
        "delete again", "DELETE /photos/{id}", ["UpdateItem"],
        DeletedAsync, (client, id) => client.SendAsync("DELETE", $"/photos/{id}"), 204, 204, IsListed: false);

    public static Call DeleteByQuery { get; } = Delete with
    {
        Name = "delete by query",
        Route = "DELETE /photos",
        SendAsync = (client, id) => client.SendAsync("DELETE", $"/photos?id={id}"),
    };

    public static Call DeleteAgainByQuery { get; } = DeleteAgain with
    {
        Name = "delete again by query",
        Route = DeleteByQuery.Route,
        SendAsync = DeleteByQuery.SendAsync,
    };

    public static Call DeleteMany { get; } = Delete with
    {
        Name = "delete many",
        Route = "POST /photos/deletions",
        SendAsync = (client, id) => client.DeleteManyAsync(id),
        Status = 200,
        StatusOfARepeat = 200,
    };

    public static Call DeleteManyAgain { get; } = DeleteAgain with
    {
        Name = "delete many again",
        Route = DeleteMany.Route,
        SendAsync = DeleteMany.SendAsync,
        Status = 200,
        StatusOfARepeat = 200,
    };

    public static IReadOnlyList<Call> All { get; } =
    [
        List, Get, Grant, Write, WriteAgain, WriteWithoutObject, Rename, Delete, DeleteAgain, DeleteByQuery, DeleteAgainByQuery, DeleteMany, DeleteManyAgain,
    ];

    /// <summary>
    /// A success that needs another call between two of its requests, so it is not in <see cref="All"/>:
    /// <see cref="OneLifeTests.AWriteThatAnUploadAndAWriteOvertakeGetsThePhoto"/> has it.
    /// </summary>
    public static Call OvertakenWrite { get; } = WriteWithoutObject with { Name = "overtaken write", Status = 200, StatusOfARepeat = 200, IsListed = true };

    /// <summary>Uploads a photo that is not written yet.</summary>
    public static async Task<string> UploadAsync(AlbumClient client)
    {
        ApiResponse grant = await client.GrantAsync(AlbumClient.SmallJpeg.Length);
        Assert.Equal(201, grant.Status);
        Assert.Equal(200, (await AlbumClient.PutAsync(grant.Json.GetProperty("upload"), AlbumClient.SmallJpeg)).Status);
        return grant.Json.GetProperty("id").GetString()!;
    }

    /// <summary>Whether the call succeeds whatever happens to one of its requests: SweepPhoto does later what the request should have done.</summary>
    /// <param name="step">The request.</param>
    public bool Survives(int step) => Requests[step] == "DeleteObject";

    public override string ToString() => Name;

    private static async Task<string> GrantAsync(AlbumClient client)
    {
        ApiResponse grant = await client.GrantAsync(AlbumClient.SmallJpeg.Length);
        Assert.Equal(201, grant.Status);
        return grant.Json.GetProperty("id").GetString()!;
    }

    private static async Task<string> DeletedAsync(AlbumClient client)
    {
        string id = await AddAsync(client);
        Assert.Equal(204, (await client.SendAsync("DELETE", $"/photos/{id}")).Status);
        return id;
    }

    private static Task<string> AddAsync(AlbumClient client) => client.AddPhotoAsync("photo.jpg");
}

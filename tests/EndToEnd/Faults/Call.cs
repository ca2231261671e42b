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

    public static Call DeleteAll { get; } = new(
        "delete all", "DELETE /album", ["Query", "UpdateItem", "DeleteObject"],
        AddAsync, (client, _) => client.DeleteAllAsync(), 204, 204, IsListed: false);

    public static Call DeleteTwo { get; } = DeleteAll with
    {
        Name = "delete all of two",
        Requests = ["Query", "UpdateItem", "DeleteObject", "UpdateItem", "DeleteObject"],
        PrepareAsync = async client =>
        {
            await AddAsync(client);
            return await AddAsync(client);
        },
    };

    public static Call DeleteNone { get; } = DeleteAll with { Name = "delete all of none", Requests = ["Query"], PrepareAsync = DeletedAsync };

    public static IReadOnlyList<Call> All { get; } =
    [
        List, Get, Grant, Write, WriteAgain, WriteWithoutObject, Rename, Delete, DeleteAgain, DeleteByQuery, DeleteAgainByQuery, DeleteMany, DeleteManyAgain,
        DeleteAll, DeleteTwo, DeleteNone,
    ];

    /// <summary><see cref="OneLifeTests.AWriteThatAnUploadAndAWriteOvertakeGetsThePhoto"/> has it.</summary>
    public static Call OvertakenWrite { get; } = WriteWithoutObject with { Name = "overtaken write", Status = 200, StatusOfARepeat = 200, IsListed = true };

    /// <summary><see cref="OneLifeTests.ADeleteOfAllThatADeleteOvertakesLeavesNothing"/> has it.</summary>
    public static Call OvertakenDeleteAll { get; } = DeleteAll with { Name = "overtaken delete all", Requests = ["Query", "UpdateItem"] };

    /// <summary><see cref="OneLifeTests.ADeleteOfAllThatADeleteOvertakesLeavesNothing"/> has it.</summary>
    public static Call OvertakenDeleteTwo { get; } = DeleteTwo with { Name = "overtaken delete all of two", Requests = ["Query", "UpdateItem", "DeleteObject", "UpdateItem"] };

    /// <summary><see cref="OneLifeTests.ADeleteOfAllThatFailsInTheMiddleSaysThatPhotosRemain"/> has it.</summary>
    public static Call UnfinishedDeleteTwo { get; } = OvertakenDeleteTwo with { Name = "unfinished delete all of two", Status = 202 };

    /// <summary>Successes that need another call between two of their requests, or a fault, so they are not in <see cref="All"/>.</summary>
    public static IReadOnlyList<Call> Special { get; } = [OvertakenWrite, OvertakenDeleteAll, OvertakenDeleteTwo, UnfinishedDeleteTwo];

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
    /// <param name="always">Whether it happens to all later requests, too.</param>
    public bool Survives(int step, bool always) => Requests[step] == "DeleteObject" && (!always || step == Requests.Count - 1);

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

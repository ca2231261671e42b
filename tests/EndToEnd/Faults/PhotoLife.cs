using System.Text.Json;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>What is stored of a photo, and how calls change it.</summary>
/// <param name="Item">The state of its item.</param>
/// <param name="HasObject">Whether the bucket has its object.</param>
internal sealed record PhotoLife(PhotoState Item, bool HasObject)
{
    /// <summary>The states in which a client may leave a photo.</summary>
    public static IReadOnlyList<PhotoLife> Starts { get; } =
    [
        new(PhotoState.Granted, HasObject: false),
        new(PhotoState.Granted, HasObject: true),
        new(PhotoState.Listed, HasObject: true),
        new(PhotoState.Deleted, HasObject: false),
    ];

    /// <summary>The results of every order of the storage requests of two calls.</summary>
    public static IEnumerable<RaceResult> Race(PhotoLife start, RacingCall first, RacingCall second) =>
        Run(start, first, new Progress(0, null), second, new Progress(0, null)).Distinct();

    public override string ToString() => $"{Item} {(HasObject ? "with" : "without")} an object";

    private static List<RaceResult> Run(PhotoLife life, RacingCall first, Progress one, RacingCall second, Progress other)
    {
        if (one.Status is int statusOfFirst && other.Status is int statusOfSecond)
        {
            return [new RaceResult(statusOfFirst, statusOfSecond, life.Item == PhotoState.Listed ? 200 : 404, StatusOfWrite(life))];
        }

        List<RaceResult> results = [];
        if (one.Status is null)
        {
            (Progress next, PhotoLife after) = first.Step(one.Step, life);
            results.AddRange(Run(after, first, next, second, other));
        }

        if (other.Status is null)
        {
            (Progress next, PhotoLife after) = second.Step(other.Step, life);
            results.AddRange(Run(after, first, one, second, next));
        }

        return results;
    }

    private static int StatusOfWrite(PhotoLife life)
    {
        (Progress head, _) = RacingCall.Write.Step(0, life);
        return RacingCall.Write.Step(head.Step, life).Next.Status!.Value;
    }
}

/// <summary>How far a call is: its next step, or the status of its response.</summary>
internal sealed record Progress(int Step, int? Status)
{
    public static Progress To(int step) => new(step, Status: null);

    public static Progress End(int status) => new(0, status);
}

/// <summary>The statuses of two calls, and those of a get and a write after them.</summary>
internal sealed record RaceResult(int First, int Second, int Get, int Write)
{
    public override string ToString() => $"{First} and {Second}, then get {Get} and write {Write}";
}

/// <summary>A photo, and the grant of its upload.</summary>
internal sealed record RacingPhoto(string Id, JsonElement Upload)
{
    /// <summary>Creates a photo in a state.</summary>
    public static async Task<RacingPhoto> CreateAsync(AlbumClient client, PhotoLife life)
    {
        JsonElement grant = (await client.GrantAsync(AlbumClient.SmallJpeg.Length)).Json;
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
/// <param name="Name">The name, for messages.</param>
/// <param name="MaxRequests">The most storage requests that it sends.</param>
/// <param name="SendAsync">Sends it.</param>
/// <param name="Step">What one of its storage requests finds and changes, and what follows.</param>
internal sealed record RacingCall(
    string Name,
    int MaxRequests,
    Func<AlbumClient, RacingPhoto, Task<ApiResponse>> SendAsync,
    Func<int, PhotoLife, (Progress Next, PhotoLife After)> Step)
{
    /// <summary>An upload with the photo's grant, which may be the second one.</summary>
    public static RacingCall Upload { get; } = new(
        "upload",
        1,
        (_, photo) => AlbumClient.PutAsync(photo.Upload, AlbumClient.SmallJpeg),
        (_, life) => (Progress.End(life.HasObject ? 412 : 200), life with { HasObject = true }));

    public static RacingCall Write { get; } = new(
        "write",
        2,
        (client, photo) => client.WriteAsync(photo.Id),
        (step, life) => (step, life.Item) switch
        {
            (0, _) => (Progress.To(life.HasObject ? 1 : 2), life),
            (1, PhotoState.Granted) => (Progress.End(201), life with { Item = PhotoState.Listed }),
            (2, PhotoState.Granted) => (Progress.End(409), life),
            (_, PhotoState.Listed) => (Progress.End(200), life),
            _ => (Progress.End(410), life),
        });

    public static RacingCall Delete { get; } = new(
        "delete",
        2,
        (client, photo) => client.SendAsync("DELETE", $"/photos/{photo.Id}"),
        (step, life) => (step, life.Item) switch
        {
            (0, PhotoState.Granted or PhotoState.Listed) => (Progress.To(1), life with { Item = PhotoState.Deleted }),
            (0, PhotoState.Deleted) => (Progress.End(204), life),
            (0, _) => (Progress.End(404), life),
            _ => (Progress.End(204), life with { HasObject = false }),
        });

    public static IReadOnlyList<RacingCall> All { get; } = [Upload, Write, Delete];

    public override string ToString() => Name;
}

using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.EndToEnd.Faults;

namespace Photos.Tests.EndToEnd.Upgrade;

/// <summary>What is stored of a photo that two versions change, and how each call changes it.</summary>
/// <param name="Item">The state of its item; the previous release's grants have none.</param>
/// <param name="HasTag">Whether its object has a tag, by which the bucket removes it; <see langword="null"/> if there is no object.</param>
internal sealed record MixedLife(PhotoState Item, bool? HasTag)
{
    /// <summary>Whether an object stays that no item names and that no rule of the bucket removes.</summary>
    public bool IsOrphan => HasTag == false && Item is PhotoState.None;
}

/// <summary>A call, as one of the versions handles it.</summary>
/// <param name="Name">The name, for messages.</param>
/// <param name="Version">The version; <see langword="null"/> for an upload, which no function handles.</param>
/// <param name="SendAsync">Sends it.</param>
/// <param name="Run">The response, as a status and the code of an error, and what is stored after it.</param>
internal sealed record MixedCall(
    string Name,
    string? Version,
    Func<AlbumClient, RacingPhoto, Task<ApiResponse>> SendAsync,
    Func<MixedLife, (string Response, MixedLife After)> Run)
{
    private const string NotUploaded = "409 PhotoNotUploaded";

    /// <param name="isTagged">Whether the grant is one of the previous release.</param>
    public static MixedCall Upload(bool isTagged) => new(
        "upload", Version: null, RacingCall.Upload.SendAsync,
        life => life.HasTag is null ? ("200", life with { HasTag = isTagged }) : ("412", life));

    public static MixedCall OldWrite { get; } = new(
        "old write", ReleasedAlbum.Previous, RacingCall.Write.SendAsync,
        life => (life.HasTag, life.Item) switch
        {
            (null, _) => (NotUploaded, life),

            // It does not know tombstones.
            (_, PhotoState.Deleted) => (NotUploaded, life with { HasTag = false }),
            (_, PhotoState.Listed) => ("200", life with { HasTag = false }),
            _ => ("201", new MixedLife(PhotoState.Listed, HasTag: false)),
        });

    public static MixedCall NewWrite { get; } = new(
        "new write", ReleasedAlbum.This, RacingCall.Write.SendAsync,
        life => (life.HasTag, life.Item) switch
        {
            (_, PhotoState.Deleted) => ("410 PhotoDeleted", life),
            (_, PhotoState.Listed) => ("200", life),
            (null, PhotoState.Granted) => (NotUploaded, life),
            (_, PhotoState.Granted) => ("201", life with { Item = PhotoState.Listed }),

            // A grant of the previous release has no item.
            _ => ("410 GrantExpired", life),
        });

    public static MixedCall OldDelete { get; } = new(
        "old delete", ReleasedAlbum.Previous, RacingCall.Delete.SendAsync,
        life => life.Item is PhotoState.Granted or PhotoState.Listed
            ? ("204", new MixedLife(PhotoState.None, HasTag: null))
            : ("404 PhotoNotFound", life with { HasTag = null }));

    public static MixedCall NewDelete { get; } = new(
        "new delete", ReleasedAlbum.This, RacingCall.Delete.SendAsync,
        life => life.Item switch
        {
            PhotoState.Granted or PhotoState.Listed => ("204", new MixedLife(PhotoState.Deleted, HasTag: null)),
            PhotoState.Deleted => ("204", life),
            _ => ("404 PhotoNotFound", life),
        });

    public override string ToString() => Name;

    /// <summary>A response as <see cref="Run"/> has it.</summary>
    public static string Describe(ApiResponse response) =>
        response.Status < 400 || response.ContentHeaders.ContentType?.MediaType != "application/json"
            ? $"{response.Status}"
            : $"{response.Status} {response.Json.GetProperty("code").GetString()}";
}

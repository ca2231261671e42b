using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Photos.Album;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>The state of a photo.</summary>
/// <param name="Item">The state of its item.</param>
/// <param name="HasObject">Whether its object is in the bucket.</param>
/// <param name="Name">Its name, from the grant until the delete; <see langword="null"/> when it is deleted.</param>
internal readonly record struct ModelState(PhotoState Item, bool HasObject, string? Name)
{
    public bool IsListed => Item == PhotoState.Listed;
}

/// <summary>A photo that a user has, had, or has a grant for.</summary>
/// <param name="id">Its id.</param>
/// <param name="url">The URL of its object, without a signature.</param>
/// <param name="bytes">The bytes of its object.</param>
/// <param name="contentType">The media type of its object.</param>
/// <param name="upload">The grant, if the user has one.</param>
internal sealed class ModelPhoto(string id, string url, byte[] bytes, string contentType, JsonElement upload = default)
{
    // The functions escape only what JSON requires.
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly TimeSpan s_grantUse = TimeSpan.FromMinutes(10);

    private readonly Stopwatch _age = Stopwatch.StartNew();

    public string Id => id;

    public byte[] Bytes => bytes;

    public JsonElement Upload => upload;

    /// <summary>Whether the user has a grant for it that will not expire soon.</summary>
    public bool CanUpload => upload.ValueKind != JsonValueKind.Undefined && _age.Elapsed < s_grantUse;

    /// <summary>
    /// The state, of which only <see cref="ModelState.HasObject"/> may be uncertain; between two renames at once and the next response that
    /// has the photo, <see cref="ModelState.Name"/> too.
    /// </summary>
    public ModelState State { get; set; }

    /// <summary>
    /// The states in which it may be. There are two after an upload to a deleted photo, because SweepPhoto may delete the object at
    /// any time, and after two renames at once, because their responses do not show which one was the last.
    /// </summary>
    public IReadOnlyList<ModelState> PossibleStates { get; set; } = [];

    /// <summary>The object in the form of <see cref="Responses.Describe"/>.</summary>
    public string Object { get; } = $"{contentType} {Convert.ToHexString(SHA256.HashData(bytes))}";

    /// <summary>The photo in the form of <see cref="Responses.Describe"/>.</summary>
    public string Json => JsonSerializer.Serialize(new { id, name = State.Name, date = PhotoRules.FormatDate(PhotoId.Parse(id).Time), size = bytes.Length, contentType, url }, s_json);
}

/// <summary>The expected state of one user's album. Each method does what a call does, and returns the expected response.</summary>
internal sealed class AlbumModel(string user)
{
    private const string NotFound = """404 {"code":"PhotoNotFound"}""";
    private const string NotUploaded = """409 {"code":"PhotoNotUploaded"}""";
    private const string Deleted = """410 {"code":"PhotoDeleted"}""";
    private const string GrantExpired = """410 {"code":"GrantExpired"}""";

    /// <summary>Newest first: a photo of a later millisecond has the greater id (RFC 9562, 5.7), and within a millisecond the order is that of the ids.</summary>
    private readonly SortedDictionary<string, ModelPhoto> _photos = new(Comparer<string>.Create((a, b) => string.CompareOrdinal(b, a)));

    /// <summary>The photos in the album, and others that are deleted or not written yet.</summary>
    public IReadOnlyCollection<ModelPhoto> Photos => _photos.Values;

    public IEnumerable<ModelPhoto> Listed => _photos.Values.Where(photo => photo.State.IsListed);

    public void Add(ModelPhoto photo) => _photos.Add(photo.Id, photo);

    public void Forget(ModelPhoto photo) => _photos.Remove(photo.Id);

    public ModelPhoto? Find(string id) => _photos.GetValueOrDefault(id);

    public static string Upload(ModelPhoto photo)
    {
        if (photo.State.HasObject)
        {
            return "412";
        }

        photo.State = photo.State with { HasObject = true };
        return "200";
    }

    /// <param name="photo">The photo.</param>
    /// <param name="name">The name; <see langword="null"/> for that of the grant.</param>
    public static string Write(ModelPhoto photo, string? name)
    {
        switch (photo.State)
        {
            case { Item: PhotoState.Granted, HasObject: false }:
                return NotUploaded;
            case { Item: PhotoState.Granted }:
                photo.State = photo.State with { Item = PhotoState.Listed, Name = name ?? photo.State.Name };
                return $"201 {photo.Json}";
            case { IsListed: true }:
                return $"200 {photo.Json}";
            case { Item: PhotoState.Deleted }:
                return Deleted;
            default:
                return GrantExpired;
        }
    }

    public static string Rename(ModelPhoto photo, string name)
    {
        switch (photo.State.Item)
        {
            case PhotoState.Listed:
                photo.State = photo.State with { Name = name };
                return $"200 {photo.Json}";
            case PhotoState.Deleted:
                return Deleted;
            default:
                return NotFound;
        }
    }

    public static string Delete(ModelPhoto photo)
    {
        switch (photo.State.Item)
        {
            case PhotoState.None:
                return NotFound;
            case PhotoState.Deleted:
                // Only the first delete deletes the object.
                return "204";
            default:
                photo.State = new ModelState(PhotoState.Deleted, HasObject: false, Name: null);
                return "204";
        }
    }

    /// <summary>Of different photos, each of which is deleted as by <see cref="Delete"/>.</summary>
    public static string DeleteMany(IEnumerable<ModelPhoto> photos)
    {
        ILookup<bool, string> ids = photos.ToLookup(photo => Delete(photo) != NotFound, photo => $"\"{photo.Id}\"");
        return $$"""200 {"deleted":[{{string.Join(',', ids[true])}}],"notFound":[{{string.Join(',', ids[false])}}],"retry":[]}""";
    }

    /// <summary>What a delete of all photos does to one of them.</summary>
    public static string DeleteAll(ModelPhoto photo)
    {
        Delete(photo);
        return "204";
    }

    /// <summary>What a delete of all photos does to the others.</summary>
    public void DeleteAllBut(ModelPhoto one)
    {
        foreach (ModelPhoto photo in Photos.Where(photo => photo != one && photo.State.Item != PhotoState.Deleted))
        {
            Delete(photo);
            photo.PossibleStates = [photo.State];
        }
    }

    /// <summary>What SweepPhoto does: it deletes the object of a deleted photo.</summary>
    public static void Sweep(ModelPhoto photo)
    {
        if (photo.State.Item == PhotoState.Deleted)
        {
            photo.State = photo.State with { HasObject = false };
        }
    }

    public static string Get(ModelPhoto photo) => photo.State.IsListed ? $"200 {photo.Json}" : NotFound;

    public static string Download(ModelPhoto photo) => photo.State.HasObject ? $"200 {photo.Object}" : "404";

    /// <param name="limit">The most photos on the page.</param>
    /// <param name="after">The last id of the previous page.</param>
    public string List(int limit, string? after)
    {
        ModelPhoto[] rest = [.. Listed.Where(photo => after is null || string.CompareOrdinal(photo.Id, after) < 0).Take(limit + 1)];
        string photos = string.Join(',', rest.Take(limit).Select(photo => photo.Json));
        return $$"""200 {"id":"{{user}}","photos":[{{photos}}]{{(rest.Length > limit ? ",\"next\"" : "")}}}""";
    }
}

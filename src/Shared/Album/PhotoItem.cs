using System.Globalization;
using System.Text.Json;
using Amazon.DynamoDBv2.Model;

namespace Photos.Album;

/// <summary>A photo's item in the table: the names of its attributes, and how it is read and written.</summary>
/// <remarks>
/// An item without <see cref="State"/> is a listed photo. Readers skip all other items, so that a later version of the functions
/// can add states.
/// </remarks>
internal static class PhotoItem
{
    private const long MaxUnixSeconds = 253_402_300_799;

    /// <summary>The partition key: the user.</summary>
    public const string User = "id";

    /// <summary>The sort key: the photo's id.</summary>
    public const string Id = "photoId";

    /// <summary>Absent from a listed photo.</summary>
    public const string State = "state";

    /// <summary>The state of an upload that is granted and not yet written.</summary>
    public const string Granted = "granted";

    /// <summary>The state of a photo that was deleted.</summary>
    public const string Deleted = "deleted";

    /// <summary>When the item may be removed: the table's TTL attribute, in seconds since 1970.</summary>
    public const string Expires = "expires";

    /// <summary><see cref="Photo.Name"/></summary>
    public const string Name = "name";

    /// <summary><see cref="Photo.Date"/></summary>
    public const string Date = "date";

    /// <summary><see cref="Photo.Size"/></summary>
    public const string Size = "size";

    /// <summary><see cref="Photo.ContentType"/></summary>
    public const string ContentType = "contentType";

    /// <summary><see cref="Photo.Status"/>; absent while it is <see cref="PhotoStatus.Processing"/>.</summary>
    public const string Rendered = "rendered";

    /// <summary>The value of <see cref="Rendered"/> for <see cref="PhotoStatus.Ready"/>.</summary>
    public const string Ready = "ready";

    /// <summary>The value of <see cref="Rendered"/> for <see cref="PhotoStatus.Unsupported"/>.</summary>
    public const string Unsupported = "unsupported";

    /// <summary><see cref="Picture.Width"/></summary>
    public const string Width = "width";

    /// <summary><see cref="Picture.Height"/></summary>
    public const string Height = "height";

    /// <summary><see cref="Picture.Taken"/></summary>
    public const string Taken = "taken";

    /// <summary>
    /// When the photo was taken, in the format of <see cref="PhotoRules.FormatDate"/>: <see cref="Taken"/> in UTC, which is taken to be
    /// UTC if it has no offset, otherwise the time in the id. Only a listed photo has it.
    /// </summary>
    public const string TakenUtc = "takenUtc";

    /// <summary>The index of the items that have <see cref="TakenUtc"/>, partitioned by user, sorted by it.</summary>
    public const string ByTaken = "ByTaken";

    /// <summary>The key of a photo's item.</summary>
    public static Dictionary<string, AttributeValue> Key(UserId user, PhotoId id) => new()
    {
        [User] = new AttributeValue(user.Value),
        [Id] = new AttributeValue(id.Value),
    };

    /// <summary>The item of a listed photo.</summary>
    public static Dictionary<string, AttributeValue> Of(UserId user, Photo photo)
    {
        Dictionary<string, AttributeValue> item = Key(user, photo.Id);
        item[Name] = new AttributeValue(photo.Name);
        item[Date] = new AttributeValue(photo.Date);
        item[Size] = Number(photo.Size);
        item[ContentType] = new AttributeValue(photo.ContentType);
        return item;
    }

    /// <summary>A number.</summary>
    public static AttributeValue Number(long value) => new() { N = value.ToString(CultureInfo.InvariantCulture) };

    /// <summary>A time in whole seconds, as TTL requires it.</summary>
    public static AttributeValue Time(DateTimeOffset time) => Number(time.ToUnixTimeSeconds());

    /// <summary>When the item may be removed; <see langword="null"/> if it may not.</summary>
    public static DateTimeOffset? ExpiryOf(JsonElement item) =>
        long.TryParse(Text(item, Expires, "N"), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds <= MaxUnixSeconds
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    /// <summary>The item's state; <see langword="null"/> for a listed photo.</summary>
    public static string? StateOf(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(State, out JsonElement state) ? Value(state, "S") ?? "" : null;

    /// <summary>The id of an item or a key; <see langword="null"/> if it has none.</summary>
    public static PhotoId? IdOf(JsonElement item) => PhotoId.TryParse(Text(item, Id, "S"), out PhotoId id) ? id : null;

    /// <summary>The <see cref="TakenUtc"/> of an item or a key; <see langword="null"/> if it has none that is valid.</summary>
    public static string? TakenUtcOf(JsonElement item) =>
        Text(item, TakenUtc, "S") is string time && PhotoRules.TryParseDate(time, out _) ? time : null;

    /// <summary>The user of an item or a key; <see langword="null"/> if it has none.</summary>
    public static UserId? UserOf(JsonElement item) => UserId.TryParse(Text(item, User, "S"), out UserId user) ? user : null;

    /// <summary>Whether the item has <see cref="Rendered"/>, valid or not.</summary>
    public static bool IsRendered(JsonElement item) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(Rendered, out _);

    /// <summary>Reads the item of a listed photo.</summary>
    /// <returns><see langword="null"/> if the item is not a photo.</returns>
    public static Photo? Read(JsonElement item) =>
        IdOf(item) is PhotoId id
            && Text(item, Name, "S") is string name
            && Text(item, Date, "S") is string date
            && long.TryParse(Text(item, Size, "N"), NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            && Text(item, ContentType, "S") is string contentType
            ? WithRendering(new Photo(id, name, date, size, contentType), item)
            : null;

    /// <summary>
    /// Adds what was rendered. The renditions can be made again, so an item where this is malformed, or that a later version wrote,
    /// is listed like one that is not rendered yet.
    /// </summary>
    private static Photo WithRendering(Photo photo, JsonElement item) => Text(item, Rendered, "S") switch
    {
        Ready when Pixels(item, Width) is int width && Pixels(item, Height) is int height =>
            photo with { Status = PhotoStatus.Ready, Picture = new Picture(width, height, Text(item, Taken, "S")) },
        Unsupported => photo with { Status = PhotoStatus.Unsupported },
        _ => photo,
    };

    private static int? Pixels(JsonElement item, string name) =>
        int.TryParse(Text(item, name, "N"), NumberStyles.None, CultureInfo.InvariantCulture, out int pixels) && pixels > 0 ? pixels : null;

    /// <summary>The key of an item, for the log.</summary>
    public static string Describe(JsonElement item) =>
        $"{User} {Text(item, User, "S") ?? "(none)"}, {Id} {Text(item, Id, "S") ?? "(none)"}";

    private static string? Text(JsonElement item, string name, string type) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out JsonElement attribute) ? Value(attribute, type) : null;

    /// <summary>An attribute's value: <c>{"S":"text"}</c> or <c>{"N":"1"}</c>.</summary>
    /// <remarks>https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html</remarks>
    private static string? Value(JsonElement attribute, string type)
    {
        if (attribute.ValueKind != JsonValueKind.Object || !attribute.TryGetProperty(type, out JsonElement value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // An unpaired surrogate, which DynamoDB cannot store.
            return null;
        }
    }
}

namespace Photos.Album;

/// <summary>A photo's metadata.</summary>
/// <param name="Id">The id, unique in the user's album.</param>
/// <param name="Name">The name the user gave it; see <see cref="PhotoRules.CheckName"/>.</param>
/// <param name="Date">When it was written, ISO 8601 UTC, stored as the text that clients receive.</param>
/// <param name="Size">The object's size in bytes.</param>
/// <param name="ContentType">The object's media type, one of <see cref="PhotoRules.ContentTypes"/>.</param>
public sealed record Photo(PhotoId Id, string Name, string Date, long Size, string ContentType);

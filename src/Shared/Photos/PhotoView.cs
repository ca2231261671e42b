namespace Album.Photos;

/// <summary>A photo as clients get it.</summary>
/// <param name="Url">A presigned GET of the object.</param>
/// <inheritdoc cref="Photo"/>
public sealed record PhotoView(string Id, string Name, string Date, long Size, string ContentType, string Url)
{
    /// <summary>The view of <paramref name="photo"/>.</summary>
    public static PhotoView Of(Photo photo, string url) =>
        new(photo.Id.Value, photo.Name, photo.Date, photo.Size, photo.ContentType, url);
}

using Photos.Album;

namespace Photos.Api;

/// <summary>A photo as clients receive it.</summary>
/// <param name="Url">A presigned URL that downloads the object.</param>
/// <inheritdoc cref="Photo"/>
public sealed record PhotoView(string Id, string Name, string Date, long Size, string ContentType, string Url)
{
    /// <summary>The view of <paramref name="photo"/>.</summary>
    public static PhotoView Of(Photo photo, string url) =>
        new(photo.Id.Value, photo.Name, photo.Date, photo.Size, photo.ContentType, url);
}

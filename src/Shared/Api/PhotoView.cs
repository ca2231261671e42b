using System.Text.Json.Serialization;
using Photos.Album;

namespace Photos.Api;

/// <summary>A photo as clients receive it.</summary>
/// <param name="Url">A presigned URL of the object.</param>
/// <param name="Status"><c>processing</c>, <c>ready</c> or <c>unsupported</c>.</param>
/// <inheritdoc cref="Photo"/>
public sealed record PhotoView(string Id, string Name, string Date, long Size, string ContentType, string Url, string Status)
{
    /// <summary>A presigned URL of the thumbnail. This and the following members are absent unless the photo is ready.</summary>
    public string? ThumbnailUrl { get; init; }

    /// <inheritdoc cref="Picture"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Width { get; init; }

    /// <inheritdoc cref="Picture"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Height { get; init; }

    /// <inheritdoc cref="Picture"/>
    public string? Taken { get; init; }

    /// <summary>A presigned URL of the preview; absent from lists.</summary>
    public string? PreviewUrl { get; init; }

    /// <summary>A presigned URL that saves the object under the photo's name, whatever its status; absent from lists.</summary>
    public string? DownloadUrl { get; init; }

    /// <summary>A photo as lists have it.</summary>
    public static PhotoView Of(UserId user, Photo photo, PhotoUrls urls)
    {
        string url = urls.Original(user, photo.Id);
        return photo.Picture is not Picture picture
            ? new(photo.Id.Value, photo.Name, photo.Date, photo.Size, photo.ContentType, url, photo.Status == PhotoStatus.Unsupported ? "unsupported" : "processing")
            : new(photo.Id.Value, photo.Name, photo.Date, photo.Size, photo.ContentType, url, "ready")
            {
                ThumbnailUrl = urls.Rendition(user, photo.Id, PhotoBucket.Thumbnail),
                Width = picture.Width,
                Height = picture.Height,
                Taken = picture.Taken,
            };
    }
}

namespace Photos.RenderPhoto;

/// <summary>What was made of a picture.</summary>
/// <param name="Width">The original's width in pixels, upright.</param>
/// <param name="Height">The original's height in pixels, upright.</param>
/// <param name="Taken">
/// When the picture was taken, ISO 8601: <c>2024-05-01T12:34:56+02:00</c>, without an offset if the picture has none;
/// <see langword="null"/> if unknown.
/// </param>
/// <param name="Thumbnail">The file of the thumbnail, WebP.</param>
/// <param name="Preview">The file of the preview, WebP.</param>
internal sealed record RenderedPicture(int Width, int Height, string? Taken, string Thumbnail, string Preview);

using NetVips;

namespace Photos.RenderPhoto;

/// <summary>Writes the thumbnail and the preview of a picture: WebP, upright, sRGB, without metadata.</summary>
internal static class Renditions
{
    /// <summary>The file name of the thumbnail, which fits 512 × 512 pixels.</summary>
    public const string Thumbnail = "thumbnail";

    /// <summary>The file name of the preview, which fits 2048 × 2048 pixels.</summary>
    public const string Preview = "preview";

    // The largest square whose sides a WebP image can have; also the limit of other services.
    private const long MaxPixels = 16_383L * 16_383;

    private const int PreviewSide = 2048;
    private const int ThumbnailSide = 512;
    private const string ExifField = "exif-data";
    private const string OrientationField = "orientation";
    private const string ProfileField = "icc-profile-data";

    // The only loaders of libvips that may run, by class name.
    private static readonly string[] s_loaders =
        ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadNsgif", "VipsForeignLoadWebp", "VipsForeignLoadHeif"];

    /// <param name="original">The file of the picture.</param>
    /// <param name="format">The format that the file's first bytes say.</param>
    /// <param name="folder">The folder that gets the renditions.</param>
    /// <exception cref="VipsException">The picture cannot be decoded.</exception>
    /// <exception cref="HeifException">The picture cannot be decoded.</exception>
    public static DecodeResult Write(string original, PictureFormat format, string folder)
    {
        Operation.Block("VipsForeignLoad", state: true);
        foreach (string loader in s_loaders)
        {
            Operation.Block(loader, state: false);
        }

        // Each operation runs once.
        Cache.Max = 0;
        return format == PictureFormat.Heic ? WriteHeic(original, folder) : WriteOther(original, folder);
    }

    private static DecodeResult WriteOther(string original, string folder)
    {
        // Reads only the header. Of an animation, libvips reads the first frame.
        using Image header = Image.NewFromFile(original, access: Enums.Access.Sequential);
        if (Refusal(header.Width, header.Height) is string refusal)
        {
            return new DecodeResult(refusal);
        }

        // From the file, so that the decoder scales down where it can. A damaged picture shows as far as it goes, as in browsers.
        using Image preview = Image.Thumbnail(
            original, PreviewSide, PreviewSide, Enums.Size.Down, outputProfile: OutputProfile(header), failOn: Enums.FailOn.None);
        Write(preview, folder);

        // EXIF orientations from 5 on swap the sides.
        bool isSwapped = header.Contains(OrientationField) && (int)header.Get(OrientationField) >= 5;
        return new DecodeResult(
            null,
            isSwapped ? header.Height : header.Width,
            isSwapped ? header.Width : header.Height,
            header.Contains(ExifField) ? ExifDate.Read((byte[])header.Get(ExifField)) : null);
    }

    private static DecodeResult WriteHeic(string original, string folder)
    {
        using var picture = HeifPicture.Open(original);
        if (Refusal(picture.Width, picture.Height) is string refusal)
        {
            return new DecodeResult(refusal);
        }

        using (HeifPixels pixels = picture.Decode())
        using (Image image = ToImage(pixels, picture.ReadProfile()))
        using (Image preview = image.ThumbnailImage(PreviewSide, PreviewSide, Enums.Size.Down, outputProfile: OutputProfile(image)))
        {
            Write(preview, folder);
        }

        return new DecodeResult(null, picture.Width, picture.Height, picture.ReadExif() is byte[] exif ? ExifDate.Read(exif) : null);
    }

    private static Image ToImage(HeifPixels pixels, byte[]? profile)
    {
        // The rows may be padded, which libvips does not know: first each byte is a pixel.
        using Image bytes = Image.NewFromMemory(
            pixels.Address, (ulong)pixels.Stride * (ulong)pixels.Height, pixels.Stride, pixels.Height, bands: 1, Enums.BandFormat.Uchar);
        using Image rows = bytes.Crop(0, 0, pixels.Width * pixels.Bands, pixels.Height);
        using Image folded = rows.Bandfold(pixels.Bands);
        return folded.Copy(interpretation: Enums.Interpretation.Srgb).Mutate(change =>
        {
            if (profile is not null)
            {
                change.Set(GValue.BlobType, ProfileField, profile);
            }
        });
    }

    // The profile that is built into libvips. Without a profile of its own, a picture is sRGB, and a conversion would only take time.
    private static string? OutputProfile(Image image) => image.Contains(ProfileField) ? "srgb" : null;

    private static string? Refusal(int width, int height) =>
        (long)width * height > MaxPixels ? $"it has {width} × {height} pixels, more than {MaxPixels}." : null;

    private static void Write(Image decoded, string folder)
    {
        // Pixels of 16 bits get 8, and gray ones three bands. Kept in memory, because decoding is done once for both sizes.
        using Image preview = decoded.Colourspace(Enums.Interpretation.Srgb).CopyMemory();
        Save(preview, quality: 80, Path.Combine(folder, Preview));
        using Image thumbnail = preview.ThumbnailImage(ThumbnailSide, ThumbnailSide, Enums.Size.Down);
        Save(thumbnail, quality: 75, Path.Combine(folder, Thumbnail));
    }

    private static void Save(Image image, int quality, string file) => image.Webpsave(file, q: quality, effort: 2, keep: Enums.ForeignKeep.None);
}

using NetVips;

namespace Photos.RenderPhoto;

/// <summary>Writes the thumbnail and the preview of a picture.</summary>
internal static class Renditions
{
    /// <summary>The file name of the thumbnail.</summary>
    public const string Thumbnail = "thumbnail";

    /// <summary>The file name of the preview.</summary>
    public const string Preview = "preview";

    // The largest square whose sides a WebP image can have.
    private const long MaxPixels = 16_383L * 16_383;

    private const int PreviewSide = 2048;
    private const int ThumbnailSide = 512;

    // The loaders that libvips may use, by class name, with their subclasses.
    private static readonly string[] s_loaders =
        ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadNsgif", "VipsForeignLoadWebp", "VipsForeignLoadHeif"];

    public static DecodeResult Write(string original, PictureFormat format, string folder)
    {
        _ = format;
        Operation.Block("VipsForeignLoad", state: true);
        foreach (string loader in s_loaders)
        {
            Operation.Block(loader, state: false);
        }

        Cache.Max = 0;
        using Image header = Image.NewFromFile(original, access: Enums.Access.Sequential);
        if ((long)header.Width * header.Height > MaxPixels)
        {
            return new DecodeResult(Refusal: $"it has {header.Width} × {header.Height} pixels, more than {MaxPixels}.");
        }

        using Image preview = Image.Thumbnail(
            original, PreviewSide, PreviewSide, Enums.Size.Down, outputProfile: "srgb", failOn: Enums.FailOn.None).Colourspace(Enums.Interpretation.Srgb).CopyMemory();
        Save(preview, Path.Combine(folder, Preview));
        using Image thumbnail = preview.ThumbnailImage(ThumbnailSide, ThumbnailSide, Enums.Size.Down);
        Save(thumbnail, Path.Combine(folder, Thumbnail));
        bool isTurned = header.Contains("orientation") && (int)header.Get("orientation") >= 5;
        return new DecodeResult(null, isTurned ? header.Height : header.Width, isTurned ? header.Width : header.Height);
    }

    private static void Save(Image image, string file) => image.Webpsave(file, q: 80, keep: Enums.ForeignKeep.None);
}

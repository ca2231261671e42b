namespace Photos.RenderPhoto;

/// <summary>A format that is rendered.</summary>
internal enum PictureFormat
{
    Jpeg,
    Png,
    Gif,
    WebP,
    Avif,
    Heic,
}

/// <summary>Recognizes a format by the file's first bytes, before any decoder sees it.</summary>
internal static class PictureFormats
{
    /// <summary>How many of the file's first bytes <see cref="Recognize"/> needs.</summary>
    public const int SniffedBytes = 256;

    /// <returns><see langword="null"/> if the format is another one.</returns>
    public static PictureFormat? Recognize(ReadOnlySpan<byte> start) => start switch
    {
        [0xFF, 0xD8, 0xFF, ..] => PictureFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => PictureFormat.Png,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => PictureFormat.Gif,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => PictureFormat.WebP,
        [0, 0, 0, >= 16, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => OfBrands(start[..Math.Min(start.Length, start[3])]),
        _ => null,
    };

    /// <summary>The major brand and the compatible brands of an ISO media file, ISO/IEC 23008-12 annex B and the AVIF specification.</summary>
    private static PictureFormat? OfBrands(ReadOnlySpan<byte> box)
    {
        PictureFormat? found = null;
        for (int at = 8; at + 4 <= box.Length; at += at == 8 ? 8 : 4)
        {
            ReadOnlySpan<byte> brand = box.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
            {
                return PictureFormat.Avif;
            }

            if (brand.SequenceEqual("heic"u8) || brand.SequenceEqual("heix"u8) || brand.SequenceEqual("heim"u8) || brand.SequenceEqual("heis"u8))
            {
                found = PictureFormat.Heic;
            }
        }

        return found;
    }
}

using NetVips;

namespace Photos.Tests.Render;

/// <summary>
/// Makes the pictures of these tests. Most have four quarters of different colors, so that position and color show in the pixels.
/// </summary>
internal static class Pictures
{
    /// <summary>The colors of the quarters, RGB: top left, top right, bottom left, bottom right.</summary>
    public static readonly double[][] Quarters = [[200, 40, 40], [40, 160, 60], [40, 60, 200], [230, 230, 220]];

    /// <summary>The names of the tiles in these colors, for <see cref="HeicFile"/>.</summary>
    public static readonly string[] Tiles = ["red", "green", "blue", "white"];

    /// <summary>Formats with a function that encodes a picture in them.</summary>
    public static readonly Dictionary<string, Func<Image, byte[]>> Encoders = new()
    {
        ["jpeg"] = image => image.JpegsaveBuffer(q: 95),
        ["png"] = image => image.PngsaveBuffer(),
        ["gif"] = image => image.GifsaveBuffer(),
        ["webp"] = image => image.WebpsaveBuffer(q: 95),
        ["avif"] = image => image.HeifsaveBuffer(q: 90, compression: Enums.ForeignHeifCompression.Av1, effort: 0),
    };

    /// <summary>Colors that printers have too.</summary>
    public static readonly double[][] MutedQuarters = [[180, 80, 80], [90, 140, 90], [90, 110, 150], [220, 220, 210]];

    /// <summary>A picture in four quarters, sRGB.</summary>
    /// <param name="colors">Their colors, or <see cref="Quarters"/>.</param>
    public static Image FourQuarters(int width, int height, double[][]? colors = null) =>
        Image.Arrayjoin([.. (colors ?? Quarters).Select(color => Plain(width / 2, height / 2, color))], across: 2)
            .Copy(interpretation: Enums.Interpretation.Srgb);

    /// <summary>A picture of one color.</summary>
    public static Image Plain(int width, int height, params double[] color) =>
        (Image.Black(width, height, bands: color.Length) + color).Cast(Enums.BandFormat.Uchar);

    /// <summary>A HEIC file of 4 × 4 tiles in four quarters, 240 × 224 pixels before its rotation, so that tiles are cut off.</summary>
    public static byte[] Heic(int quarterTurns = 0, byte[]? exif = null, int? primaries = null) => HeicFile.Create(
        [.. Enumerable.Range(0, 16).Select(at => Tiles[(at / 8 * 2) + (at % 4 / 2)])],
        columns: 4, tileSide: 64, width: 256 - 16, height: 256 - 32, quarterTurns, exif, primaries);

    /// <summary>The color at the center of each quarter.</summary>
    public static double[][] ReadQuarters(Image image) =>
    [
        image[image.Width / 4, image.Height / 4],
        image[image.Width * 3 / 4, image.Height / 4],
        image[image.Width / 4, image.Height * 3 / 4],
        image[image.Width * 3 / 4, image.Height * 3 / 4],
    ];

    /// <summary>Checks each quarter's color.</summary>
    /// <param name="quarters">Which of <see cref="Quarters"/> must be where, in their order.</param>
    /// <param name="tolerance">By how much each band may differ.</param>
    /// <param name="expectedColors">Other colors than <see cref="Quarters"/>.</param>
    public static void AssertQuarters(Image image, string quarters, double tolerance, double[][]? expectedColors = null)
    {
        double[][] colors = ReadQuarters(image);
        for (int i = 0; i < 4; i++)
        {
            double[] expected = (expectedColors ?? Quarters)["ABCD".IndexOf(quarters[i])];
            Assert.True(
                expected.Zip(colors[i]).All(band => Math.Abs(band.First - band.Second) <= tolerance),
                $"Quarter {i} must be {string.Join(", ", expected)} ± {tolerance}, not {string.Join(", ", colors[i])}.");
        }
    }

    /// <summary>The file's chunks. https://developers.google.com/speed/webp/docs/riff_container</summary>
    public static IReadOnlyList<(string Type, byte[] Data)> WebPChunks(byte[] file)
    {
        Assert.Equal("RIFF"u8, file.AsSpan(0, 4));
        Assert.Equal(file.Length - 8, BitConverter.ToInt32(file, 4));
        Assert.Equal("WEBP"u8, file.AsSpan(8, 4));
        List<(string, byte[])> chunks = [];
        for (int at = 12; at < file.Length;)
        {
            int size = BitConverter.ToInt32(file, at + 4);
            chunks.Add((System.Text.Encoding.ASCII.GetString(file, at, 4), file[(at + 8)..(at + 8 + size)]));
            at += 8 + size + (size % 2);
        }

        return chunks;
    }
}

using NetVips;
using Photos.Harness;

namespace Photos.Bench.Rendering;

/// <summary>A picture that is rendered.</summary>
/// <param name="Name">What it is, such as <c>JPEG, 12 MP</c>.</param>
/// <param name="File">Its file.</param>
internal sealed record BenchPicture(string Name, string File);

/// <summary>Makes pictures that have about as many bytes as photos of their size.</summary>
internal static class BenchPictures
{
    private const int TileSide = 512;

    private static readonly (string Name, int Width, int Height, Func<int, int, byte[]> Encode)[] s_pictures =
    [
        ("JPEG, 2 MP", 1600, 1200, (width, height) => Photo(width, height).JpegsaveBuffer(q: 90)),
        ("JPEG, 12 MP", 4032, 3024, (width, height) => Photo(width, height).JpegsaveBuffer(q: 90)),
        ("JPEG, 12 MP, Display P3", 4032, 3024, (width, height) => Photo(width, height).IccTransform("p3", inputProfile: "srgb").JpegsaveBuffer(q: 90)),
        ("JPEG, 12 MP, progressive", 4032, 3024, (width, height) => Photo(width, height).JpegsaveBuffer(q: 90, interlace: true)),
        ("JPEG, 48 MP", 8064, 6048, (width, height) => Photo(width, height).JpegsaveBuffer(q: 90)),
        ("HEIC, 12 MP", 4032, 3024, Heic),
        ("HEIC, 48 MP", 8064, 6048, Heic),
        ("PNG, 12 MP", 4032, 3024, (width, height) => Photo(width, height).PngsaveBuffer(compression: 3)),
        ("WebP, 12 MP", 4032, 3024, (width, height) => Photo(width, height).WebpsaveBuffer(q: 85, effort: 0)),
        ("GIF, 12 MP", 4032, 3024, (width, height) => Photo(width, height).GifsaveBuffer(effort: 1)),
        ("AVIF, 12 MP", 4032, 3024, (width, height) => Photo(width, height).HeifsaveBuffer(q: 60, compression: Enums.ForeignHeifCompression.Av1, effort: 0)),
    ];

    /// <summary>Makes the pictures that a folder does not have yet.</summary>
    public static IEnumerable<BenchPicture> Create(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach ((string name, int width, int height, Func<int, int, byte[]> encode) in s_pictures)
        {
            string file = Path.Combine(folder, name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-'));
            if (!File.Exists(file))
            {
                File.WriteAllBytes($"{file}.new", encode(width, height));
                File.Move($"{file}.new", file);
            }

            yield return new BenchPicture(name, file);
        }
    }

    /// <summary>Soft shapes with noise, sRGB.</summary>
    private static Image Photo(int width, int height)
    {
        Image[] bands = [.. Enumerable.Range(1, 3).Select(seed =>
            Image.Gaussnoise((width / 32) + 1, (height / 32) + 1, sigma: 50, mean: 128, seed: seed).Resize(32).Crop(0, 0, width, height)
            + Image.Gaussnoise(width, height, sigma: 5, mean: 0, seed: seed + 3))];
        return bands[0].Bandjoin(bands[1..]).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static byte[] Heic(int width, int height)
    {
        int columns = (width + TileSide - 1) / TileSide;
        int rows = (height + TileSide - 1) / TileSide;
        return HeicFile.Create([.. Enumerable.Repeat("texture", columns * rows)], columns, TileSide, width, height);
    }
}

using NetVips;
using Photos.RenderPhoto;

namespace Photos.Tests.Render;

/// <summary>Each format and color space: upright, the right size, the right colors.</summary>
public sealed class FormatTests
{
    // Lossy compression changes plain colors by less.
    private const double Tolerance = 6;

    /// <summary>The quarters that are stored as ABCD, upright. https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E, 4.6.5.1.6.</summary>
    [Theory]
    [InlineData(1, "ABCD")]
    [InlineData(2, "BADC")]
    [InlineData(3, "DCBA")]
    [InlineData(4, "CDAB")]
    [InlineData(5, "ACBD")]
    [InlineData(6, "CADB")]
    [InlineData(7, "DBCA")]
    [InlineData(8, "BDAC")]
    public void EveryExifOrientationIsUpright(int orientation, string upright)
    {
        using Image stored = Pictures.FourQuarters(3000, 1800).Mutate(change => change.Set(GValue.GIntType, "orientation", orientation));
        (int width, int height) = orientation < 5 ? (3000, 1800) : (1800, 3000);

        Check(stored.JpegsaveBuffer(), width, height, upright);
    }

    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("gif")]
    [InlineData("webp")]
    [InlineData("avif")]
    public void EveryFormatIsRendered(string format)
    {
        using Image image = Pictures.FourQuarters(1200, 600);

        Check(Pictures.Encoders[format](image), 1200, 600);
    }

    /// <summary>libheif applies the file's own rotation, which EXIF repeats. Rotated twice, a phone's pictures would lie on their side.</summary>
    [Theory]
    [InlineData(0, 1, "ABCD")]
    [InlineData(1, 8, "BDAC")]
    [InlineData(2, 3, "DCBA")]
    [InlineData(3, 6, "CADB")]
    public void AHeicGridIsTurnedOnce(int quarterTurns, int orientation, string upright)
    {
        using Image tagged = Pictures.FourQuarters(64, 64).Mutate(change => change.Set(GValue.GIntType, "orientation", orientation));
        using Image jpeg = Image.JpegloadBuffer(tagged.JpegsaveBuffer());
        byte[] exif = (byte[])jpeg.Get("exif-data");
        (int width, int height) = quarterTurns % 2 == 0 ? (240, 224) : (224, 240);

        Check(Pictures.Heic(quarterTurns, exif["Exif\0\0".Length..]), width, height, upright);
    }

    /// <summary>The size of a phone's picture, whose 48 tiles are the same.</summary>
    [Fact]
    public void ALargeHeicGridIsScaledDown()
    {
        using var folder = new PictureFolder(HeicFile.Create([.. Enumerable.Repeat("texture", 48)], 8, 512, 4032, 3024, quarterTurns: 3));

        RenderedPicture picture = folder.RenderReady();

        Assert.Equal((3024, 4032), (picture.Width, picture.Height));
        using Image preview = PictureFolder.Read(picture.Preview);
        using Image thumbnail = PictureFolder.Read(picture.Thumbnail);
        Assert.Equal((1536, 2048, 384, 512), (preview.Width, preview.Height, thumbnail.Width, thumbnail.Height));
        Assert.All([preview, thumbnail], image => Assert.InRange(image.Avg(), 120 - 3, 120 + 3));
    }

    [Fact]
    public void AProgressiveJpegIsRendered()
    {
        using Image image = Pictures.FourQuarters(3000, 1000);

        Check(image.JpegsaveBuffer(interlace: true), 3000, 1000);
    }

    /// <summary>In CMYK, 0 is white. Without a profile, the colors are those of a common printer.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ACmykJpegHasTheSameColors(bool hasProfile)
    {
        using Image cmyk = Pictures.FourQuarters(1200, 600, Pictures.MutedQuarters).IccTransform("cmyk", inputProfile: "srgb");
        byte[] file = cmyk.JpegsaveBuffer(q: 95, keep: hasProfile ? Enums.ForeignKeep.Icc : Enums.ForeignKeep.None);
        using Image stored = Image.JpegloadBuffer(file);
        Assert.Equal((4, hasProfile), (stored.Bands, stored.Contains("icc-profile-data")));

        Check(file, 1200, 600, tolerance: 12, colors: Pictures.MutedQuarters);
    }

    [Fact]
    public void AGrayJpegIsGray()
    {
        using var folder = new PictureFolder(Pictures.Plain(300, 200, 90).JpegsaveBuffer());

        RenderedPicture picture = folder.RenderReady();

        using Image preview = PictureFolder.Read(picture.Preview);
        Assert.All(preview[150, 100], band => Assert.InRange(band, 87, 93));
    }

    [Fact]
    public void APngOf16BitsIsRendered()
    {
        using Image image = Pictures.FourQuarters(1200, 600).Colourspace(Enums.Interpretation.Rgb16);
        byte[] file = image.PngsaveBuffer();
        Assert.Equal(16, file[24]);

        Check(file, 1200, 600);
    }

    [Fact]
    public void APngWithAPaletteIsRendered()
    {
        using Image image = Pictures.FourQuarters(1200, 600);
        byte[] file = image.PngsaveBuffer(palette: true);
        Assert.Equal(3, file[25]);

        Check(file, 1200, 600);
    }

    [Theory]
    [InlineData("png", false)]
    [InlineData("png", true)]
    [InlineData("gif", false)]
    [InlineData("webp", false)]
    [InlineData("avif", false)]
    public void TransparencyIsKept(string format, bool is16Bits)
    {
        using Image alpha = Pictures.Plain(600, 600, 0).Join(Pictures.Plain(600, 600, 255), Enums.Direction.Horizontal);
        using Image rgba = Pictures.FourQuarters(1200, 600).Bandjoin(alpha);
        using Image image = is16Bits ? rgba.Colourspace(Enums.Interpretation.Rgb16) : rgba;
        using var folder = new PictureFolder(Pictures.Encoders[format](image));

        RenderedPicture picture = folder.RenderReady();

        Assert.All([picture.Preview, picture.Thumbnail], file =>
        {
            using Image rendition = PictureFolder.Read(file);
            Assert.Equal(4, rendition.Bands);
            Assert.Equal(0, Pictures.ReadQuarters(rendition)[0][3]);
            Assert.Equal(255, Pictures.ReadQuarters(rendition)[3][3]);
        });
    }

    /// <summary>The second frame has other colors.</summary>
    [Theory]
    [InlineData("gif")]
    [InlineData("webp")]
    public void OfAnAnimationTheFirstFrameIsRendered(string format)
    {
        using Image first = Pictures.FourQuarters(1200, 600);
        using Image frames = Image.Arrayjoin([first, first.Rot180()], across: 1).Mutate(change => change.Set(GValue.GIntType, "page-height", 600));
        byte[] file = Pictures.Encoders[format](frames);
        using Image stored = Image.NewFromBuffer(file);
        Assert.Equal(2, (int)stored.Get("n-pages"));

        Check(file, 1200, 600);
    }

    /// <summary>Without the conversion, the colors would be those that are stored, which differ.</summary>
    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("webp")]
    [InlineData("avif")]
    public void DisplayP3IsConverted(string format)
    {
        using Image wide = Pictures.FourQuarters(1200, 600).IccTransform("p3", inputProfile: "srgb");
        Assert.Throws<Xunit.Sdk.TrueException>(() => Pictures.AssertQuarters(wide, "ABCD", Tolerance));

        Check(Pictures.Encoders[format](wide), 1200, 600);
    }

    /// <summary>
    /// A HEIC file without an ICC profile, whose colors are Display P3 (12), BT.2020 (9) and sRGB (1). The expected colors are computed
    /// from the chromaticities of the standards, as far as sRGB has them.
    /// </summary>
    [Theory]
    [InlineData(12)]
    [InlineData(9)]
    [InlineData(1)]
    public void ColorsWithoutAProfileAreConverted(int primaries)
    {
        double[][] colors = primaries switch
        {
            12 => [[218, 0, 26], [0, 163, 40], [34, 61, 208], [230, 230, 219]],
            9 => [[249, 0, 27], [0, 169, 33], [0, 59, 210], [231, 230, 219]],
            _ => Pictures.Quarters,
        };
        Check(Pictures.Heic(primaries: primaries), 240, 224, tolerance: 8, colors: colors);
    }

    [Fact]
    public void ASmallPictureIsNotEnlarged()
    {
        using Image image = Pictures.FourQuarters(60, 40);
        using var folder = new PictureFolder(image.PngsaveBuffer());

        RenderedPicture picture = folder.RenderReady();

        Assert.Equal((60, 40, null), (picture.Width, picture.Height, picture.Taken));
        Assert.All([picture.Preview, picture.Thumbnail], file =>
        {
            using Image rendition = PictureFolder.Read(file);
            Assert.Equal((60, 40), (rendition.Width, rendition.Height));
        });
    }

    /// <summary>Renders a picture in four quarters and checks both renditions.</summary>
    private static void Check(byte[] original, int width, int height, string upright = "ABCD", double tolerance = Tolerance, double[][]? colors = null)
    {
        using var folder = new PictureFolder(original);

        RenderedPicture picture = folder.RenderReady();

        Assert.Equal((width, height), (picture.Width, picture.Height));
        Assert.Equal(Path.Combine(folder.Path, "preview"), picture.Preview);
        Assert.Equal(Path.Combine(folder.Path, "thumbnail"), picture.Thumbnail);
        foreach ((string file, int side) in ((string, int)[])[(picture.Preview, 2048), (picture.Thumbnail, 512)])
        {
            using Image rendition = PictureFolder.Read(file);
            double scale = Math.Min(1, (double)side / Math.Max(width, height));
            Assert.InRange(rendition.Width, (width * scale) - 1, (width * scale) + 1);
            Assert.InRange(rendition.Height, (height * scale) - 1, (height * scale) + 1);
            Assert.InRange(Math.Max(rendition.Width, rendition.Height), 1, side);
            Pictures.AssertQuarters(rendition, upright, tolerance, colors);
        }
    }
}

using System.Globalization;
using System.Text;
using NetVips;
using Photos.RenderPhoto;

namespace Photos.Tests.Render;

/// <summary>What is read from a picture's metadata, and that renditions have none: no place, no camera.</summary>
public sealed class MetadataTests
{
    private const string Secret = "Secret-Camera-Or-Place";

    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("webp")]
    [InlineData("avif")]
    public void RenditionsHaveNoMetadata(string format)
    {
        using Image image = Pictures.FourQuarters(800, 600).IccTransform("p3", inputProfile: "srgb").Mutate(AddMetadata);
        byte[] original = Pictures.Encoders[format](image);
        Assert.Contains(Secret, Encoding.Latin1.GetString(original), StringComparison.Ordinal);
        using var folder = new PictureFolder(original);

        RenderedPicture picture = folder.RenderReady();

        Assert.Equal("2024-05-01T12:34:56+02:00", picture.Taken);
        Assert.All([picture.Preview, picture.Thumbnail], AssertOnlyPixels);
    }

    [Fact]
    public void RenditionsOfHeicHaveNoMetadata()
    {
        using var folder = new PictureFolder(Pictures.Heic(exif: Exif("2024:05:01 12:34:56", "+02:00")));

        RenderedPicture picture = folder.RenderReady();

        Assert.Equal("2024-05-01T12:34:56+02:00", picture.Taken);
        Assert.All([picture.Preview, picture.Thumbnail], AssertOnlyPixels);
    }

    /// <summary>VP8X is the only chunk with flags. Of these, only the one for transparency may be set.</summary>
    [Fact]
    public void RenditionsOfATransparentAnimationHaveNoMetadata()
    {
        using Image frame = Pictures.FourQuarters(800, 600).Bandjoin(Pictures.Plain(800, 600, 128)).Mutate(AddMetadata);
        using Image frames = Image.Arrayjoin([frame, frame.Rot180()], across: 1).Mutate(change => change.Set(GValue.GIntType, "page-height", 600));
        using var folder = new PictureFolder(frames.WebpsaveBuffer());

        RenderedPicture picture = folder.RenderReady();

        Assert.All([picture.Preview, picture.Thumbnail], AssertOnlyPixels);
    }

    [Theory]
    [InlineData("2024:05:01 12:34:56", "+02:00", "2024-05-01T12:34:56+02:00")]
    [InlineData("2024:05:01 12:34:56", "-03:30", "2024-05-01T12:34:56-03:30")]
    [InlineData("2024:05:01 12:34:56", null, "2024-05-01T12:34:56")]
    [InlineData("2024:05:01 12:34:56", "+99:00", "2024-05-01T12:34:56")]
    [InlineData("2024:05:01 12:34:56", "   :  ", "2024-05-01T12:34:56")]
    [InlineData("2024:05:01 12:34:56", "Z", "2024-05-01T12:34:56")]
    [InlineData("0000:00:00 00:00:00", null, null)]
    [InlineData("2024:02:30 12:34:56", null, null)]
    [InlineData("2024:05:01 24:34:56", null, null)]
    [InlineData("    :  :     :  :  ", null, null)]
    [InlineData("2024-05-01 12:34:56", null, null)]
    [InlineData("<script>alert(1)", null, null)]
    [InlineData("", null, null)]
    public void OnlyAValidDateIsTaken(string date, string? offset, string? expected)
    {
        using var folder = new PictureFolder(Jpeg(date, offset));

        Assert.Equal(expected, folder.RenderReady().Taken);
    }

    [Fact]
    public void WithoutExifNoDateIsTaken()
    {
        using var folder = new PictureFolder(Pictures.FourQuarters(100, 100).JpegsaveBuffer(keep: Enums.ForeignKeep.None));

        Assert.Null(folder.RenderReady().Taken);
    }

    /// <summary>The date is read by code of this repository: whatever the bytes are, it returns a date or none.</summary>
    [Fact]
    public void DamagedExifNeverFails()
    {
        byte[] exif = Exif("2024:05:01 12:34:56", "+02:00");
        Assert.Equal("2024-05-01T12:34:56+02:00", ExifDate.Read(exif));
        for (int length = 0; length < exif.Length; length++)
        {
            ExifDate.Read(exif.AsSpan(0, length));
        }

        for (int at = 0; at < exif.Length; at++)
        {
            foreach (byte value in (byte[])[0, 1, 0x7F, 0x80, 0xFF])
            {
                byte[] damaged = [.. exif];
                damaged[at] = value;
                string? taken = ExifDate.Read(damaged);
                Assert.True(taken is null || DateTimeOffset.TryParse(taken, CultureInfo.InvariantCulture, out _), $"Byte {at} as {value} gives {taken}.");
            }
        }
    }

    private static void AssertOnlyPixels(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        IReadOnlyList<(string Type, byte[] Data)> chunks = Pictures.WebPChunks(bytes);
        Assert.All(chunks, chunk => Assert.Contains(chunk.Type, (string[])["VP8 ", "VP8L", "VP8X", "ALPH"]));
        Assert.All(chunks.Where(chunk => chunk.Type == "VP8X"), chunk => Assert.Equal(0x10, chunk.Data[0]));
        string text = Encoding.Latin1.GetString(bytes);
        Assert.All((string[])[Secret, "Exif", "http://ns.adobe.com", "Photoshop", "2024:05:01"], word => Assert.DoesNotContain(word, text, StringComparison.Ordinal));
    }

    private static void AddMetadata(MutableImage change)
    {
        change.Set(GValue.GStrType, "exif-ifd0-Model", $"{Secret} (, ASCII, 0 components, 0 bytes)");
        change.Set(GValue.GStrType, "exif-ifd2-DateTimeOriginal", "2024:05:01 12:34:56");
        change.Set(GValue.GStrType, "exif-ifd2-OffsetTimeOriginal", "+02:00");
        change.Set(GValue.GStrType, "exif-ifd3-GPSLatitudeRef", "N");
        change.Set(GValue.GStrType, "exif-ifd3-GPSLatitude", "52/1 31/1 12/1");
        change.Set(GValue.BlobType, "xmp-data", Encoding.UTF8.GetBytes($"<x:xmpmeta xmlns:x='adobe:ns:meta/'>http://ns.adobe.com {Secret}</x:xmpmeta>"));
        change.Set(GValue.BlobType, "iptc-data", Encoding.UTF8.GetBytes($"Photoshop 3.0\0 {Secret}"));
    }

    /// <summary>A picture with the time when it was taken.</summary>
    internal static byte[] Jpeg(string date, string? offset)
    {
        using Image image = Pictures.FourQuarters(100, 100).Mutate(change =>
        {
            change.Set(GValue.GStrType, "exif-ifd0-Model", Secret);
            change.Set(GValue.GStrType, "exif-ifd2-DateTimeOriginal", date);
            if (offset is not null)
            {
                change.Set(GValue.GStrType, "exif-ifd2-OffsetTimeOriginal", offset);
            }
        });
        return image.JpegsaveBuffer();
    }

    /// <summary>EXIF data that begins with its TIFF header.</summary>
    private static byte[] Exif(string date, string offset)
    {
        using Image image = Image.JpegloadBuffer(Jpeg(date, offset));
        return ((byte[])image.Get("exif-data"))["Exif\0\0".Length..];
    }
}

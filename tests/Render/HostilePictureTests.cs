using System.IO.Compression;
using System.Text;
using NetVips;
using Photos.RenderPhoto;

namespace Photos.Tests.Render;

/// <summary>Pictures that are damaged, or made to harm: unsupported or rendered, in bounded time and memory.</summary>
public sealed class HostilePictureTests
{
    /// <summary>A damaged picture is rendered as far as it goes, or refused.</summary>
    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("gif")]
    [InlineData("webp")]
    [InlineData("avif")]
    [InlineData("heic")]
    public void ATruncatedPictureIsRenderedOrRefused(string format)
    {
        using Image image = Pictures.FourQuarters(300, 200);
        byte[] whole = format == "heic" ? Pictures.Heic() : Pictures.Encoders[format](image);
        for (int tenth = 0; tenth < 10; tenth++)
        {
            using var folder = new PictureFolder(whole[..(whole.Length * tenth / 10)]);

            RenderedPicture? picture = folder.Render();

            if (picture is null)
            {
                Assert.Contains("The picture is unsupported: ", folder.Log, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(format == "heic" ? (240, 224) : (300, 200), (picture.Width, picture.Height));
                using Image preview = PictureFolder.Read(picture.Preview);
                Assert.Equal(picture.Width, preview.Width);
            }

            AssertNothingElse(folder);
        }
    }

    /// <summary>Every byte of a small file is changed in turn by a different value.</summary>
    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("gif")]
    [InlineData("webp")]
    [InlineData("avif")]
    [InlineData("heic")]
    public void ADamagedPictureIsRenderedOrRefused(string format)
    {
        using Image image = Pictures.FourQuarters(64, 48);
        byte[] whole = format == "heic" ? Pictures.Heic() : Pictures.Encoders[format](image);
        for (int part = 0; part < 16; part++)
        {
            byte[] damaged = [.. whole];
            for (int at = part * 7; at < whole.Length; at += whole.Length / 4)
            {
                damaged[at] ^= (byte)(0x55 + part);
            }

            using var folder = new PictureFolder(damaged);

            folder.Render();

            AssertNothingElse(folder);
        }
    }

    [Fact]
    public void TooManyPixelsAreRefusedBeforeTheyAreDecoded()
    {
        using var png = new PictureFolder(Png(60_000, 60_000, bitDepth: 8, colorType: 2, isInterlaced: false, new byte[100]));
        png.RenderUnsupported("60000 × 60000 pixels");

        using var gif = new PictureFolder(Gif(frames: 1, side: 60_000, frameSide: 60_000));
        gif.RenderUnsupported("60000 × 60000 pixels");

        using var heic = new PictureFolder(HeicFile.Create([.. Enumerable.Repeat("red", 4)], 2, 64, 60_000, 60_000));
        Assert.Null(heic.Render());
    }

    /// <summary>Interlaced, so that the decoder needs all of its 1.9 GB at once; compressed it has 2 MB.</summary>
    [Fact]
    public void APictureThatNeedsTooMuchMemoryIsRefused()
    {
        const int Side = 15_400;
        static byte[] Interlaced(int side) => Png(side, side, bitDepth: 16, colorType: 6, isInterlaced: true, new byte[(side * 8) + 1], repeat: side * 2);
        using var small = new PictureFolder(Interlaced(100));
        small.RenderReady();
        using var folder = new PictureFolder(Interlaced(Side));

        (bool isReady, long peakBytes) = DecodeProcess.Run(folder);

        Assert.False(isReady);
        Assert.InRange(peakBytes, 1, ProcessLimits.MaxMemoryBytes + (128L * 1024 * 1024));
        AssertNothingElse(folder);
    }

    [Fact]
    public void AnAnimationOf10000FramesIsRendered()
    {
        byte[] file = Gif(frames: 10_000, side: 200);
        using var folder = new PictureFolder(file);

        RenderedPicture picture = folder.RenderReady();

        Assert.Equal((200, 200), (picture.Width, picture.Height));
    }

    /// <summary>The content type is the client's word; the bytes decide.</summary>
    [Theory]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><image href=\"file:///etc/passwd\"/></svg>")]
    [InlineData("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><svg>&e;</svg>")]
    [InlineData("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")]
    [InlineData("<!DOCTYPE html><script>alert(1)</script>")]
    [InlineData("PK\u0003\u0004\u0014\0\0\0\0\0")]
    [InlineData("push graphic-context\nviewbox 0 0 1 1\nimage over 0,0 0,0 'https://example.com/x.jpg'\npop graphic-context")]
    [InlineData("II*\0\u0008\0\0\0\0\0")]
    [InlineData("P6 1 1 255 abc")]
    [InlineData("BM\0\0\0\0")]
    [InlineData("\0\0\0\u0018ftypisom\0\0\0\0isommp42")]
    [InlineData("\0\0\0\u0018ftyp")]
    [InlineData("")]
    [InlineData("\0")]
    public void AFileOfAnotherFormatReachesNoDecoder(string content)
    {
        using var folder = new PictureFolder(Encoding.Latin1.GetBytes(content));

        folder.RenderUnsupported("it is not JPEG, PNG, GIF, WebP, AVIF or HEIC.");

        Assert.Empty(folder.Written);
    }

    /// <summary>A picture's first bytes, and then another format.</summary>
    [Theory]
    [InlineData("GIF89a=0;/*<script>alert(1)</script>*/")]
    [InlineData("\u00FF\u00D8\u00FF<!DOCTYPE html><script>alert(1)</script>")]
    [InlineData("\u0089PNG\r\n\u001A\n<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>")]
    [InlineData("RIFF\u00FF\u00FF\u00FF\u00FFWEBPVP8 %PDF-1.7")]
    [InlineData("\0\0\0\u0014ftypheic\0\0\0\0heic<svg></svg>")]
    [InlineData("\0\0\0\u0014ftypavif\0\0\0\0avif<svg></svg>")]
    public void APictureInNameOnlyIsRefused(string content)
    {
        using var folder = new PictureFolder(Encoding.Latin1.GetBytes(content));

        Assert.Null(folder.Render());

        AssertNothingElse(folder);
    }

    /// <summary>A polyglot: a JPEG that is a zip file as well. Its renditions have only its pixels.</summary>
    [Fact]
    public void OfAPolyglotOnlyThePixelsAreLeft()
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("evil.html").Open();
            entry.Write("<script>alert('polyglot')</script>"u8);
        }

        using Image image = Pictures.FourQuarters(300, 200);
        using var folder = new PictureFolder([.. image.JpegsaveBuffer(), .. memory.ToArray()]);

        RenderedPicture picture = folder.RenderReady();

        Assert.All([picture.Preview, picture.Thumbnail], file =>
        {
            string text = Encoding.Latin1.GetString(File.ReadAllBytes(file));
            Assert.DoesNotContain("evil.html", text, StringComparison.Ordinal);
            Assert.All(Pictures.WebPChunks(File.ReadAllBytes(file)), chunk => Assert.StartsWith("VP8", chunk.Type, StringComparison.Ordinal));
        });
    }

    private static void AssertNothingElse(PictureFolder folder) =>
        Assert.All(folder.Written, name => Assert.Contains(name, (string[])["preview", "thumbnail"]));

    /// <summary>A PNG file.</summary>
    /// <param name="row">Pixel data, with the byte that says how it is filtered.</param>
    /// <param name="repeat">How often the data is repeated.</param>
    private static byte[] Png(int width, int height, byte bitDepth, byte colorType, bool isInterlaced, byte[] row, int repeat = 1)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int i = 0; i < repeat; i++)
            {
                zlib.Write(row);
            }
        }

        byte[] header = [.. BigEndian(width), .. BigEndian(height), bitDepth, colorType, 0, 0, (byte)(isInterlaced ? 1 : 0)];
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", header), .. Chunk("IDAT", pixels.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] content = [.. Encoding.ASCII.GetBytes(type), .. data];
        return [.. BigEndian(data.Length), .. content, .. BigEndian((int)Crc(content))];
    }

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static uint Crc(byte[] data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte one in data)
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
            }
        }

        return ~crc;
    }

    /// <summary>A GIF file whose frames have data for one pixel each.</summary>
    private static byte[] Gif(int frames, int side, int frameSide = 1)
    {
        byte[] size = [(byte)side, (byte)(side >> 8)];
        byte[] frameSize = [(byte)frameSide, (byte)(frameSide >> 8)];
        byte[] frame = [0x21, 0xF9, 4, 0, 1, 0, 0, 0, 0x2C, 0, 0, 0, 0, .. frameSize, .. frameSize, 0, 2, 2, 0x44, 1, 0];
        return [.. "GIF89a"u8, .. size, .. size, 0x80, 0, 0, 255, 0, 0, 0, 0, 255, .. Enumerable.Repeat(frame, frames).SelectMany(one => one), 0x3B];
    }
}

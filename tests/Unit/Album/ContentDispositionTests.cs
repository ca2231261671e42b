using System.Net.Http.Headers;
using System.Text;
using Photos.Album;
using Photos.Tests.Unit.Functions;

namespace Photos.Tests.Unit.Album;

public class ContentDispositionTests
{
    [Theory]
    [InlineData("beach.jpg", "image/jpeg", "attachment; filename=\"beach.jpg\"; filename*=UTF-8''beach.jpg")]
    [InlineData("a b.png", "image/png", "attachment; filename=\"a b.png\"; filename*=UTF-8''a%20b.png")]
    [InlineData("Écluse.gif", "image/gif", "attachment; filename=\"_cluse.gif\"; filename*=UTF-8''%C3%89cluse.gif")]
    [InlineData("写👩‍👧.webp", "image/webp", "attachment; filename=\"____.webp\"; filename*=UTF-8''%E5%86%99%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7.webp")]
    [InlineData("a\"; filename=\"x.exe.heic", "image/heic", "attachment; filename=\"a_; filename=_x.exe.heic\"; filename*=UTF-8''a%22%3B%20filename%3D%22x.exe.heic")]
    [InlineData("100%41'(*).avif", "image/avif", "attachment; filename=\"100_41'(*).avif\"; filename*=UTF-8''100%2541%27%28%2A%29.avif")]
    public void TheNameIsInAsciiAndInUtf8(string name, string contentType, string header) => Assert.Equal(header, Header(name, contentType));

    /// <summary>An item that no function wrote may have any name.</summary>
    [Theory]
    [InlineData("a\r\nSet-Cookie: b.jpg")]
    [InlineData("\u001b[31m\u0000\\/\u202e.jpg")]
    public void AHostileNameAddsNoHeader(string name)
    {
        string header = Header(name, "image/jpeg");

        Assert.DoesNotContain(header, char.IsControl);
        Assert.DoesNotContain('\\', header);
        Assert.True(Ascii.IsValid(header));
    }

    /// <summary>HttpClient reads both parameters by the same RFCs.</summary>
    [Theory]
    [InlineData("beach.jpg")]
    [InlineData("Écluse \"1\" 👩‍👧; a=b%41.jpg")]
    [InlineData("'(*)!#$&+^_`|~.jpg")]
    public void AClientReadsTheName(string name)
    {
        var header = ContentDispositionHeaderValue.Parse(Header(name, "image/jpeg"));

        Assert.Equal(("attachment", name), (header.DispositionType, header.FileNameStar));
    }

    [Theory]
    [InlineData("beach.jpg", "image/jpeg", "beach.jpg")]
    [InlineData("BEACH.JPEG", "image/jpeg", "BEACH.JPEG")]
    [InlineData("beach.jfif", "image/jpeg", "beach.jfif")]
    [InlineData("IMG_1.HEIF", "image/heic", "IMG_1.HEIF")]
    [InlineData("IMG_1", "image/heic", "IMG_1.heic")]
    [InlineData("beach.jpg", "image/png", "beach.jpg.png")]
    [InlineData("virus.exe", "image/jpeg", "virus.exe.jpg")]
    [InlineData("page.html", "image/gif", "page.html.gif")]
    [InlineData("a.", "image/webp", "a..webp")]
    [InlineData(".jpg", "image/jpeg", ".jpg.jpg")]
    [InlineData("jpg", "image/jpeg", "jpg.jpg")]
    [InlineData("photo", "text/html", "photo")]
    public void TheNameEndsWithAnExtensionOfTheType(string name, string contentType, string fileName) =>
        Assert.Equal(fileName, ContentDisposition.FileName(name, contentType));

    [Theory]
    [InlineData("a", 255)]
    [InlineData("é", 127)]
    [InlineData("写", 85)]
    [InlineData("👩", 63)]
    public void ALongNameFitsAFileSystem(string character, int most)
    {
        string name = string.Concat(Enumerable.Repeat(character, PhotoRules.MaxNameLength - 4)) + ".jpg";

        string fileName = ContentDisposition.FileName(name, "image/jpeg");

        int kept = Math.Min(PhotoRules.MaxNameLength - 4, (255 - 4) / Encoding.UTF8.GetByteCount(character));
        Assert.InRange(kept, most - 4, most);
        Assert.Equal(string.Concat(Enumerable.Repeat(character, kept)) + ".jpg", fileName);
        Assert.InRange(Encoding.UTF8.GetByteCount(fileName), 1, 255);
    }

    [Fact]
    public void EveryTypeOfAPhotoHasAnExtension() =>
        Assert.All(PhotoRules.ContentTypes, type => Assert.NotEqual("a", ContentDisposition.FileName("a", type)));

    private static string Header(string name, string contentType) =>
        ContentDisposition.Attachment(Invoke.Photo(name) with { ContentType = contentType });
}

using Microsoft.Playwright;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>Photos to upload: landscapes that the browser draws and encodes as JPEG.</summary>
/// <param name="all">Pictures of the same size.</param>
/// <param name="shapes">Pictures of other proportions.</param>
internal sealed class Pictures(IReadOnlyList<FilePayload> all, IReadOnlyList<FilePayload> shapes)
{
    /// <summary>The width of each picture of <see cref="All"/>, in pixels.</summary>
    public const int Width = 960;

    /// <summary>The height of each picture of <see cref="All"/>, in pixels.</summary>
    public const int Height = 720;

    /// <summary>The width of their thumbnails, in pixels.</summary>
    public const int ThumbnailWidth = 512;

    /// <summary>Draws sky, sun and ranges of hills. The seed determines every number, so that each run draws the same picture.</summary>
    private const string Paint = """
        ({ seed, sky, hills, sun, width, height }) => {
          let state = seed;
          const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
          const canvas = Object.assign(document.createElement('canvas'), { width, height });
          const context = canvas.getContext('2d');
          const gradient = context.createLinearGradient(0, 0, 0, height * 0.8);
          sky.forEach((color, i) => gradient.addColorStop(i / (sky.length - 1), color));
          context.fillStyle = gradient;
          context.fillRect(0, 0, width, height);
          context.fillStyle = sun;
          context.beginPath();
          context.arc(width * (0.2 + 0.6 * random()), height * (0.2 + 0.2 * random()), 46, 0, 7);
          context.fill();
          hills.forEach((color, range) => {
            const base = height * (0.5 + 0.14 * range);
            const [a, b, c] = [random() * 6, random() * 6, random() * 6];
            context.fillStyle = color;
            context.beginPath();
            context.moveTo(0, height);
            for (let x = 0; x <= width; x += 4) {
              const t = x / width;
              context.lineTo(x, base - 60 * Math.sin(3 * t + a) - 26 * Math.sin(9 * t + b) - 7 * Math.sin(31 * t + c));
            }
            context.lineTo(width, height);
            context.fill();
          });
          return canvas.toDataURL('image/jpeg', 0.85).split(',')[1];
        }
        """;

    private static readonly (string Name, string[] Sky, string[] Hills, string Sun)[] s_scenes =
    [
        ("Morning mist.jpg", ["#f6d7c3", "#f9efe6"], ["#c9d3d6", "#9db2b8", "#6b8a94", "#3e5f6b"], "#fff6e8"),
        ("Blue ridge.jpg", ["#7fb2dd", "#dcecf6"], ["#a9c4da", "#7ba1c0", "#4d7ba1", "#2a567c"], "#fffdf2"),
        ("Last light.jpg", ["#4a3a6b", "#d9705f", "#f7c67f"], ["#8a5a78", "#643f62", "#412a4a", "#241a2f"], "#ffe3a8"),
        ("Spring hills.jpg", ["#a8d8ea", "#f3f9ee"], ["#c5dca0", "#9dc183", "#6fa067", "#44764c"], "#fffbe0"),
        ("Dunes at noon.jpg", ["#8ecae6", "#f5ebd7"], ["#eed9b3", "#dfbf8a", "#c99f62", "#a87d45"], "#ffffff"),
        ("Winter evening.jpg", ["#30415d", "#8fa3bf", "#e8d5d3"], ["#c3cddb", "#94a5bc", "#64789a", "#38496b"], "#fdf1e6"),
        ("Heather.jpg", ["#cdb9dc", "#f6e9ee"], ["#b79bc4", "#96739f", "#6d5178", "#43324f"], "#fff3ea"),
        ("Forest lake.jpg", ["#b9d6d2", "#eef4ec"], ["#8fb3a3", "#5f8d7c", "#386656", "#1c4439"], "#fdfbe8"),
    ];

    public IReadOnlyList<FilePayload> All => all;

    public IReadOnlyList<FilePayload> Shapes => shapes;

    public static async Task<Pictures> PaintAsync(IBrowser browser)
    {
        IPage page = await browser.NewPageAsync();
        List<FilePayload> all = [];
        for (int i = 0; i < s_scenes.Length; i++)
        {
            all.Add(await PaintAsync(s_scenes[i].Name, i, Width, Height));
        }

        FilePayload[] shapes = [await PaintAsync("Portrait.jpg", 0, 540, 960), await PaintAsync("Panorama.jpg", 1, 1600, 300), await PaintAsync("Icon.jpg", 2, 64, 64)];
        await page.CloseAsync();
        return new Pictures(all, shapes);

        async Task<FilePayload> PaintAsync(string name, int scene, int width, int height)
        {
            (_, string[] sky, string[] hills, string sun) = s_scenes[scene];
            string base64 = await page.EvaluateAsync<string>(Paint, new { seed = 4711 * (scene + 1), sky, hills, sun, width, height });
            return new FilePayload { Name = name, MimeType = "image/jpeg", Buffer = Convert.FromBase64String(base64) };
        }
    }

    /// <summary>Paints a photo as phones take it: 12 megapixels, with as much detail as JPEG stores in a number of bytes.</summary>
    /// <param name="scene">Which of the scenes.</param>
    /// <param name="length">The file's length, in bytes. The last of them may be padding.</param>
    public static async Task<byte[]> PaintLargeAsync(IBrowser browser, int scene, int length)
    {
        IPage page = await browser.NewPageAsync();
        (_, string[] sky, string[] hills, string sun) = s_scenes[scene];
        string base64 = await page.EvaluateAsync<string>(
            $$"""
            async ({ scene, length }) => {
              const painted = ({{Paint}})(scene);
              const base = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${painted}`)).blob());
              const canvas = new OffscreenCanvas(scene.width, scene.height);
              const context = canvas.getContext('2d');
              context.drawImage(base, 0, 0);
              const noise = new OffscreenCanvas(512, 512);
              const pixels = new ImageData(512, 512);
              let state = scene.seed;
              for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : (state = (state * 16807) % 2147483647) % 256;
              noise.getContext('2d').putImageData(pixels, 0, 0);
              context.globalAlpha = 0.2;
              context.globalCompositeOperation = 'overlay';
              for (let scale = 1; scale <= 32; scale *= 2) {
                context.setTransform(scale, 0, 0, scale, 0, 0);
                context.fillStyle = context.createPattern(noise, 'repeat');
                context.fillRect(0, 0, scene.width, scene.height);
              }
              let blob;
              for (let quality = 0.98; !blob || blob.size > length; quality -= 0.02) blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
              return new Promise((resolve) => {
                const reader = new FileReader();
                reader.onload = () => resolve(reader.result.split(',')[1]);
                reader.readAsDataURL(blob);
              });
            }
            """,
            new { scene = new { seed = 4711 * (scene + 1), sky, hills, sun, width = 4032, height = 3024 }, length });
        await page.CloseAsync();
        byte[] photo = Convert.FromBase64String(base64);
        Array.Resize(ref photo, length);
        return photo;
    }

    /// <summary>Writes a picture to a file and pads it after its end marker (ITU-T T.81, B.2.1).</summary>
    /// <param name="length">The file's length, in bytes.</param>
    /// <returns>The file's path.</returns>
    public string Write(string folder, string name, int length)
    {
        string path = Path.Combine(folder, name);
        using FileStream file = File.Create(path);
        file.Write(all[0].Buffer);
        file.SetLength(length);
        return path;
    }
}

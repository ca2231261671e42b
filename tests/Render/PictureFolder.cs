using System.Text;
using NetVips;
using Photos.RenderPhoto;
using Photos.Runtime;

namespace Photos.Tests.Render;

/// <summary>A picture in a folder of its own, and the binary that renders it.</summary>
internal sealed class PictureFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemoryStream _log = new();

    public PictureFolder(byte[] original)
    {
        Original = System.IO.Path.Combine(_folder.Path, "original");
        File.WriteAllBytes(Original, original);
    }

    /// <summary>RenderPhoto's binary.</summary>
    public static string Binary { get; } = System.IO.Path.Combine(Repository.Functions, "RenderPhoto", "bootstrap");

    public string Path => _folder.Path;

    public string Original { get; }

    /// <summary>What the renderer has logged.</summary>
    public string Log => Encoding.UTF8.GetString(_log.ToArray());

    /// <summary>The files in the folder except the original.</summary>
    public IEnumerable<string> Written =>
        Directory.EnumerateFileSystemEntries(Path).Select(file => System.IO.Path.GetFileName(file)!).Where(name => name != "original").Order(StringComparer.Ordinal);

    /// <summary>Renders the picture in a child process, as the function does.</summary>
    /// <param name="program">The program that decodes; RenderPhoto's binary if <see langword="null"/>.</param>
    /// <param name="limit">How long it may take.</param>
    public RenderedPicture? Render(string? program = null, TimeSpan? limit = null) =>
        RenderUnless(program, limit, TestContext.Current.CancellationToken);

    /// <param name="program">As in <see cref="Render"/>.</param>
    /// <param name="limit">As in <see cref="Render"/>.</param>
    /// <param name="canceled">Cancels the call.</param>
    public RenderedPicture? RenderUnless(string? program, TimeSpan? limit, CancellationToken canceled) =>
        new Renderer(program ?? Binary, limit ?? Renderer.TimeLimit, FunctionLog.CreateDefault(_log)).Render(Original, Path, canceled);

    /// <summary>Renders a picture that must be supported.</summary>
    public RenderedPicture RenderReady()
    {
        RenderedPicture? picture = Render();
        Assert.True(picture is not null, Log);
        Assert.Equal(["preview", "thumbnail"], Written);
        return picture;
    }

    /// <summary>Renders a picture that must be refused, and checks that nothing is left of it and that the log has the reason.</summary>
    public void RenderUnsupported(string reason)
    {
        Assert.Null(Render());
        Assert.Contains(reason, Log, StringComparison.Ordinal);
    }

    public static Image Read(string rendition) => Image.WebploadBuffer(File.ReadAllBytes(rendition));

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }
}

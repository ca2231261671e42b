using Photos.Album;

namespace Photos.Tests.Life;

/// <summary>What changes a photo: a call, or SweepPhoto or RenderPhoto with a record of the table's stream.</summary>
internal enum PhotoCall
{
    Grant,
    Upload,
    Write,
    Rename,
    Delete,
    DeleteAll,
    Sweep,
    Render,
}

/// <summary>How far a call is: the number of its next storage request, or the status of its response.</summary>
internal readonly record struct Progress(ushort Value)
{
    private const int LeastStatus = 100;

    public bool IsOver => Value >= LeastStatus;

    public static Progress To(int step) => new((ushort)step);

    public static Progress End(int status) => new((ushort)status);

    /// <summary>How far a call is that was interrupted: it has failed, but Lambda sends a record to RenderPhoto again.</summary>
    public static Progress Interrupted(PhotoCall call, int status) => call == PhotoCall.Render ? To(0) : End(status);
}

/// <summary>
/// What each storage request finds and changes, and what comes next. The item is the truth, each change of it is one conditional
/// write, and the object follows. <see cref="LifeTests"/> checks it, and <c>ScheduleTests</c> compares the binaries with it.
/// </summary>
internal class Protocol
{
    /// <summary>RenderPhoto's UpdateItem, when both renditions are stored.</summary>
    protected const int FinishReady = 4;

    /// <summary>RenderPhoto's UpdateItem, when there was no picture.</summary>
    protected const int FinishUnsupported = 5;

    /// <summary>From here on, the renditions are removed: by SweepPhoto, and by RenderPhoto if the photo is not listed.</summary>
    protected const int ListRenditions = 10;

    private const int DeleteBoth = 11;
    private const int DeleteThumbnail = 12;
    private const int DeletePreview = 13;

    /// <summary>Carries out one storage request.</summary>
    /// <param name="call">The call.</param>
    /// <param name="step">The number of the request in the call's protocol, as in <see cref="RequestName"/>.</param>
    /// <param name="life">What is stored before it.</param>
    public (Progress Next, PhotoLife After) Step(PhotoCall call, int step, PhotoLife life) => call switch
    {
        PhotoCall.Grant => Grant(life),
        PhotoCall.Upload => Upload(life),
        PhotoCall.Write => Write(step, life),
        PhotoCall.Rename => Rename(life),
        PhotoCall.Delete => Delete(step, life),
        PhotoCall.DeleteAll => DeleteAll(step, life),
        PhotoCall.Render => RenderStep(step, life),
        _ => SweepStep(step, life),
    };

    /// <summary>The name of a storage request in the API references.</summary>
    public static string RequestName(PhotoCall call, int step) => (call, step) switch
    {
        (PhotoCall.Grant, _) => "PutItem",
        (PhotoCall.Upload, _) => "PutObject",
        (PhotoCall.Write, 0) => "HeadObject",
        (PhotoCall.Write, 1) => "UpdateItem",
        (PhotoCall.Write, _) => "GetItem",
        (PhotoCall.Rename, _) => "UpdateItem",
        (PhotoCall.Delete, 0) => "UpdateItem",
        (PhotoCall.Delete, _) => "DeleteObject",
        (PhotoCall.DeleteAll, 0) => "Query",
        (PhotoCall.DeleteAll, 1) => "UpdateItem",
        (PhotoCall.DeleteAll, _) => "DeleteObject",
        (_, 0) => "GetItem",
        (PhotoCall.Render, 1) => "GetObject",
        (PhotoCall.Render, 2 or 3) => "PutObject",
        (PhotoCall.Render, FinishReady or FinishUnsupported) => "UpdateItem",
        (PhotoCall.Sweep, 1) => "ListObjectVersions",
        (PhotoCall.Sweep, 2) => "DeleteObject",
        (_, ListRenditions) => "ListObjectVersions",
        _ => "DeleteObjectVersion",
    };

    /// <summary>Whether a request changes what is stored, if its condition holds.</summary>
    public static bool IsChange(PhotoCall call, int step) =>
        (call, step) is (PhotoCall.Write, 1) or (PhotoCall.Rename, _) or (PhotoCall.Delete, _) or (PhotoCall.DeleteAll, > 0)
            or (PhotoCall.Render, 2 or 3 or FinishReady or FinishUnsupported or > ListRenditions);

    /// <summary>A sweep whose requests follow one another directly.</summary>
    public PhotoLife Sweep(PhotoLife life)
    {
        for (Progress next = Progress.To(0); !next.IsOver;)
        {
            (next, life) = Step(PhotoCall.Sweep, next.Value, life);
        }

        return life;
    }

    protected virtual (Progress Next, PhotoLife After) Write(int step, PhotoLife life) => (step, life.Item) switch
    {
        (0, _) => (Progress.To(life.HasObject ? 1 : 2), life),
        (1, PhotoState.Granted) => (Progress.End(201), life with { Item = PhotoState.Listed }),
        (2, PhotoState.Granted) => (Progress.End(409), life),
        (_, PhotoState.Listed) => (Progress.End(200), life),
        _ => (Progress.End(410), life),
    };

    /// <summary>Only the name changes, which the model does not have.</summary>
    protected virtual (Progress Next, PhotoLife After) Rename(PhotoLife life) =>
        (Progress.End(life.Item switch { PhotoState.Listed => 200, PhotoState.Deleted => 410, _ => 404 }), life);

    protected virtual (Progress Next, PhotoLife After) Delete(int step, PhotoLife life) => (step, life.Item) switch
    {
        (0, PhotoState.Granted or PhotoState.Listed) => (Progress.To(1), life with { Item = PhotoState.Deleted, Rendered = Rendered.NotYet }),
        (0, PhotoState.Deleted) => (Progress.End(204), life),
        (0, _) => (Progress.End(404), life),
        _ => (Progress.End(204), life with { HasObject = false }),
    };

    protected virtual (Progress Next, PhotoLife After) DeleteAll(int step, PhotoLife life) => (step, life.Item) switch
    {
        (0, PhotoState.Granted or PhotoState.Listed) => (Progress.To(1), life),
        (1, PhotoState.Granted or PhotoState.Listed) => (Progress.To(2), life with { Item = PhotoState.Deleted, Rendered = Rendered.NotYet }),
        (0 or 1, _) => (Progress.End(204), life),
        _ => (Progress.End(204), life with { HasObject = false }),
    };

    protected virtual (Progress Next, PhotoLife After) SweepStep(int step, PhotoLife life) => step switch
    {
        0 => (life.Item is PhotoState.Granted or PhotoState.Listed ? Progress.End(200) : Progress.To(1), life),
        1 => (Progress.To(life.HasObject ? 2 : ListRenditions), life),
        2 => (Progress.To(ListRenditions), life with { HasObject = false }),
        _ => RemoveStep(step, life),
    };

    protected virtual (Progress Next, PhotoLife After) RenderStep(int step, PhotoLife life) => (step, life) switch
    {
        (0, { Item: not PhotoState.Listed }) => (Progress.To(ListRenditions), life),
        (0, { Rendered: Rendered.NotYet }) => (Progress.To(1), life),
        (0, _) => (Progress.End(200), life),
        (1, _) => (Progress.To(life.HasObject ? 2 : FinishUnsupported), life),
        (2, _) => (Progress.To(3), life with { Renditions = life.Renditions | Renditions.Thumbnail }),
        (3, _) => (Progress.To(FinishReady), life with { Renditions = life.Renditions | Renditions.Preview }),
        (FinishReady or FinishUnsupported, { Item: not PhotoState.Listed }) => (Progress.To(ListRenditions), life),
        (FinishReady, _) => (Progress.End(200), life with { Rendered = Rendered.Ready }),
        (FinishUnsupported, { Rendered: Rendered.NotYet }) => (Progress.End(200), life with { Rendered = Rendered.Unsupported }),
        (FinishUnsupported, _) => (Progress.End(200), life),
        _ => RemoveStep(step, life),
    };

    /// <summary>Lists the renditions, and deletes those that were listed, in the order of their keys.</summary>
    private static (Progress Next, PhotoLife After) RemoveStep(int step, PhotoLife life) => step switch
    {
        ListRenditions => (life.Renditions switch
        {
            Renditions.Both => Progress.To(DeleteBoth),
            Renditions.Thumbnail => Progress.To(DeleteThumbnail),
            Renditions.Preview => Progress.To(DeletePreview),
            _ => Progress.End(200),
        }, life),
        DeleteBoth => (Progress.To(DeleteThumbnail), life with { Renditions = life.Renditions & ~Renditions.Preview }),
        DeleteThumbnail => (Progress.End(200), life with { Renditions = life.Renditions & ~Renditions.Thumbnail }),
        _ => (Progress.End(200), life with { Renditions = life.Renditions & ~Renditions.Preview }),
    };

    private static (Progress Next, PhotoLife After) Grant(PhotoLife life) =>
        (Progress.End(201), life.Item == PhotoState.None ? life with { Item = PhotoState.Granted } : life);

    /// <summary>By the grant's URL, which does not replace an object.</summary>
    private static (Progress Next, PhotoLife After) Upload(PhotoLife life) =>
        (Progress.End(life.HasObject ? 412 : 200), life with { HasObject = true });
}

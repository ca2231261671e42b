using Photos.Album;

namespace Photos.Tests.Life;

/// <summary>What changes a photo: a call, or SweepPhoto with a record of the table's stream.</summary>
internal enum PhotoCall
{
    Grant,
    Upload,
    Write,
    Delete,
    Sweep,
}

/// <summary>How far a call is: the number of its next storage request, or the status of its response.</summary>
internal readonly record struct Progress(ushort Value)
{
    private const int LeastStatus = 100;

    public bool IsOver => Value >= LeastStatus;

    public static Progress To(int step) => new((ushort)step);

    public static Progress End(int status) => new((ushort)status);
}

/// <summary>
/// What each storage request finds and changes, and what comes next. The item is the truth, each change of it is one conditional
/// write, and the object follows. <see cref="LifeTests"/> checks it, and <c>ScheduleTests</c> compares the binaries with it.
/// </summary>
internal class Protocol
{
    /// <summary>Carries out one storage request.</summary>
    /// <param name="call">The call.</param>
    /// <param name="step">The number of the request in the call's protocol, as in <see cref="RequestName"/>.</param>
    /// <param name="life">What is stored before it.</param>
    public (Progress Next, PhotoLife After) Step(PhotoCall call, int step, PhotoLife life) => call switch
    {
        PhotoCall.Grant => Grant(life),
        PhotoCall.Upload => Upload(life),
        PhotoCall.Write => Write(step, life),
        PhotoCall.Delete => Delete(step, life),
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
        (PhotoCall.Delete, 0) => "UpdateItem",
        (PhotoCall.Delete, _) => "DeleteObject",
        (_, 0) => "GetItem",
        (_, 1) => "ListObjectVersions",
        _ => "DeleteObject",
    };

    /// <summary>Whether a request changes what is stored, if its condition holds.</summary>
    public static bool IsChange(PhotoCall call, int step) => (call, step) is (PhotoCall.Write, 1) or (PhotoCall.Delete, _);

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

    protected virtual (Progress Next, PhotoLife After) Delete(int step, PhotoLife life) => (step, life.Item) switch
    {
        (0, PhotoState.Granted or PhotoState.Listed) => (Progress.To(1), life with { Item = PhotoState.Deleted }),
        (0, PhotoState.Deleted) => (Progress.End(204), life),
        (0, _) => (Progress.End(404), life),
        _ => (Progress.End(204), life with { HasObject = false }),
    };

    protected virtual (Progress Next, PhotoLife After) SweepStep(int step, PhotoLife life) => step switch
    {
        0 => (life.Item is PhotoState.Granted or PhotoState.Listed ? Progress.End(200) : Progress.To(1), life),
        1 => (life.HasObject ? Progress.To(2) : Progress.End(200), life),
        _ => (Progress.End(200), life with { HasObject = false }),
    };

    private static (Progress Next, PhotoLife After) Grant(PhotoLife life) =>
        (Progress.End(201), life.Item == PhotoState.None ? life with { Item = PhotoState.Granted } : life);

    /// <summary>By the grant's URL, which does not replace an object.</summary>
    private static (Progress Next, PhotoLife After) Upload(PhotoLife life) =>
        (Progress.End(life.HasObject ? 412 : 200), life with { HasObject = true });
}

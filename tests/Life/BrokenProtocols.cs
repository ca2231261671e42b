using Photos.Album;

namespace Photos.Tests.Life;

/// <summary>Protocols with one mistake each.</summary>
internal static class BrokenProtocols
{
    public static IReadOnlyList<Protocol> All { get; } =
    [
        new IdsComeBack(), new NoTombstone(), new NoHead(), new ObjectFirst(), new SweepOfGrants(), new NoSweep(), new RenameWithoutItem(), new RenameRevives(),
        new DeleteOfListed(), new DeleteOfItem(),
    ];

    /// <summary>Mistakes of RenderPhoto, or in what SweepPhoto does with renditions.</summary>
    public static IReadOnlyList<Protocol> OfRenditions { get; } =
        [new UpdateWithoutCondition(), new NoRemoval(), new UpdateFirst(), new RecordDecides(), new SweepWithoutRenditions(), new RenderedTombstone()];
}

/// <summary>A write needs no grant.</summary>
internal sealed class IdsComeBack : Protocol
{
    protected override (Progress Next, PhotoLife After) Write(int step, PhotoLife life) =>
        step == 1 && life.Item == PhotoState.None ? (Progress.End(201), life with { Item = PhotoState.Listed }) : base.Write(step, life);
}

/// <summary>A delete gives the id back.</summary>
internal sealed class NoTombstone : Protocol
{
    protected override (Progress Next, PhotoLife After) Delete(int step, PhotoLife life)
    {
        (Progress next, PhotoLife after) = base.Delete(step, life);
        return (next, step == 0 && after.Item == PhotoState.Deleted ? after with { Item = PhotoState.Granted } : after);
    }
}

/// <summary>A write does not look for the object.</summary>
internal sealed class NoHead : Protocol
{
    protected override (Progress Next, PhotoLife After) Write(int step, PhotoLife life) =>
        step == 0 ? (Progress.To(1), life) : base.Write(step, life);
}

/// <summary>A delete removes the object before it changes the item.</summary>
internal sealed class ObjectFirst : Protocol
{
    protected override (Progress Next, PhotoLife After) Delete(int step, PhotoLife life) => step == 0
        ? (Progress.To(1), life with { HasObject = false })
        : life.Item is PhotoState.Granted or PhotoState.Listed
            ? (Progress.End(204), life with { Item = PhotoState.Deleted })
            : (Progress.End(404), life);
}

/// <summary>What is not listed is swept when a write begins.</summary>
internal sealed class SweepOfGrants : Protocol
{
    protected override (Progress Next, PhotoLife After) Write(int step, PhotoLife life) =>
        step == 0 && life == PhotoLife.Uploaded ? (Progress.To(1), PhotoLife.Granted) : base.Write(step, life);
}

/// <summary>Nothing follows the table.</summary>
internal sealed class NoSweep : Protocol
{
    protected override (Progress Next, PhotoLife After) SweepStep(int step, PhotoLife life) => (Progress.End(200), life);
}

/// <summary>A rename does not ask whether there is an item, and creates one.</summary>
internal sealed class RenameWithoutItem : Protocol
{
    protected override (Progress Next, PhotoLife After) Rename(PhotoLife life) =>
        life.Item == PhotoState.None ? (Progress.End(200), life with { Item = PhotoState.Listed }) : base.Rename(life);
}

/// <summary>A rename asks only whether there is an item, and lists it.</summary>
internal sealed class RenameRevives : Protocol
{
    protected override (Progress Next, PhotoLife After) Rename(PhotoLife life) =>
        life.Item == PhotoState.None ? base.Rename(life) : (Progress.End(200), life with { Item = PhotoState.Listed });
}

/// <summary>A delete of all photos leaves those that are not written yet.</summary>
internal sealed class DeleteOfListed : Protocol
{
    protected override (Progress Next, PhotoLife After) DeleteAll(int step, PhotoLife life) =>
        step == 0 && life.Item == PhotoState.Granted ? (Progress.End(204), life) : base.DeleteAll(step, life);
}

/// <summary>A delete of all photos removes the items.</summary>
internal sealed class DeleteOfItem : Protocol
{
    protected override (Progress Next, PhotoLife After) DeleteAll(int step, PhotoLife life)
    {
        (Progress next, PhotoLife after) = base.DeleteAll(step, life);
        return (next, step == 1 ? after with { Item = PhotoState.None } : after);
    }
}

/// <summary>The item becomes ready also when the photo is not listed.</summary>
internal sealed class UpdateWithoutCondition : Protocol
{
    protected override (Progress Next, PhotoLife After) RenderStep(int step, PhotoLife life) => step == FinishReady
        ? (Progress.End(200), life.Item == PhotoState.Listed ? life with { Rendered = Rendered.Ready } : life)
        : base.RenderStep(step, life);
}

/// <summary>When the condition does not hold, the renditions stay.</summary>
internal sealed class NoRemoval : Protocol
{
    protected override (Progress Next, PhotoLife After) RenderStep(int step, PhotoLife life)
    {
        (Progress next, PhotoLife after) = base.RenderStep(step, life);
        return (step == FinishReady && !next.IsOver ? Progress.End(200) : next, after);
    }
}

/// <summary>The item is ready before its renditions are stored.</summary>
internal sealed class UpdateFirst : Protocol
{
    protected override (Progress Next, PhotoLife After) RenderStep(int step, PhotoLife life) => (step, life) switch
    {
        (1, { HasObject: true }) => (Progress.To(FinishReady), life),
        (FinishReady, { Item: PhotoState.Listed }) => (Progress.To(2), life with { Rendered = Rendered.Ready }),
        (3, _) => (Progress.End(200), life with { Renditions = life.Renditions | Renditions.Preview }),
        _ => base.RenderStep(step, life),
    };
}

/// <summary>A retry of RenderPhoto does nothing when the photo is not listed.</summary>
internal sealed class RecordDecides : Protocol
{
    protected override (Progress Next, PhotoLife After) RenderStep(int step, PhotoLife life) =>
        step == 0 && life.Item != PhotoState.Listed ? (Progress.End(200), life) : base.RenderStep(step, life);
}

/// <summary>SweepPhoto deletes the object alone.</summary>
internal sealed class SweepWithoutRenditions : Protocol
{
    protected override (Progress Next, PhotoLife After) SweepStep(int step, PhotoLife life) =>
        step == ListRenditions ? (Progress.End(200), life) : base.SweepStep(step, life);
}

/// <summary>RenderPhoto asks whether there is an item, and not whether the photo is listed.</summary>
internal sealed class RenderedTombstone : Protocol
{
    protected override (Progress Next, PhotoLife After) RenderStep(int step, PhotoLife life) =>
        step == FinishReady && life.Item == PhotoState.Deleted ? (Progress.End(200), life) : base.RenderStep(step, life);
}

using Photos.Album;

namespace Photos.Tests.Life;

/// <summary>Protocols with one mistake each.</summary>
internal static class BrokenProtocols
{
    public static IReadOnlyList<Protocol> All { get; } =
        [new IdsComeBack(), new NoTombstone(), new NoHead(), new ObjectFirst(), new SweepOfGrants(), new NoSweep()];
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

using System.Runtime.InteropServices;
using Photos.Album;

namespace Photos.Tests.Life;

/// <summary>The renditions that the bucket has of a photo.</summary>
[Flags]
internal enum Renditions
{
    None = 0,
    Thumbnail = 1,
    Preview = 2,
    Both = Thumbnail | Preview,
}

/// <summary>What the item of a listed photo says about its renditions.</summary>
internal enum Rendered
{
    NotYet,
    Ready,
    Unsupported,
}

/// <summary>What is stored of a photo.</summary>
/// <param name="Item">The state of its item; <see cref="PhotoState.None"/> if there is none.</param>
/// <param name="HasObject">Whether the bucket has its object.</param>
/// <param name="Rendered">What its item says about its renditions.</param>
/// <param name="Renditions">What the bucket has of them.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PhotoLife(PhotoState Item, bool HasObject, Rendered Rendered = Rendered.NotYet, Renditions Renditions = Renditions.None)
{
    public static PhotoLife Granted { get; } = new(PhotoState.Granted, HasObject: false);

    public static PhotoLife Uploaded { get; } = new(PhotoState.Granted, HasObject: true);

    public static PhotoLife Listed { get; } = new(PhotoState.Listed, HasObject: true);

    public static PhotoLife Ready { get; } = new(PhotoState.Listed, HasObject: true, Rendered.Ready, Renditions.Both);

    public static PhotoLife Deleted { get; } = new(PhotoState.Deleted, HasObject: false);

    public override string ToString() => $"{Item} ({Rendered}) {(HasObject ? "with" : "without")} an object, renditions: {Renditions}";
}

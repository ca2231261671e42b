using Photos.Album;

namespace Photos.Tests.Life;

/// <summary>What is stored of a photo.</summary>
/// <param name="Item">The state of its item; <see cref="PhotoState.None"/> if there is none.</param>
/// <param name="HasObject">Whether the bucket has its object.</param>
internal readonly record struct PhotoLife(PhotoState Item, bool HasObject)
{
    public static PhotoLife Granted { get; } = new(PhotoState.Granted, HasObject: false);

    public static PhotoLife Uploaded { get; } = new(PhotoState.Granted, HasObject: true);

    public static PhotoLife Listed { get; } = new(PhotoState.Listed, HasObject: true);

    public static PhotoLife Deleted { get; } = new(PhotoState.Deleted, HasObject: false);

    public override string ToString() => $"{Item} {(HasObject ? "with" : "without")} an object";
}

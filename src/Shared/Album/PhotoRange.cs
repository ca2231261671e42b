using System.Runtime.InteropServices;

namespace Photos.Album;

/// <summary>The order of an album, newest first in both.</summary>
public enum PhotoOrder
{
    /// <summary>By the time of the upload grant, which is the time in the id.</summary>
    Uploaded,

    /// <summary>By the time when the picture was taken; by that of the grant if the picture does not say.</summary>
    Taken,
}

/// <summary>Which photos of an album a list has, and in which order. The default has all, by <see cref="PhotoOrder.Uploaded"/>.</summary>
/// <param name="Order">The order, by whose time the range is.</param>
/// <param name="From">The earliest time, whose fractions of a millisecond do not count; <see langword="null"/> for any.</param>
/// <param name="To">The time that all photos are before, whose fractions of a millisecond do not count; <see langword="null"/> for any.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PhotoRange(PhotoOrder Order, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>A photo's place in an order.</summary>
/// <param name="Id">The photo's id.</param>
/// <param name="TakenUtc">
/// The time in <see cref="PhotoOrder.Taken"/>, as <see cref="PhotoRules.FormatDate"/> has it; <see langword="null"/> in
/// <see cref="PhotoOrder.Uploaded"/>. Photos that were taken at the same time are in the order of the index.
/// </param>
public readonly record struct PhotoPosition(PhotoId Id, string? TakenUtc);

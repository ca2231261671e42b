using System.Globalization;

namespace Photos.Ops;

/// <summary>What an audit found.</summary>
internal enum FindingKind
{
    /// <summary>A listed photo has no object.</summary>
    MissingObject,

    /// <summary>A photo is listed as ready, but lacks a thumbnail or a preview.</summary>
    MissingRenditions,

    /// <summary>No item names the object, or the rendition.</summary>
    UnnamedObject,

    /// <summary>No item named the object, and the audit has deleted it.</summary>
    Repaired,

    /// <summary>The object's key is not the key of a photo.</summary>
    ForeignObject,

    /// <summary>The object of a deleted photo. SweepPhoto deletes it when time to live removes the tombstone. Not an error.</summary>
    DeletedPhoto,
}

/// <summary>One photo or object whose item and object do not agree.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Key">The key of the object; the beginning of the keys of missing renditions.</param>
/// <param name="Age">The time since the object was last modified; zero for a missing one.</param>
internal sealed record Finding(FindingKind Kind, string Key, TimeSpan Age)
{
    /// <summary>Whether something is wrong that the audit has not repaired.</summary>
    public static bool IsWrong(FindingKind kind) => kind is FindingKind.MissingObject or FindingKind.MissingRenditions or FindingKind.UnnamedObject or FindingKind.ForeignObject;

    public override string ToString() => Kind switch
    {
        FindingKind.MissingObject => $"{Key}: is listed, but has no object.",
        FindingKind.MissingRenditions => $"{Key}: the photo is listed as ready, but lacks a thumbnail or a preview.",
        FindingKind.UnnamedObject => $"{Key}: no item names this object. It is {Days} days old.",
        FindingKind.Repaired => $"{Key}: no item named this object. It was {Days} days old, and is deleted now.",
        FindingKind.ForeignObject => $"{Key}: is not the key of a photo. The object is {Days} days old.",
        _ => $"{Key}: the photo is deleted. SweepPhoto deletes this object when the tombstone expires.",
    };

    // Rounded down, so that an object which is not ten days old never seems to be.
    private string Days => (Math.Floor(Age.TotalDays * 10) / 10).ToString("0.0", CultureInfo.InvariantCulture);
}

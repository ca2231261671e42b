namespace Photos.Album;

/// <summary>The states of a photo's life, in their order. A photo never returns to an earlier one.</summary>
public enum PhotoState
{
    /// <summary>There is no item.</summary>
    None,

    /// <summary>The item is not one that this version knows.</summary>
    Unknown,

    /// <summary>A grant was given; the photo is not written yet.</summary>
    Granted,

    /// <summary>The photo is in the album.</summary>
    Listed,

    /// <summary>The photo was deleted; a tombstone keeps its id from being used again.</summary>
    Deleted,
}

/// <summary>What the table has of a photo.</summary>
/// <param name="State">The photo's state.</param>
/// <param name="Photo">The metadata of a listed photo; otherwise <see langword="null"/>.</param>
public readonly record struct StoredPhoto(PhotoState State, Photo? Photo);

namespace Photos.Album;

/// <summary>A photo's metadata.</summary>
/// <param name="Id">The id, unique in the user's album.</param>
/// <param name="Name">The name the user gave it; see <see cref="PhotoRules.CheckName"/>.</param>
/// <param name="Date">When it was written, ISO 8601 UTC, stored as the text that clients receive.</param>
/// <param name="Size">The object's size in bytes.</param>
/// <param name="ContentType">The object's media type, one of <see cref="PhotoRules.ContentTypes"/>.</param>
public sealed record Photo(PhotoId Id, string Name, string Date, long Size, string ContentType)
{
    /// <summary>Whether the photo has a thumbnail and a preview.</summary>
    public PhotoStatus Status { get; init; }

    /// <summary>What was read from the picture; <see langword="null"/> unless the photo is <see cref="PhotoStatus.Ready"/>.</summary>
    public Picture? Picture { get; init; }
}

/// <summary>Whether a photo has a thumbnail and a preview.</summary>
public enum PhotoStatus
{
    /// <summary>Not yet: they follow within seconds, or after a fault within hours.</summary>
    Processing,

    /// <summary>Both are in the bucket.</summary>
    Ready,

    /// <summary>Never: the object is not a picture that can be decoded.</summary>
    Unsupported,
}

/// <summary>What was read from a photo's picture.</summary>
/// <param name="Width">In pixels, upright.</param>
/// <param name="Height">In pixels, upright.</param>
/// <param name="Taken">When the camera took it, ISO 8601, with the offset if the picture has one; <see langword="null"/> if it does not say.</param>
public sealed record Picture(int Width, int Height, string? Taken);

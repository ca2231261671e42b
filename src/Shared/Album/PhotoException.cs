namespace Photos.Album;

/// <summary>Why a request about photos is refused. Exhaustive: every switch handles every member.</summary>
public enum PhotoFault
{
    /// <summary>A field or parameter is missing or invalid; the message names it.</summary>
    InvalidField,

    /// <summary>The request names no user.</summary>
    Unauthenticated,

    /// <summary>The user has no such photo.</summary>
    NotFound,

    /// <summary>The photo's object is not in the bucket yet.</summary>
    NotUploaded,

    /// <summary>The photo was deleted; its id is never used again.</summary>
    Deleted,

    /// <summary>There is no grant for the id, or it has expired.</summary>
    GrantExpired,

    /// <summary>The photo is larger than allowed.</summary>
    TooLarge,

    /// <summary>The content type is not allowed.</summary>
    UnsupportedType,

    /// <summary>The table or the bucket throttles, is unreachable, or did not respond in time. The same call may succeed later.</summary>
    StorageUnavailable,
}

/// <summary>A request about photos is refused.</summary>
/// <param name="fault">The kind of refusal.</param>
/// <param name="message">What is wrong and what to do, for the client to read.</param>
/// <param name="inner">The cause, for the log alone.</param>
public sealed class PhotoException(PhotoFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind of refusal.</summary>
    public PhotoFault Fault { get; } = fault;
}

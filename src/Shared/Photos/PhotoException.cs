namespace Album.Photos;

/// <summary>Why a request about photos is refused. Closed: whoever answers for one answers for all.</summary>
public enum PhotoFault
{
    /// <summary>A field or parameter is missing or wrong; the message names it.</summary>
    InvalidField,

    /// <summary>The request names no user.</summary>
    Unauthenticated,

    /// <summary>The user has no such photo.</summary>
    NotFound,

    /// <summary>The photo's object is not in the bucket.</summary>
    NotUploaded,

    /// <summary>The photo has more bytes than a photo may have.</summary>
    TooLarge,

    /// <summary>The content type is none that a photo may have.</summary>
    UnsupportedType,

    /// <summary>The table or the bucket throttles, is away or did not answer in time. The same call may succeed later.</summary>
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

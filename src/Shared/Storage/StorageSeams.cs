using Album.Photos;

namespace Album.Storage;

/// <summary>Lists an album.</summary>
public interface IPhotoLister
{
    /// <summary>Up to <paramref name="limit"/> photos, newest first, beginning behind <paramref name="after"/>.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    PhotoPage List(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken);
}

/// <summary>Finds one photo's metadata.</summary>
public interface IPhotoFinder
{
    /// <summary>The photo, or <see langword="null"/> when the user has none of that id.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>Writes one photo's metadata.</summary>
public interface IPhotoWriter
{
    /// <summary>Writes the photo unless the user has one of its id already.</summary>
    /// <returns>Whether it was written.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    bool TryAdd(UserId user, Photo photo, CancellationToken cancellationToken);
}

/// <summary>Deletes one photo's metadata.</summary>
public interface IPhotoDeleter
{
    /// <summary>Deletes the photo.</summary>
    /// <returns>Whether there was one; also when a first try whose answer was lost may have deleted it.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    bool Delete(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>Looks after uploaded objects.</summary>
public interface IUploadKeeper
{
    /// <summary>The uploaded object, or <see langword="null"/> when there is none.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    UploadedObject? Find(UserId user, PhotoId id, CancellationToken cancellationToken);

    /// <summary>Takes off the tag by which an unfinished upload expires.</summary>
    /// <returns>Whether the object was still there.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    bool TryKeep(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>Deletes objects.</summary>
public interface IObjectDeleter
{
    /// <summary>Deletes the object; that there is none is no error.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    void Delete(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>A page of an album.</summary>
/// <param name="Photos">Newest first.</param>
/// <param name="HasMore">Whether older photos follow.</param>
public sealed record PhotoPage(IReadOnlyList<Photo> Photos, bool HasMore);

/// <summary>What the bucket knows of an uploaded object.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="ContentType">As the uploader declared it.</param>
public sealed record UploadedObject(long Size, string? ContentType);

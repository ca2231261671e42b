namespace Photos.Album;

/// <summary>What ListPhotos does with the metadata.</summary>
public interface IPhotoReader
{
    /// <summary>Up to <paramref name="limit"/> photos that are older than <paramref name="after"/>, newest first.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    PhotoPage List(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken);

    /// <summary>The photo, or <see langword="null"/> when the user has none with that id.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>What WritePhoto does with the metadata.</summary>
public interface IPhotoWriter
{
    /// <inheritdoc cref="IPhotoReader.Find"/>
    Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken);

    /// <summary>Adds the photo unless the user has one with its id already.</summary>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    bool TryAdd(UserId user, Photo photo, CancellationToken cancellationToken);

    /// <inheritdoc cref="IPhotoDeleter.Delete"/>
    bool Delete(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>What DeletePhoto does with the metadata.</summary>
public interface IPhotoDeleter
{
    /// <summary>Deletes the photo.</summary>
    /// <returns>Whether there was one; also when an earlier attempt, whose response was lost, may have deleted it.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    bool Delete(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>What WritePhoto does with the uploaded objects.</summary>
public interface IUploads
{
    /// <summary>The uploaded object, or <see langword="null"/> when there is none.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    UploadedObject? Find(UserId user, PhotoId id, CancellationToken cancellationToken);

    /// <summary>Removes the tag by which an unfinished upload expires.</summary>
    /// <returns>Whether the object was still there.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    bool TryKeep(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>What DeletePhoto does with the objects.</summary>
public interface IObjectDeleter
{
    /// <summary>Deletes the object. A missing object is not an error.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    void Delete(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>A page of an album.</summary>
/// <param name="Photos">Newest first. Empty only if the album has no more photos or the time ran out.</param>
/// <param name="Next">The id that the next page follows; <see langword="null"/> on the last page.</param>
public sealed record PhotoPage(IReadOnlyList<Photo> Photos, PhotoId? Next);

/// <summary>The metadata that the bucket has of an uploaded object.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="ContentType">As the uploader declared it.</param>
public sealed record UploadedObject(long Size, string? ContentType);

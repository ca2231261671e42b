namespace Photos.Album;

/// <summary>What ListPhotos does with the metadata.</summary>
public interface IPhotoReader
{
    /// <summary>Up to <paramref name="limit"/> photos, newest first.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="range">Which photos, and in which order. That of the previous page may have had other times, but not another order.</param>
    /// <param name="limit">The most photos of the page.</param>
    /// <param name="after">The end of the previous page; <see langword="null"/> for the first page.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    PhotoPage List(UserId user, PhotoRange range, int limit, PhotoPosition? after, CancellationToken cancellationToken);

    /// <summary>The photo, or <see langword="null"/> when the user has no listed photo with that id.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>What WritePhoto does with the metadata.</summary>
public interface IPhotoWriter
{
    /// <summary>Records a grant.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="photo">The photo as the client declared it, with a new id.</param>
    /// <param name="expires">When it can no longer be written.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    void Grant(UserId user, Photo photo, DateTimeOffset expires, CancellationToken cancellationToken);

    /// <summary>Lists a granted photo.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The id of the grant.</param>
    /// <param name="name">The photo's name; <see langword="null"/> for that of the grant.</param>
    /// <param name="uploaded">The object, which must be as the grant declared it.</param>
    /// <param name="now">The time that must be before the grant's end.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether this call listed the photo, and what is stored after it.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    (bool IsNew, StoredPhoto Stored) Write(
        UserId user, PhotoId id, string? name, UploadedObject uploaded, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Gives a photo a new name if it is listed.</summary>
    /// <returns>What is stored after it. A grant counts whether or not it has expired.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    StoredPhoto Rename(UserId user, PhotoId id, string name, CancellationToken cancellationToken);

    /// <summary>What is stored with that id. A grant that has expired at <paramref name="now"/> counts as none.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    StoredPhoto Look(UserId user, PhotoId id, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>What DeletePhoto does with the metadata.</summary>
public interface IPhotoDeleter
{
    /// <summary>Replaces a granted or listed photo by a tombstone.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The photo's id.</param>
    /// <param name="expires">When the tombstone may go, which must be after the end of the grant's URL.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// The state before: <see cref="PhotoState.Listed"/> for a photo that this call deleted, <see cref="PhotoState.Deleted"/> for one
    /// that was deleted before, <see cref="PhotoState.None"/> for one that does not exist.
    /// </returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    PhotoState Delete(UserId user, PhotoId id, DateTimeOffset expires, CancellationToken cancellationToken);

    /// <summary>
    /// The photos that are granted or listed, oldest first. They are read page by page while the caller takes them; one that is granted
    /// meanwhile is among them or not.
    /// </summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/>, while they are taken.</exception>
    IEnumerable<PhotoId> Undeleted(UserId user, CancellationToken cancellationToken);
}

/// <summary>What WritePhoto does with the uploaded objects.</summary>
public interface IUploads
{
    /// <summary>The uploaded object, or <see langword="null"/> when there is none.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    UploadedObject? Find(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>What DeletePhoto does with the objects.</summary>
public interface IObjectDeleter
{
    /// <summary>Deletes the object. A missing object is not an error.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    void Delete(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>What SweepPhoto does with the metadata.</summary>
public interface IPhotoStates
{
    /// <summary>The state of a photo, whether or not its grant has expired.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    PhotoState StateOf(UserId user, PhotoId id, CancellationToken cancellationToken);
}

/// <summary>What SweepPhoto does with the objects.</summary>
public interface IObjectSweeper
{
    /// <summary>Deletes the object and its renditions, if they are there.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The photo's id.</param>
    /// <param name="isRecoverable">
    /// Whether the object's old versions stay until the bucket's lifecycle rule removes them. No version of a rendition stays.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    void Sweep(UserId user, PhotoId id, bool isRecoverable, CancellationToken cancellationToken);
}

/// <summary>A page of an album.</summary>
/// <param name="Photos">Newest first. Empty only if there are no more photos or the time ran out.</param>
/// <param name="Next">The place that the next page follows; <see langword="null"/> on the last page.</param>
public sealed record PhotoPage(IReadOnlyList<Photo> Photos, PhotoPosition? Next);

/// <summary>The metadata that the bucket has of an uploaded object.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="ContentType">As the uploader declared it.</param>
public sealed record UploadedObject(long Size, string? ContentType);

using Album.Photos;
using Album.Storage;

namespace Album.Tests.Functions;

/// <summary>Records every call in order and answers as the test has scripted it; it holds no photos of its own.</summary>
internal sealed class RecordingStorage : IPhotoLister, IPhotoFinder, IPhotoWriter, IPhotoDeleter, IUploadKeeper, IObjectDeleter
{
    public List<string> Calls { get; } = [];

    public PhotoPage Page { get; set; } = new([], HasMore: false);

    public Photo? Found { get; set; }

    public Photo? Added { get; private set; }

    public bool AddAnswer { get; set; } = true;

    public bool DeleteAnswer { get; set; } = true;

    public UploadedObject? Uploaded { get; set; }

    public bool KeepAnswer { get; set; } = true;

    /// <summary>Whether the object goes while its metadata is added.</summary>
    public bool IsDeletedMeanwhile { get; set; }

    public Exception? Failure { get; set; }

    public PhotoPage List(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken) =>
        Record($"list {user} {limit} {after}", Page);

    Photo? IPhotoFinder.Find(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"find {user} {id}", Found);

    public bool TryAdd(UserId user, Photo photo, CancellationToken cancellationToken)
    {
        Added = photo;
        Uploaded = IsDeletedMeanwhile ? null : Uploaded;
        return Record($"add {user} {photo.Id}", AddAnswer);
    }

    bool IPhotoDeleter.Delete(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"delete {user} {id}", DeleteAnswer);

    UploadedObject? IUploadKeeper.Find(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"head {user} {id}", Uploaded);

    public bool TryKeep(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"keep {user} {id}", KeepAnswer);

    void IObjectDeleter.Delete(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"delete object {user} {id}", true);

    private T Record<T>(string call, T answer)
    {
        Calls.Add(call);
        return Failure is null ? answer : throw Failure;
    }
}

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

    public Exception? Failure { get; set; }

    public Task<PhotoPage> ListAsync(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken) =>
        Record($"list {user} {limit} {after}", Page);

    Task<Photo?> IPhotoFinder.FindAsync(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"find {user} {id}", Found);

    public Task<bool> TryAddAsync(UserId user, Photo photo, CancellationToken cancellationToken)
    {
        Added = photo;
        return Record($"add {user} {photo.Id}", AddAnswer);
    }

    Task<bool> IPhotoDeleter.DeleteAsync(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"delete {user} {id}", DeleteAnswer);

    Task<UploadedObject?> IUploadKeeper.FindAsync(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"head {user} {id}", Uploaded);

    public Task<bool> TryKeepAsync(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"keep {user} {id}", KeepAnswer);

    Task IObjectDeleter.DeleteAsync(UserId user, PhotoId id, CancellationToken cancellationToken) =>
        Record($"delete object {user} {id}", true);

    private Task<T> Record<T>(string call, T answer)
    {
        Calls.Add(call);
        return Failure is null ? Task.FromResult(answer) : Task.FromException<T>(Failure);
    }
}

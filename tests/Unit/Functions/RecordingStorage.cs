using Photos.Album;

namespace Photos.Tests.Unit.Functions;

/// <summary>A table and a bucket that record every call in order and return what the test has scripted. They store nothing.</summary>
internal sealed class RecordingStorage
{
    public RecordingStorage()
    {
        Table = new RecordingTable(this);
        Bucket = new RecordingBucket(this);
    }

    public RecordingTable Table { get; }

    public RecordingBucket Bucket { get; }

    public List<string> Calls { get; } = [];

    public PhotoPage Page { get; set; } = new([], Next: null);

    public Photo? Found { get; set; }

    public Photo? Added { get; private set; }

    public bool AddResult { get; set; } = true;

    public bool DeleteResult { get; set; } = true;

    public UploadedObject? Uploaded { get; set; }

    public bool KeepResult { get; set; } = true;

    /// <summary>Whether the object disappears while its metadata is added.</summary>
    public bool IsDeletedMeanwhile { get; set; }

    public Exception? Failure { get; set; }

    private T Record<T>(string call, T result)
    {
        Calls.Add(call);
        return Failure is null ? result : throw Failure;
    }

    internal sealed class RecordingTable(RecordingStorage storage) : IPhotoReader, IPhotoWriter, IPhotoDeleter
    {
        public PhotoPage List(UserId user, int limit, PhotoId? after, CancellationToken cancellationToken) =>
            storage.Record($"list {user} {limit} {after}", storage.Page);

        public Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"find {user} {id}", storage.Found);

        public bool TryAdd(UserId user, Photo photo, CancellationToken cancellationToken)
        {
            storage.Added = photo;
            storage.Uploaded = storage.IsDeletedMeanwhile ? null : storage.Uploaded;
            return storage.Record($"add {user} {photo.Id}", storage.AddResult);
        }

        public bool Delete(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"delete {user} {id}", storage.DeleteResult);
    }

    internal sealed class RecordingBucket(RecordingStorage storage) : IUploads, IObjectDeleter
    {
        public UploadedObject? Find(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"head {user} {id}", storage.Uploaded);

        public bool TryKeep(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"keep {user} {id}", storage.KeepResult);

        public void Delete(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"delete object {user} {id}", true);
    }
}

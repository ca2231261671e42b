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

    public Photo? Granted { get; private set; }

    /// <summary>What <c>Write</c>, <c>Rename</c> and <c>Look</c> return.</summary>
    public StoredPhoto Stored { get; set; }

    /// <summary>Whether <c>Write</c> lists the photo.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>The state before <c>Delete</c>, and what <c>StateOf</c> returns.</summary>
    public PhotoState State { get; set; } = PhotoState.Listed;

    /// <summary>The states before the calls of <c>Delete</c>, one after the other; when there are no more, <see cref="State"/>.</summary>
    public Queue<PhotoState> States { get; } = [];

    /// <summary>What <c>Undeleted</c> returns.</summary>
    public IEnumerable<PhotoId> Undeleted { get; set; } = [];

    public UploadedObject? Uploaded { get; set; }

    public Exception? Failure { get; set; }

    /// <summary>How many calls succeed before <see cref="Failure"/> is thrown.</summary>
    public int Successes { get; set; }

    /// <summary>Runs after each call.</summary>
    public Action? AfterCall { get; set; }

    /// <summary>Thrown by the bucket's calls only.</summary>
    public Exception? BucketFailure { get; set; }

    private T Record<T>(string call, T result, Exception? failure = null)
    {
        Calls.Add(call);
        AfterCall?.Invoke();
        return (failure ?? (Calls.Count > Successes ? Failure : null)) is Exception e ? throw e : result;
    }

    internal sealed class RecordingTable(RecordingStorage storage) : IPhotoReader, IPhotoWriter, IPhotoDeleter, IPhotoStates
    {
        public PhotoPage List(UserId user, PhotoRange range, int limit, PhotoPosition? after, CancellationToken cancellationToken) =>
            storage.Record(
                $"list {user} {limit} {after?.Id}{after?.TakenUtc}{(range == default ? "" : $" {range.Order} from {range.From:O} to {range.To:O}")}", storage.Page);

        public Photo? Find(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"find {user} {id}", storage.Found);

        public void Grant(UserId user, Photo photo, DateTimeOffset expires, CancellationToken cancellationToken) =>
            storage.Granted = storage.Record($"grant {user} {photo.Id} until {expires:s}", photo);

        public (bool IsNew, StoredPhoto Stored) Write(
            UserId user, PhotoId id, string? name, UploadedObject uploaded, DateTimeOffset now, CancellationToken cancellationToken) =>
            storage.Record($"write {user} {id} {name} {uploaded.Size} {uploaded.ContentType} at {now:s}", (storage.IsNew, storage.Stored));

        public StoredPhoto Rename(UserId user, PhotoId id, string name, CancellationToken cancellationToken) =>
            storage.Record($"rename {user} {id} {name}", storage.Stored);

        public StoredPhoto Look(UserId user, PhotoId id, DateTimeOffset now, CancellationToken cancellationToken) =>
            storage.Record($"look {user} {id} at {now:s}", storage.Stored);

        public PhotoState Delete(UserId user, PhotoId id, DateTimeOffset expires, CancellationToken cancellationToken) =>
            storage.Record($"delete {user} {id} until {expires:s}", storage.States.TryDequeue(out PhotoState state) ? state : storage.State);

        public IEnumerable<PhotoId> Undeleted(UserId user, CancellationToken cancellationToken) =>
            storage.Record($"undeleted {user}", storage.Undeleted);

        public PhotoState StateOf(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"state {user} {id}", storage.State);
    }

    internal sealed class RecordingBucket(RecordingStorage storage) : IUploads, IObjectDeleter, IObjectSweeper
    {
        public UploadedObject? Find(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"head {user} {id}", storage.Uploaded, storage.BucketFailure);

        public void Delete(UserId user, PhotoId id, CancellationToken cancellationToken) =>
            storage.Record($"delete object {user} {id}", true, storage.BucketFailure);

        public void Sweep(UserId user, PhotoId id, bool isRecoverable, CancellationToken cancellationToken) =>
            storage.Record($"sweep {user} {id}{(isRecoverable ? ", recoverable" : "")}", true, storage.BucketFailure);
    }
}

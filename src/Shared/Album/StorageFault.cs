using Photos.Aws;

namespace Photos.Album;

/// <summary>The one place where a fault of AWS becomes a fault of the album.</summary>
internal static class StorageFault
{
    /// <summary>The refusal for a transient fault: AWS throttles, is unreachable, took too long, or the credentials expired.</summary>
    /// <returns><see langword="null"/> for a fault that a retry would not mend.</returns>
    public static PhotoException? From(Exception exception) =>
        exception is IOException or OperationCanceledException or AwsException { IsTransient: true }
            ? new PhotoException(PhotoFault.StorageUnavailable, "The photo storage did not respond in time. Send the same request again.", exception)
            : null;
}

using Album.Photos;

namespace Album.Storage;

/// <summary>Tells the faults of AWS that pass from those that do not.</summary>
internal static class StorageFault
{
    /// <summary>
    /// The refusal to answer with when <paramref name="exception"/> says that AWS throttles, is away, did not answer in
    /// time, or that the credentials have just run out; <see langword="null"/> for what a repeat would not mend.
    /// </summary>
    public static PhotoException? From(Exception exception) =>
        exception is IOException or OperationCanceledException || (exception is AwsException e && (IsPassing(e.Status, e.Code) || IsUnexplained(e)))
            ? new PhotoException(PhotoFault.StorageUnavailable, "The photo storage did not answer in time. Send the same request again.", exception)
            : null;

    /// <summary>Whether the same request may be answered otherwise in a moment.</summary>
    public static bool IsPassing(AwsAnswer answer) =>
        !answer.IsSuccess && IsPassing(answer.Status, answer.Status == 400 ? answer.ErrorCode() : null);

    /// <summary>
    /// An answer to HEAD says no more than 400. From a request that is well formed it is how S3 refuses credentials that have
    /// run out.
    /// </summary>
    private static bool IsUnexplained(AwsException e) => e is { Status: 400, Code: null };

    private static bool IsPassing(int status, string? code) => status is 429 or >= 500 || code
        is "ProvisionedThroughputExceededException" or "RequestLimitExceeded" or "ThrottlingException" or "Throttling"
        or "SlowDown" or "RequestTimeout" or "RequestTimeoutException"
        or "ExpiredToken" or "ExpiredTokenException" or "RequestExpired";
}

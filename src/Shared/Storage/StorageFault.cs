using System.Net;
using Album.Photos;
using Amazon.Runtime;

namespace Album.Storage;

/// <summary>Tells the faults of AWS that pass from those that do not.</summary>
internal static class StorageFault
{
    /// <summary>
    /// The refusal to answer with when <paramref name="exception"/> says that AWS throttles, is away, did not answer in
    /// time, or that the credentials have just run out; <see langword="null"/> for what a repeat would not mend.
    /// </summary>
    public static PhotoException? From(Exception exception) =>
        IsPassing(exception)
            ? new PhotoException(PhotoFault.StorageUnavailable, "The photo storage did not answer in time. Send the same request again.", exception)
            : null;

    private static bool IsPassing(Exception exception) => exception switch
    {
        AmazonUnmarshallingException => true,

        // Without a status there was no answer at all.
        AmazonServiceException { StatusCode: default(HttpStatusCode) or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError } => true,
        AmazonServiceException service => service.ErrorCode
            is "ProvisionedThroughputExceededException" or "RequestLimitExceeded" or "ThrottlingException" or "Throttling"
            or "SlowDown" or "RequestTimeout" or "RequestTimeoutException"
            or "ExpiredToken" or "ExpiredTokenException" or "RequestExpired",
        AmazonClientException or HttpRequestException or IOException or TimeoutException or OperationCanceledException => true,
        _ => false,
    };
}

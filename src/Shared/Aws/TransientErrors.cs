namespace Photos.Aws;

/// <summary>What an error of an AWS service means for the same request, sent again.</summary>
/// <remarks>
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html. The codes are those of the SDK's retry policies, which
/// are not part of the functions; a test compares them.
/// </remarks>
internal static class TransientErrors
{
    /// <summary>Whether the same request may succeed soon.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The service's error code; <see langword="null"/> where there is none.</param>
    public static bool Include(int status, string? code) => status is 429 or 500 or 502 or 503 or 504 || code
        is "Throttling" or "ThrottlingException" or "ThrottledException" or "RequestThrottled" or "RequestThrottledException"
        or "TooManyRequestsException" or "ProvisionedThroughputExceededException" or "TransactionInProgressException"
        or "RequestLimitExceeded" or "BandwidthLimitExceeded" or "LimitExceededException" or "PriorRequestNotComplete"
        or "EC2ThrottledException" or "SlowDown" or "RequestTimeout" or "RequestTimeoutException"

        // S3: another request changes the same object. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        or "OperationAborted"

        // The same, as a response to HEAD.
        || (status == 409 && code is null);

    /// <summary>
    /// Whether the credentials have expired. A 400 without a code counts: a response to HEAD has no body, and to a well-formed request
    /// S3 sends it for expired credentials.
    /// </summary>
    public static bool AreExpiredCredentials(int status, string? code) =>
        code is "ExpiredToken" or "ExpiredTokenException" || (status == 400 && code is null);

    /// <summary>Whether the service refuses the time of the signature. Without a code, any refusal may be meant so.</summary>
    public static bool MayBeClockSkew(int status, string? code) =>
        status is 400 or 403 && code is null or "RequestTimeTooSkewed" or "RequestExpired" or "InvalidSignatureException"
            or "SignatureDoesNotMatch" or "AuthFailure" or "RequestInTheFuture";

    /// <summary>Whether the service does not know the credentials, or the role does not allow the request.</summary>
    public static bool IsDenied(int status, string? code) =>
        code is "AccessDenied" or "AccessDeniedException" or "UnrecognizedClientException" or "InvalidAccessKeyId"
            || (status == 403 && code is null);
}

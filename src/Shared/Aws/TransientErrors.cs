namespace Photos.Aws;

/// <summary>The errors of AWS services after which the same request may succeed.</summary>
/// <remarks>https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html</remarks>
internal static class TransientErrors
{
    /// <summary>Whether an error response is one of them. Expired credentials are, since a retry may reach a process with new ones.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The service's error code.</param>
    public static bool Include(int status, string? code) => status is 429 or >= 500 || code
        is "ProvisionedThroughputExceededException" or "RequestLimitExceeded" or "ThrottlingException" or "Throttling"
        or "SlowDown" or "RequestTimeout" or "RequestTimeoutException"
        or "ExpiredToken" or "ExpiredTokenException" or "RequestExpired";
}

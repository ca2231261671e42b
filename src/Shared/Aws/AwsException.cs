namespace Photos.Aws;

/// <summary>An AWS service refused a request.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The service's error code.</param>
/// <param name="explanation">The service's message, for the log.</param>
internal sealed class AwsException(int status, string? code, string? explanation)
    : Exception($"AWS responded {status} {code ?? "(no code)"}: {explanation ?? "(no message)"}")
{
    /// <summary>The service's error code.</summary>
    public string? Code => code;

    /// <summary>
    /// Whether the same request may succeed later. A 400 without a code counts: a response to HEAD has no body, and to a
    /// well-formed request S3 sends it for expired credentials.
    /// </summary>
    public bool IsTransient => TransientErrors.Include(status, code) || (status == 400 && code is null);
}

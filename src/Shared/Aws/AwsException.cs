namespace Photos.Aws;

/// <summary>An AWS service refused a request.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The service's error code.</param>
/// <param name="explanation">The service's message, for the log.</param>
/// <param name="isNew">Whether the services may not know the role yet.</param>
internal sealed class AwsException(int status, string? code, string? explanation, bool isNew = false)
    : Exception($"AWS responded {status} {code ?? "(no code)"}: {explanation ?? "(no message)"}")
{
    /// <summary>The service's error code.</summary>
    public string? Code => code;

    /// <summary>Whether the same request may succeed later: in this process or, after expired credentials, in another.</summary>
    public bool IsTransient => TransientErrors.Include(status, code)
        || TransientErrors.AreExpiredCredentials(status, code)
        || (isNew && TransientErrors.IsDenied(status, code));
}

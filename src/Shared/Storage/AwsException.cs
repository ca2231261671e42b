namespace Album.Storage;

/// <summary>AWS refused a request.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The service's name for what is wrong.</param>
/// <param name="explanation">What it said, for the log.</param>
internal sealed class AwsException(int status, string? code, string? explanation)
    : Exception($"AWS answered {status} {code ?? "(no code)"}: {explanation ?? "(no message)"}")
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>The service's name for what is wrong.</summary>
    public string? Code => code;
}

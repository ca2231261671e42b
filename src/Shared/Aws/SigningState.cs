using System.Globalization;

namespace Photos.Aws;

/// <summary>What a process learns about its clock and its credentials from the services' responses.</summary>
public sealed class SigningState
{
    // DynamoDB accepts a signature for 5 minutes, S3 for 15. An offset below this is not the cause of a refusal.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(4);

    // A new role or policy reaches the services within seconds.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    private static readonly TimeSpan s_rolePropagation = TimeSpan.FromSeconds(30);

    private readonly long _start = Environment.TickCount64;

    /// <summary>How far the services' clock is ahead of this one.</summary>
    public TimeSpan ClockOffset { get; private set; }

    /// <summary>Whether the credentials have expired. Lambda gives fresh ones to a new process only.</summary>
    public bool HasExpired { get; private set; }

    /// <summary>Whether a refusal may only mean that the services do not know the role yet.</summary>
    internal bool IsNew => Environment.TickCount64 - _start < (long)s_rolePropagation.TotalMilliseconds;

    /// <summary>The services' time, UTC.</summary>
    internal DateTime UtcNow => DateTime.UtcNow + ClockOffset;

    /// <summary>Records that a service has refused the credentials as expired.</summary>
    internal void Expire() => HasExpired = true;

    /// <summary>Follows the services' clock, as the SDKs do.</summary>
    /// <param name="date">The <c>Date</c> header of a refusal.</param>
    /// <returns>Whether the offset was wrong, so that the request may succeed with another signature.</returns>
    internal bool TryFollow(string? date)
    {
        if (!DateTime.TryParseExact(date, "r", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime server)
            || (server - UtcNow).Duration() < s_tolerance)
        {
            return false;
        }

        ClockOffset = server - DateTime.UtcNow;
        return true;
    }
}


namespace Photos.Runtime;

/// <summary>
/// Sends real requests while the function initialises. Initialisation has a full processor whatever the memory size, the
/// first invocation has not: what DNS, TCP, TLS, signing and JSON cost the first time is better paid here.
/// </summary>
public static class WarmUp
{
    private const string SwitchVariable = "PHOTOS_WARMUP";

    // Half of Lambda's 10 s for an initialisation: what is away now must not keep the function from starting.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Waits for the requests. That they fail is no error: the first invocation will tell.</summary>
    /// <param name="environment">Where <c>PHOTOS_WARMUP=off</c> leaves the requests out.</param>
    /// <param name="log">Gets a failure, at DEBUG.</param>
    /// <param name="send">Sends requests that need no more permission than the function has and that change nothing.</param>
    /// <exception cref="FunctionEnvironmentException">The switch is neither <c>on</c> nor <c>off</c>.</exception>
    public static void Run(FunctionEnvironment environment, FunctionLog log, Action<CancellationToken> send)
    {
        switch (environment.Optional(SwitchVariable))
        {
            case "off":
                return;
            case not (null or "on"):
                throw new FunctionEnvironmentException(SwitchVariable, "must be on or off");
        }

        using var limit = new DeadlineSource(s_limit);
        try
        {
            send(limit.Token);
        }
        catch (Exception e)
        {
            log.Write(LogLevel.Debug, "The warm-up failed.", e);
        }
    }
}

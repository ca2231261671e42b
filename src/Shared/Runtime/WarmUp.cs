
namespace Photos.Runtime;

/// <summary>
/// Sends real requests while the function initializes. Initialization has a full vCPU whatever the memory size; the first
/// invocation does not. The first-time costs of DNS, TCP, TLS, signing and JSON are lower here.
/// </summary>
public static class WarmUp
{
    private const string SwitchVariable = "PHOTOS_WARMUP";

    // Half of Lambda's 10 s for initialization: an unreachable service must not keep the function from starting.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Sends the requests and waits for them. A failure is logged and ignored: the first invocation reports it if it persists.</summary>
    /// <param name="environment"><c>PHOTOS_WARMUP=off</c> disables the requests.</param>
    /// <param name="log">Receives a failure, at DEBUG.</param>
    /// <param name="send">Sends requests that change nothing and need no permission beyond those of the function.</param>
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

using Photos.Bench.Aws;
using Photos.Bench.Variants;
using Photos.Harness;

namespace Photos.Bench;

/// <summary>Invokes one function many times and checks whether it leaks memory, threads or handles.</summary>
internal static class Soak
{
    /// <summary>The number of invocations after which a function's resource usage no longer grows.</summary>
    public const int Settled = 1000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <param name="function">The function's name.</param>
    /// <param name="invocations">The number of invocations; more than <see cref="Settled"/>.</param>
    /// <param name="output">Gets the resource usage after <see cref="Settled"/> invocations and at the end.</param>
    /// <returns>Whether between the two memory grew by at most a tenth, and threads and handles did not grow.</returns>
    /// <exception cref="FunctionFailedException">The function failed.</exception>
    public static bool Run(string function, int invocations, TextWriter output)
    {
        using var authority = new CertificateAuthority();
        using var standIn = new AwsStandIn(authority.ServerCertificate);
        using var trust = new TrustStores(authority.RootPem);
        Launch launch = new BuiltVariant().Prepare(function, trust);
        Dictionary<string, string> environment = LambdaEnvironment.Create(function, standIn.Address, trust.Variables(system: false));
        using RunningFunction running = launch.Start(function, environment, s_limit);
        byte[] payload = MeasuredFunctions.Event(function);

        ResourceUsage settled = Invoke(running, payload, Settled);
        output.WriteLine($"{function} after {Settled:N0} invocations: {settled}");
        ResourceUsage end = Invoke(running, payload, invocations - Settled);
        output.WriteLine($"{function} after {invocations:N0} invocations: {end}");

        string? fault = end.LeakSince(settled);
        output.WriteLine(fault is null ? $"{function} does not leak." : $"{function} LEAKS: {fault}.");
        return fault is null;
    }

    private static ResourceUsage Invoke(RunningFunction running, byte[] payload, int times)
    {
        for (int i = 0; i < times; i++)
        {
            running.Invoke(payload);
        }

        running.CheckResponse();
        return ResourceUsage.Of(running.ProcessId);
    }
}

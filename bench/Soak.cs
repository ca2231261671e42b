using Photos.Bench.Aws;
using Photos.Bench.Lambda;
using Photos.Bench.Variants;

namespace Photos.Bench;

/// <summary>Invokes one function very often and watches what it holds on to.</summary>
internal static class Soak
{
    /// <summary>After so many invocations a function holds what it will need.</summary>
    public const int Settled = 1000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <param name="function">Its name.</param>
    /// <param name="invocations">More than 1,000.</param>
    /// <param name="output">Told what the process holds after 1,000 invocations and at the end.</param>
    /// <returns>Whether memory grew by less than a tenth, and threads and handles not at all, after the first 1,000.</returns>
    /// <exception cref="BenchException">The function failed.</exception>
    public static bool Run(string function, int invocations, TextWriter output)
    {
        using var authority = new CertificateAuthority();
        using var standIn = new AwsStandIn(authority.ServerCertificate);
        using var trust = new TrustStores(authority.RootPem);
        Launch launch = new BuiltVariant().Prepare(function, trust);
        Dictionary<string, string> environment = FunctionEnvironment.Create(function, standIn.Address, trust, trustsSystem: false);
        using var running = new RunningFunction(function, launch, environment, s_limit);

        Holdings settled = Invoke(running, Settled);
        output.WriteLine($"{function} after {Settled:N0} invocations: {settled}");
        Holdings end = Invoke(running, invocations - Settled);
        output.WriteLine($"{function} after {invocations:N0} invocations: {end}");

        string? fault = end.LeakSince(settled);
        output.WriteLine(fault is null ? $"{function} is steady." : $"{function} LEAKS: {fault}.");
        return fault is null;
    }

    private static Holdings Invoke(RunningFunction running, int times)
    {
        for (int i = 0; i < times; i++)
        {
            running.Invoke();
        }

        running.CheckResponse();
        return Holdings.Of(running.ProcessId);
    }
}

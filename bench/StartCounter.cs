using System.Globalization;
using Photos.Bench.Aws;
using Photos.Bench.Variants;
using Photos.Harness;

namespace Photos.Bench;

/// <summary>
/// Counts what a function does up to its first response: instructions with valgrind, page faults as the kernel reports them, and system
/// calls with strace. Each count has starts of its own, because valgrind and strace change the other ones.
/// </summary>
internal sealed class StartCounter : IDisposable
{
    private const int Runs = 3;

    // Valgrind runs one thread at a time, about fifty times slower than the processor.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly CertificateAuthority _authority = new();
    private readonly AwsStandIn _standIn;
    private readonly TrustStores _trust;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("photos-callgrind-");

    public StartCounter()
    {
        _standIn = new AwsStandIn(_authority.ServerCertificate);
        _trust = new TrustStores(_authority.RootPem);
    }

    /// <summary>
    /// Counts each function three times and takes the lowest counts. A busy machine can only increase a count, by threads that spin or
    /// wake up while others are slow.
    /// </summary>
    /// <exception cref="BenchException">Valgrind or strace is missing or does not work.</exception>
    /// <exception cref="FunctionFailedException">A function failed.</exception>
    public Dictionary<string, StartCounts> Count(IReadOnlyList<string> functions)
    {
        if (!SystemCalls.CanCount || CommandLineTool.Run("valgrind", "--version").ExitCode != 0)
        {
            throw new BenchException("The counts require valgrind and strace on the PATH. Install the packages valgrind and strace (Debian, Fedora, AL2023).");
        }

        return functions.ToDictionary(function => function, function => new StartCounts(
            Enumerable.Range(0, Runs).Min(run => Instructions(function, run)),
            Enumerable.Range(0, Runs).Min(_ => PageFaults(function)),
            Enumerable.Range(0, Runs).Min(_ => SystemCalls.Count(function, Launch(function), Environment(function))!.Value)));
    }

    public void Dispose()
    {
        _standIn.Dispose();
        _trust.Dispose();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private long Instructions(string function, int run)
    {
        string output = Path.Combine(_folder.FullName, $"{function}.{run}");
        Launch launch = Launch(function);
        Launch counted = launch with { Command = ["valgrind", "--tool=callgrind", $"--callgrind-out-file={output}", .. launch.Command] };

        // Valgrind cannot reserve the address range that the garbage collector asks for by default.
        using RunningFunction running = Invoke(function, counted, ("DOTNET_GCHeapHardLimit", "0x8000000"));

        // The process waits for the Runtime API to accept its response, so the count ends here and does not include the shutdown.
        CommandLineTool dump = CommandLineTool.Run("vgdb", $"--pid={running.ProcessId}", "dump");
        string? total = dump.ExitCode == 0
            ? File.ReadLines($"{output}.1").FirstOrDefault(line => line.StartsWith("totals: ", StringComparison.Ordinal))
            : null;
        return total is null
            ? throw new BenchException($"vgdb did not report the instruction count ({dump.Output}). It must be on the PATH and have permission to trace processes.")
            : long.Parse(total.AsSpan("totals: ".Length), CultureInfo.InvariantCulture);
    }

    private long PageFaults(string function)
    {
        using RunningFunction running = Invoke(function, Launch(function));
        (long minor, long major) = ProcessFigures.PageFaults(running.ProcessId);
        return minor + major;
    }

    private RunningFunction Invoke(string function, Launch launch, params IEnumerable<(string Name, string? Value)> variables)
    {
        RunningFunction running = launch.Start(function, Environment(function, variables), s_limit);
        try
        {
            running.Invoke(MeasuredFunctions.Event(function));
            running.CheckResponse();
            return running;
        }
        catch
        {
            running.Dispose();
            throw;
        }
    }

    private Launch Launch(string function) => new BuiltVariant().Prepare(function, _trust);

    private Dictionary<string, string> Environment(string function, params IEnumerable<(string Name, string? Value)> variables) =>
        LambdaEnvironment.Create(function, _standIn.Address, [.. _trust.Variables(system: false), .. variables]);
}

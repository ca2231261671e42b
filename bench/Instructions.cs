using System.Globalization;
using Photos.Bench.Aws;
using Photos.Bench.Variants;
using Photos.Harness;

namespace Photos.Bench;

/// <summary>
/// Counts the instructions that a function executes up to its first response, with valgrind. Unlike time, the count is nearly
/// the same in every run.
/// </summary>
internal sealed class Instructions : IDisposable
{
    private const int Runs = 3;

    // Valgrind runs one thread at a time, about fifty times slower than the processor.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly CertificateAuthority _authority = new();
    private readonly AwsStandIn _standIn;
    private readonly TrustStores _trust;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("photos-callgrind-");

    public Instructions()
    {
        _standIn = new AwsStandIn(_authority.ServerCertificate);
        _trust = new TrustStores(_authority.RootPem);
    }

    /// <summary>
    /// Counts each function three times and takes the lowest count. A busy machine can only increase a count, by threads that
    /// spin or wake up while others are slow.
    /// </summary>
    /// <exception cref="BenchException">Valgrind is missing or does not work.</exception>
    /// <exception cref="FunctionFailedException">A function failed.</exception>
    public Dictionary<string, long> Count(IReadOnlyList<string> functions)
    {
        if (CommandLineTool.Run("valgrind", "--version").ExitCode != 0)
        {
            throw new BenchException("valgrind, which counts the instructions, is not on the PATH. Install the package valgrind (Debian, Fedora, AL2023).");
        }

        return functions.ToDictionary(function => function, function => Enumerable.Range(0, Runs).Min(run => CountOnce(function, run)));
    }

    public void Dispose()
    {
        _standIn.Dispose();
        _trust.Dispose();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private long CountOnce(string function, int run)
    {
        Launch launch = new BuiltVariant().Prepare(function, _trust);
        string output = Path.Combine(_folder.FullName, $"{function}.{run}");
        Dictionary<string, string> environment = LambdaEnvironment.Create(
            function,
            _standIn.Address,
            [
                .. _trust.Variables(system: false),

                // Valgrind cannot reserve the address range that the garbage collector asks for by default.
                ("DOTNET_GCHeapHardLimit", "0x8000000"),
            ]);
        Launch counted = launch with { Command = ["valgrind", "--tool=callgrind", $"--callgrind-out-file={output}", .. launch.Command] };
        using RunningFunction running = counted.Start(function, environment, s_limit);
        running.Invoke(MeasuredFunctions.Event(function));
        running.CheckResponse();

        // The process waits for the Runtime API to accept its response, so the count ends here and does not include the shutdown.
        CommandLineTool dump = CommandLineTool.Run("vgdb", $"--pid={running.ProcessId}", "dump");
        string? total = dump.ExitCode == 0
            ? File.ReadLines($"{output}.1").FirstOrDefault(line => line.StartsWith("totals: ", StringComparison.Ordinal))
            : null;
        return total is null
            ? throw new BenchException($"vgdb did not report the instruction count ({dump.Output}). It must be on the PATH and have permission to trace processes.")
            : long.Parse(total.AsSpan("totals: ".Length), CultureInfo.InvariantCulture);
    }
}

using System.Globalization;
using Photos.Bench.Aws;
using Photos.Bench.Lambda;
using Photos.Bench.Variants;

namespace Photos.Bench;

/// <summary>
/// Counts a function's instructions from exec to its first response, with valgrind. Unlike time they are nearly the same
/// from run to run.
/// </summary>
internal sealed class Instructions : IDisposable
{
    private const int Runs = 3;

    // Valgrind runs one thread at a time and about fifty times slower.
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
    /// The least of three runs, one after another, for each function: a busy machine can only add to a count, by threads that
    /// spin or wake while the others are slow.
    /// </summary>
    /// <exception cref="BenchException">Valgrind is missing, or a function failed.</exception>
    public Dictionary<string, long> Count(IReadOnlyList<string> functions)
    {
        if (CommandLineTool.Run("valgrind", "--version").ExitCode != 0)
        {
            throw new BenchException("Counting instructions needs valgrind (Debian, Fedora: package valgrind; AL2023: dnf install valgrind).");
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
        Dictionary<string, string> environment = FunctionEnvironment.Create(function, _standIn.Address, _trust, trustsSystem: false);

        // Valgrind cannot reserve the range that the garbage collector would like.
        environment["DOTNET_GCHeapHardLimit"] = "0x8000000";
        Launch counted = launch with { Command = ["valgrind", "--tool=callgrind", $"--callgrind-out-file={output}", .. launch.Command] };
        using var running = new RunningFunction(function, counted, environment, s_limit);
        running.Invoke();
        running.CheckResponse();

        // The process waits for word of its response: what is counted ends there, and its shutdown is never part of it.
        CommandLineTool dump = CommandLineTool.Run("vgdb", $"--pid={running.ProcessId}", "dump");
        string? total = dump.ExitCode == 0
            ? File.ReadLines($"{output}.1").FirstOrDefault(line => line.StartsWith("totals: ", StringComparison.Ordinal))
            : null;
        return total is null
            ? throw new BenchException($"Valgrind did not tell its count ({dump.Output}): vgdb must be on the PATH and allowed to trace.")
            : long.Parse(total.AsSpan("totals: ".Length), CultureInfo.InvariantCulture);
    }
}

using System.Runtime.InteropServices;

namespace Photos.Bench.Report;

/// <summary>The machine of a run.</summary>
/// <param name="Cpu">The processor's model.</param>
/// <param name="Cores">The number of cores.</param>
/// <param name="Os">The distribution and its version.</param>
/// <param name="Kernel">The kernel's release.</param>
internal sealed record Machine(string Cpu, int Cores, string Os, string Kernel)
{
    public static Machine Current => new(
        Value("/proc/cpuinfo", "model name", ':') ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        Value("/etc/os-release", "PRETTY_NAME", '=') ?? RuntimeInformation.OSDescription,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim());

    private static string? Value(string file, string name, char separator)
    {
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(separator) + 1)..].Trim().Trim('"');
    }
}

using System.Runtime.InteropServices;

namespace Photos.Bench.Report;

/// <summary>Where a run took place.</summary>
/// <param name="Cpu">The processor's model.</param>
/// <param name="Cores">How many of them there are.</param>
/// <param name="Os">The distribution.</param>
/// <param name="Kernel">The kernel.</param>
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

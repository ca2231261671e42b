using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Photos.Bench.Report;

/// <summary>The results of a run, and everything that is needed to repeat it.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Date">The start of the run, UTC.</param>
/// <param name="Commit">The commit of the checkout, followed by a + if the checkout has uncommitted changes.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Runs">The number of cold starts of each function in each variant.</param>
/// <param name="Functions">The functions, in the order of the run.</param>
/// <param name="Absent">The variants that could not be built.</param>
internal sealed record Results(
    string Command,
    DateTime Date,
    string Commit,
    Machine Machine,
    int Runs,
    IReadOnlyList<FunctionResults> Functions,
    IReadOnlyList<AbsentVariant> Absent)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string ToJson() => JsonSerializer.Serialize(this, s_json);
}

/// <summary>The results of one function.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="MemoryMegabytes">The memory size whose CPU share the invocations had; <see langword="null"/> for the whole machine.</param>
/// <param name="Variants">The results of each variant.</param>
internal sealed record FunctionResults(string Name, int? MemoryMegabytes, IReadOnlyList<VariantResults> Variants)
{
    /// <summary>The name and the memory size.</summary>
    [JsonIgnore]
    public string Title => MemoryMegabytes is int size ? string.Create(CultureInfo.InvariantCulture, $"{Name}, {size} MB") : Name;
}

/// <summary>The results of one function in one variant.</summary>
/// <param name="Name">The variant's name.</param>
/// <param name="Figures">The figures by <see cref="Figure.Key"/>.</param>
/// <param name="KernelShare">The kernel's share of the CPU time up to the first response, from 0 to 1, sampled over all starts.</param>
/// <param name="SystemCalls">The system calls up to the first response; <see langword="null"/> without strace.</param>
/// <param name="Bytes">The size of the deployed artifact, unpacked.</param>
/// <param name="ZipBytes">The size of the deployed artifact as a zip file.</param>
internal sealed record VariantResults(
    string Name, IReadOnlyDictionary<string, Summary> Figures, double KernelShare, long? SystemCalls, long Bytes, long ZipBytes)
{
    /// <param name="name">The variant's name.</param>
    /// <param name="starts">The measured cold starts.</param>
    /// <param name="systemCalls">The system calls of one start.</param>
    /// <param name="artifact">The deployed artifact.</param>
    public static VariantResults Of(string name, IReadOnlyList<ColdStart> starts, long? systemCalls, Artifact artifact)
    {
        double user = starts.Sum(start => start.SampledUserMs);
        double kernel = starts.Sum(start => start.SampledKernelMs);
        return new VariantResults(
            name,
            Figure.All.ToDictionary(figure => figure.Key, figure => Summary.Of(starts.Select(figure.Value))),
            user + kernel == 0 ? 0 : kernel / (user + kernel),
            systemCalls,
            artifact.Bytes,
            artifact.ZipBytes);
    }
}

/// <summary>A variant of a function that could not be built, and the reason.</summary>
internal sealed record AbsentVariant(string Name, string Function, string Reason);

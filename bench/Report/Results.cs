using System.Text.Encodings.Web;
using System.Text.Json;

namespace Photos.Bench.Report;

/// <summary>What a run came to, and all that is needed to repeat it.</summary>
/// <param name="Command">What was typed.</param>
/// <param name="Date">When it began, UTC.</param>
/// <param name="Commit">Of the repository; with a + when something was changed since.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Runs">Cold starts of each function in each variant.</param>
/// <param name="Functions">In the order of the run.</param>
/// <param name="Absent">What could not take part.</param>
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

/// <summary>One function's variants.</summary>
internal sealed record FunctionResults(string Name, IReadOnlyList<VariantResults> Variants);

/// <summary>One function in one variant.</summary>
/// <param name="Name">The variant's.</param>
/// <param name="Figures">By <see cref="Figure.Key"/>.</param>
/// <param name="Bytes">What is deployed, unpacked.</param>
/// <param name="ZipBytes">The same as a zip.</param>
internal sealed record VariantResults(string Name, IReadOnlyDictionary<string, Summary> Figures, long Bytes, long ZipBytes)
{
    /// <param name="name">The variant's.</param>
    /// <param name="starts">What was measured.</param>
    /// <param name="artifact">What is deployed.</param>
    public static VariantResults Of(string name, IReadOnlyList<ColdStart> starts, Artifact artifact) => new(
        name,
        Figure.All.ToDictionary(figure => figure.Key, figure => Summary.Of(starts.Select(figure.Value))),
        artifact.Bytes,
        artifact.ZipBytes);
}

/// <summary>A variant of a function that could not take part, and why.</summary>
internal sealed record AbsentVariant(string Name, string Function, string Reason);

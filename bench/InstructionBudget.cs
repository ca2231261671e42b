using System.Globalization;
using System.Text.Json;

namespace Photos.Bench;

/// <summary>How many instructions each function may take to its first response.</summary>
internal sealed class InstructionBudget(IReadOnlyDictionary<string, long> budget)
{
    public static string File { get; } = Path.Combine(Repository.Root, "bench", "budget.json");

    public static InstructionBudget Read() =>
        new(JsonSerializer.Deserialize<Dictionary<string, long>>(System.IO.File.ReadAllText(File))!);

    /// <summary>Prints each count beside its budget.</summary>
    /// <returns>Whether all are within it.</returns>
    public bool Check(IReadOnlyDictionary<string, long> counts, TextWriter output)
    {
        bool isWithin = true;
        foreach ((string function, long count) in counts)
        {
            if (!budget.TryGetValue(function, out long most))
            {
                isWithin = false;
                output.WriteLine($"{function}: {Millions(count)} M instructions and no budget. Add it to bench/budget.json.");
            }
            else
            {
                isWithin &= count <= most;
                string difference = string.Create(CultureInfo.InvariantCulture, $"{(count - most) * 100.0 / most:+0.0;-0.0} %");
                string word = count <= most
                    ? ""
                    : ". OVER BUDGET: find what made the cold start longer, or raise bench/budget.json and say why.";
                output.WriteLine($"{function}: {Millions(count)} M instructions to the first response, budget {Millions(most)} M, {difference}{word}");
            }
        }

        return isWithin;
    }

    private static string Millions(long count) => (count / 1e6).ToString("0.00", CultureInfo.InvariantCulture);
}

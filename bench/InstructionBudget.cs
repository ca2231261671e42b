using System.Globalization;
using System.Text.Json;
using Photos.Harness;

namespace Photos.Bench;

/// <summary>The number of instructions that each function may execute up to its first response.</summary>
internal sealed class InstructionBudget(IReadOnlyDictionary<string, long> budget)
{
    public static string File { get; } = Path.Combine(Repository.Root, "bench", "budget.json");

    public static InstructionBudget Read() =>
        new(JsonSerializer.Deserialize<Dictionary<string, long>>(System.IO.File.ReadAllText(File))!);

    /// <summary>Prints each count with its budget.</summary>
    /// <returns>Whether every function has a budget and is within it.</returns>
    public bool Check(IReadOnlyDictionary<string, long> counts, TextWriter output)
    {
        bool isWithin = true;
        foreach ((string function, long count) in counts)
        {
            if (!budget.TryGetValue(function, out long most))
            {
                isWithin = false;
                output.WriteLine($"{function}: {Millions(count)} M instructions to the first response, no budget. Add the function to bench/budget.json.");
            }
            else
            {
                isWithin &= count <= most;
                string difference = string.Create(CultureInfo.InvariantCulture, $"{(count - most) * 100.0 / most:+0.0;-0.0} %");
                string word = count <= most
                    ? ""
                    : ". OVER BUDGET: find the change that made the cold start longer, or raise the budget in bench/budget.json and give the reason.";
                output.WriteLine($"{function}: {Millions(count)} M instructions to the first response, budget {Millions(most)} M, {difference}{word}");
            }
        }

        return isWithin;
    }

    private static string Millions(long count) => (count / 1e6).ToString("0.00", CultureInfo.InvariantCulture);
}

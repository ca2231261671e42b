using System.Globalization;
using System.Text.Json;
using Photos.Harness;

namespace Photos.Bench;

/// <summary>What each function may do at most up to its first response.</summary>
internal sealed class StartBudget(IReadOnlyDictionary<string, StartCounts> budget)
{
    private static readonly (string Unit, Func<StartCounts, long> Value)[] s_counts =
    [
        ("instructions", counts => counts.Instructions),
        ("page faults", counts => counts.PageFaults),
        ("system calls", counts => counts.SystemCalls),
    ];

    public static string File { get; } = Path.Combine(Repository.Root, "bench", "budget.json");

    public static StartBudget Read() =>
        new(JsonSerializer.Deserialize<Dictionary<string, StartCounts>>(System.IO.File.ReadAllText(File), JsonSerializerOptions.Web)!);

    /// <summary>Prints each count with its budget.</summary>
    /// <returns>Whether every function has a budget and is within it.</returns>
    public bool Check(IReadOnlyDictionary<string, StartCounts> functions, TextWriter output)
    {
        bool isWithin = true;
        foreach ((string function, StartCounts counts) in functions)
        {
            foreach ((string unit, Func<StartCounts, long> value) in s_counts)
            {
                long count = value(counts);
                string what = string.Create(CultureInfo.InvariantCulture, $"{function}: {count:N0} {unit} to the first response");
                if (!budget.TryGetValue(function, out StartCounts? most))
                {
                    isWithin = false;
                    output.WriteLine($"{what}, no budget. Add the function to bench/budget.json.");
                    continue;
                }

                long limit = value(most);
                isWithin &= count <= limit;
                string word = count <= limit
                    ? ""
                    : ". OVER BUDGET: find the change that made the cold start longer, or raise the budget in bench/budget.json and give the reason.";
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{what}, budget {limit:N0}, {(count - limit) * 100.0 / limit:+0.0;-0.0} %{word}"));
            }
        }

        return isWithin;
    }
}

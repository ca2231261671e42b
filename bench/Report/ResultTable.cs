using System.Globalization;
using Photos.Bench.Variants;
using Spectre.Console;

namespace Photos.Bench.Report;

/// <summary>Prints results as tables.</summary>
internal static class ResultTable
{
    /// <summary>Prints a table for each function, with a row for each variant. A cell has the value, its ratio to this build's, and the 99th percentile.</summary>
    public static void Print(IAnsiConsole console, Results results)
    {
        foreach (FunctionResults function in results.Functions)
        {
            var table = new Table { Title = new TableTitle($"{function.Title}, {results.Runs} cold starts each"), Border = TableBorder.Horizontal };
            table.AddColumn("");
            foreach (Figure figure in Figure.All)
            {
                table.AddColumn(new TableColumn(figure.Unit.Length == 0 ? figure.Title : $"{figure.Title}, {figure.Unit}").RightAligned());
            }

            table.AddColumn(new TableColumn("kernel's share of CPU, %").RightAligned());
            table.AddColumn(new TableColumn("system calls").RightAligned());
            table.AddColumn(new TableColumn("binary, MB").RightAligned());
            table.AddColumn(new TableColumn("zip, MB").RightAligned());

            VariantResults? reference = function.Variants.FirstOrDefault(variant => variant.Name == Variant.Reference);
            foreach (VariantResults variant in function.Variants)
            {
                IEnumerable<string> cells = Figure.All
                    .Select(figure => Cell(variant.Figures[figure.Key], reference?.Figures[figure.Key]))
                    .Append(Number(variant.KernelShare * 100))
                    .Append(variant.SystemCalls is long calls ? Cell(calls, reference?.SystemCalls) : "")
                    .Append(Cell(variant.Bytes / 1e6, reference?.Bytes / 1e6))
                    .Append(Cell(variant.ZipBytes / 1e6, reference?.ZipBytes / 1e6));
                table.AddRow([variant.Name, .. cells]);
            }

            console.Write(table);
        }

        console.WriteLine("A cell has the median of all starts, its ratio to photos, and the 99th percentile.");
        if (!SystemCalls.CanCount)
        {
            console.WriteLine("The system calls were not counted. Install strace.");
        }

        foreach (IGrouping<(string Name, string Reason), AbsentVariant> absent in results.Absent.GroupBy(absent => (absent.Name, absent.Reason)))
        {
            console.WriteLine($"Absent: {absent.Key.Name} of {string.Join(", ", absent.Select(one => one.Function))}. {absent.Key.Reason}");
        }
    }

    private static string Cell(Summary figure, Summary? reference) => $"{Cell(figure.Median, reference?.Median)}\np99 {Number(figure.P99)}";

    private static string Cell(double value, double? reference) =>
        reference is null or 0 ? Number(value) : string.Create(CultureInfo.InvariantCulture, $"{Number(value)}\n×{value / reference:0.00}");

    private static string Number(double value) => value.ToString(
        value >= 100 || double.IsInteger(value) ? "0" : value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}

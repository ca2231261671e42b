using System.Globalization;
using Photos.Bench.Variants;
using Spectre.Console;

namespace Photos.Bench.Report;

/// <summary>Prints results as tables.</summary>
internal static class ResultTable
{
    /// <summary>Prints a table for each function, with a row for each variant. A cell has the median, its ratio to this build's median, and the 99th percentile.</summary>
    public static void Print(IAnsiConsole console, Results results)
    {
        foreach (FunctionResults function in results.Functions)
        {
            var table = new Table { Title = new TableTitle($"{function.Name}, {results.Runs} cold starts each"), Border = TableBorder.Horizontal };
            table.AddColumn("");
            foreach (Figure figure in Figure.All)
            {
                table.AddColumn(new TableColumn($"{figure.Title},\n{figure.Unit}").RightAligned());
            }

            table.AddColumn(new TableColumn("binary,\nMB").RightAligned());
            table.AddColumn(new TableColumn("zip,\nMB").RightAligned());

            VariantResults? reference = function.Variants.FirstOrDefault(variant => variant.Name == Variant.Reference);
            foreach (VariantResults variant in function.Variants)
            {
                IEnumerable<string> cells = Figure.All
                    .Select(figure => Cell(variant.Figures[figure.Key], reference?.Figures[figure.Key]))
                    .Append(Size(variant.Bytes, reference?.Bytes))
                    .Append(Size(variant.ZipBytes, reference?.ZipBytes));
                table.AddRow([variant.Name, .. cells]);
            }

            console.Write(table);
        }

        console.WriteLine("The first line of a cell is the median and its ratio to photos. The second line is the 99th percentile.");
        foreach (IGrouping<(string Name, string Reason), AbsentVariant> absent in results.Absent.GroupBy(absent => (absent.Name, absent.Reason)))
        {
            console.WriteLine($"Absent: {absent.Key.Name} of {string.Join(", ", absent.Select(one => one.Function))}. {absent.Key.Reason}");
        }
    }

    private static string Cell(Summary figure, Summary? reference) =>
        $"{Number(figure.Median)}{Ratio(figure.Median, reference?.Median)}\np99 {Number(figure.P99)}";

    private static string Size(long bytes, long? reference) => $"{Number(bytes / 1e6)}{Ratio(bytes, reference)}";

    private static string Ratio(double value, double? reference) =>
        reference is null ? "" : string.Create(CultureInfo.InvariantCulture, $" ×{value / reference:0.00}");

    private static string Number(double value) => value.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Net;
using System.Text;
using Photos.Bench.Variants;

namespace Photos.Bench.Report;

/// <summary>Draws results as an SVG that is readable on light and dark backgrounds.</summary>
internal static class Chart
{
    private const int Width = 900;
    private const int NameWidth = 100;
    private const int ValueWidth = 60;
    private const int BarHeight = 14;
    private const int RowHeight = 20;
    private const int HeaderHeight = 62;
    private const int GroupGap = 34;

    private const string Head = """
        <style>
          text { font: 12px system-ui, sans-serif; fill: #24292f; }
          .title { font-size: 15px; font-weight: 600; }
          .group { font-weight: 600; }
          .note { font-size: 11px; fill: #57606a; }
          .bar { fill: #8c959f; }
          .ours { fill: #0969da; }
          @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3; }
            .note { fill: #9198a1; }
            .bar { fill: #656c76; }
            .ours { fill: #4493f8; }
          }
        </style>
        """;

    /// <summary>Draws the time and the CPU time of a start, or if memory sizes were compared, the time of a start and of warm invocations.</summary>
    public static string Draw(Results results)
    {
        bool hasSizes = results.Functions.Any(function => function.MemoryMegabytes is not null);
        Figure[] panels = hasSizes ? [Figure.StartToFirst, Figure.Warm, Figure.WarmP99] : [Figure.StartToFirst, Figure.Cpu];
        string title = hasSizes ? "Cold start and warm invocations by memory size" : "Cold start";
        int panelWidth = Width / panels.Length;
        int height = HeaderHeight + results.Functions.Sum(function => GroupGap + (function.Variants.Count * RowHeight)) + 44;
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\" aria-label=\"{title}, by variant\">");
        svg.AppendLine(Head);
        Text(svg, 10, 24, "title", $"{title}, median of {results.Runs}");
        for (int i = 0; i < panels.Length; i++)
        {
            DrawPanel(svg, i * panelWidth, panelWidth, panels[i], results.Functions);
        }

        Text(svg, 10, height - 26, "note", $"{results.Machine.Cpu}, {results.Machine.Cores} cores, {results.Machine.Os}");
        Text(svg, 10, height - 10, "note", string.Create(CultureInfo.InvariantCulture, $"{results.Date:yyyy-MM-dd}, {results.Command}"));
        return svg.AppendLine("</svg>").ToString();
    }

    private static void DrawPanel(StringBuilder svg, int left, int width, Figure figure, IReadOnlyList<FunctionResults> functions)
    {
        Text(svg, left + 10, 50, "group", $"{figure.Title}, {figure.Unit}");
        double longest = functions.SelectMany(function => function.Variants).Max(variant => variant.Figures[figure.Key].Median);
        int y = HeaderHeight;
        foreach (FunctionResults function in functions)
        {
            Text(svg, left + 10, y + 20, "note", function.Title);
            y += GroupGap - 6;
            foreach (VariantResults variant in function.Variants)
            {
                double value = variant.Figures[figure.Key].Median;
                double length = value / longest * (width - NameWidth - ValueWidth - 20);
                string bar = variant.Name == Variant.Reference ? "ours" : "bar";
                Text(svg, left + 10, y + 11, "name", variant.Name);
                svg.AppendLine(CultureInfo.InvariantCulture, $"<rect class=\"{bar}\" x=\"{left + NameWidth}\" y=\"{y}\" width=\"{length:0.#}\" height=\"{BarHeight}\" rx=\"2\"/>");
                Text(svg, left + NameWidth + length + 6, y + 11, "value", value.ToString("0.0", CultureInfo.InvariantCulture));
                y += RowHeight;
            }

            y += 6;
        }
    }

    private static void Text(StringBuilder svg, double x, int y, string style, string text) =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{x:0.#}\" y=\"{y}\">{WebUtility.HtmlEncode(text)}</text>");
}

using System.Text.Json;
using System.Xml.Linq;
using Photos.Bench;
using Photos.Bench.Report;

namespace Photos.Tests.Bench;

public sealed class ResultsTests
{
    private static readonly Results s_results = new(
        "make bench ARGS=\"--runs 2\"",
        new DateTime(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc),
        "0123456789ab",
        new Machine("A processor & more", 2, "An OS", "6.1"),
        Runs: 2,
        [
            new FunctionResults(
                "ListPhotos",
                MemoryMegabytes: null,
                [
                    VariantResults.Of(
                        "photos",
                        [new ColdStart(5, 1, 0.5, 0.9, 10, 8, 0, 890, 0, 20), new ColdStart(7, 3, 0.7, 1.1, 12, 4, 4, 894, 2, 21)],
                        560,
                        new Artifact(8_000_000, 3_000_000)),
                    VariantResults.Of("untuned", [new ColdStart(50, 10, 5, 6, 100, 0, 0, 2000, 0, 200)], null, new Artifact(10_000_000, 4_000_000)),
                ]),
        ],
        [new AbsentVariant("python", "ListPhotos", "It needs python3.")]);

    [Fact]
    public void TheJsonHasEveryFigureAndWhereItWasMeasured()
    {
        using var json = JsonDocument.Parse(s_results.ToJson());
        JsonElement root = json.RootElement;
        Assert.Equal("make bench ARGS=\"--runs 2\"", root.GetProperty("command").GetString());
        Assert.Equal("2026-11-23T12:00:00Z", root.GetProperty("date").GetString());
        Assert.Equal("0123456789ab", root.GetProperty("commit").GetString());
        Assert.Equal(2, root.GetProperty("machine").GetProperty("cores").GetInt32());
        Assert.Equal("python", root.GetProperty("absent")[0].GetProperty("name").GetString());

        JsonElement photos = root.GetProperty("functions")[0].GetProperty("variants")[0];
        Assert.Equal(3_000_000, photos.GetProperty("zipBytes").GetInt64());
        JsonElement figures = photos.GetProperty("figures");
        Assert.Equal(
            [
                "initMs", "firstInvokeMs", "startToFirstResponseMs", "warmInvokeMs", "warmInvokeP99Ms", "cpuToFirstResponseMs",
                "minorFaults", "majorFaults", "maxMemoryMiB",
            ],
            figures.EnumerateObject().Select(figure => figure.Name));
        Assert.Equal(8, figures.GetProperty("startToFirstResponseMs").GetProperty("median").GetDouble());
        Assert.Equal(10, figures.GetProperty("startToFirstResponseMs").GetProperty("p99").GetDouble());
        Assert.Equal(0.25, photos.GetProperty("kernelShare").GetDouble());
        Assert.Equal(560, photos.GetProperty("systemCalls").GetInt64());
    }

    [Fact]
    public void TheChartIsSvgWithABarForEachVariantAndFigure()
    {
        XElement svg = XDocument.Parse(Chart.Draw(s_results)).Root!;
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(4, svg.Elements(ns + "rect").Count());
        Assert.Contains(svg.Elements(ns + "text"), text => text.Value.StartsWith("A processor & more, 2 cores", StringComparison.Ordinal));
    }

    [Fact]
    public void TheChartOfMemorySizesHasAGroupForEachSizeAndABarForEachWarmFigure()
    {
        FunctionResults whole = s_results.Functions[0];
        Results sizes = s_results with { Functions = [whole with { MemoryMegabytes = 128 }, whole with { MemoryMegabytes = 1769 }] };
        XElement svg = XDocument.Parse(Chart.Draw(sizes)).Root!;
        XNamespace ns = "http://www.w3.org/2000/svg";
        string[] texts = [.. svg.Elements(ns + "text").Select(text => text.Value)];
        Assert.Equal(12, svg.Elements(ns + "rect").Count());
        Assert.Equal(3, texts.Count(text => text == "ListPhotos, 128 MB"));
        Assert.Equal(3, texts.Count(text => text == "ListPhotos, 1769 MB"));
        Assert.Contains("warm invoke p99, ms", texts);
        Assert.All(svg.Elements(ns + "rect"), bar => Assert.InRange((double)bar.Attribute("x")! + (double)bar.Attribute("width")!, 0, 900));
    }
}

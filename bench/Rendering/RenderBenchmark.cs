using System.Globalization;
using Photos.Harness;
using Spectre.Console;

namespace Photos.Bench.Rendering;

/// <summary>Measures what RenderPhoto costs: for each picture, for its start, and for its deployment.</summary>
internal static class RenderBenchmark
{
    private const string Function = "RenderPhoto";
    private const int Starts = 11;

    // Lambda's own limit for an init.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <param name="runs">How often each picture is rendered.</param>
    /// <param name="console">Gets the table.</param>
    /// <exception cref="BenchException">A picture was not rendered.</exception>
    /// <exception cref="FunctionFailedException">The function did not start.</exception>
    public static void Run(int runs, IAnsiConsole console)
    {
        string folder = Path.Combine(Repository.Functions, Function);
        string binary = Path.Combine(folder, "bootstrap");
        var sharp = SharpRenderer.Create(out string? reason);
        Table table = new Table().AddColumns("Picture", "MB", "ms", "CPU ms", "MiB", "sharp: ms", "CPU ms", "MiB");
        foreach (BenchPicture picture in BenchPictures.Create(Path.Combine(Repository.Root, "artifacts", "bench", "pictures")))
        {
            Console.Error.WriteLine($"Rendering {picture.Name}");
            table.AddRow([
                picture.Name,
                Number(new FileInfo(picture.File).Length / 1e6, "0.0"),
                .. Cells(RenderCost.OfChild(binary, picture, runs)),
                .. Cells(sharp?.Measure(picture, runs))]);
        }

        console.Write(table);
        if (reason is not null)
        {
            console.WriteLine($"sharp was not measured. {reason}");
        }

        double[] starts = [.. Enumerable.Range(0, Starts).Select(_ => Start(binary, folder))];
        var artifact = Artifact.Measure(folder);
        console.WriteLine($"Cold start of {Function}: {Number(Summary.MedianOf(starts), "0")} ms to the request for the first event, the median of {Starts}.");
        console.WriteLine($"Artifact: {Number(artifact.Bytes / 1e6, "0.0")} MB, {Number(artifact.ZipBytes / 1e6, "0.0")} MB zipped.");
    }

    private static double Start(string binary, string folder)
    {
        using var running = new RunningFunction(
            Function, [binary], folder, LambdaEnvironment.Create(Function, LambdaEnvironment.Unreachable), s_limit);
        return running.Init.TotalMilliseconds;
    }

    private static string[] Cells(RenderCost? cost) => cost is null
        ? ["-", "-", "-"]
        : [Number(cost.Milliseconds, "0"), Number(cost.CpuMilliseconds, "0"), Number(cost.PeakMiB, "0")];

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

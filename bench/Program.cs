using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Photos.Bench;
using Photos.Bench.Rendering;
using Photos.Bench.Report;
using Photos.Bench.Variants;
using Photos.Harness;
using Spectre.Console;

var runs = new Option<int>("--runs") { Description = "The number of cold starts of each function in each variant.", DefaultValueFactory = _ => 30 };
var functions = new Option<string>("--function") { Description = "The functions to measure, separated by commas.", DefaultValueFactory = _ => string.Join(',', MeasuredFunctions.OfRoutes) };
var variants = new Option<string>("--variants")
{
    Description = "The variants to measure, separated by commas.",
    DefaultValueFactory = _ => string.Join(',', Variant.All.Select(variant => variant.Name)),
};
var coldDisk = new Option<ColdDisk>("--cold-disk")
{
    Description = "Before each start, drop the deployed files (artifact) or all files (all) from the page cache. All requires root.",
};
var memory = new Option<string?>("--memory")
{
    Description = $"Limit the invocations to the CPU shares of these memory sizes in MB, separated by commas: {string.Join(", ", CpuShare.Sizes)}. Requires root.",
};
var ca = new Option<string>("--ca") { Description = "The root certificates that this build trusts: amazon or system.", DefaultValueFactory = _ => "amazon" };
ca.AcceptOnlyFromAmong("amazon", "system");
var output = new Option<string>("--output") { Description = "The JSON file to write the results to.", DefaultValueFactory = _ => "bench/results/latest.json" };
var chart = new Option<bool>("--chart") { Description = "Also draw docs/cold-start.svg, or with --memory docs/memory.svg." };
var invocations = new Option<int>("--invocations") { Description = "The number of invocations.", DefaultValueFactory = _ => 100_000 };
var soaked = new Option<string>("--function") { Description = "The function to invoke.", DefaultValueFactory = _ => "ListPhotos" };
soaked.AcceptOnlyFromAmong([.. MeasuredFunctions.All]);

var pictureRuns = new Option<int>("--runs") { Description = "How often each picture is rendered.", DefaultValueFactory = _ => 5 };

var compare = new Command("compare", "Measure the cold starts of the variants and compare them.") { runs, functions, variants, coldDisk, memory, ca, output, chart };
runs.Validators.Add(result => RequireMoreThan(0, result));
invocations.Validators.Add(result => RequireMoreThan(Soak.Settled, result));
compare.SetAction(Compare);
var instructions = new Command("instructions", "Count the instructions, page faults and system calls up to the first response, and check them against bench/budget.json.");
instructions.SetAction(_ => CountStarts());
var soak = new Command("soak", "Invoke one function many times and fail if it leaks.") { soaked, invocations };
soak.SetAction(arguments => Soak.Run(arguments.GetRequiredValue(soaked), arguments.GetRequiredValue(invocations), Console.Out) ? 0 : 1);
pictureRuns.Validators.Add(result => RequireMoreThan(0, result));
var render = new Command("render", "Measure what RenderPhoto costs for pictures of each format, and compare with sharp.") { pictureRuns };
render.SetAction(Render);

try
{
    return new RootCommand("The benchmark of Photos.") { compare, instructions, soak, render }
        .Parse(args)
        .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is BenchException or FunctionFailedException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

int Compare(ParseResult arguments)
{
    var options = new ComparisonOptions(
        arguments.GetRequiredValue(runs),
        Choose(arguments.GetRequiredValue(functions), MeasuredFunctions.OfRoutes, name => name),
        Choose(arguments.GetRequiredValue(variants), Variant.All, variant => variant.Name),
        arguments.GetValue(coldDisk),
        arguments.GetValue(memory) is string sizes
            ? [.. Choose(sizes, CpuShare.Sizes, size => size.ToString(CultureInfo.InvariantCulture)).Select(size => (int?)size)]
            : [null],
        arguments.GetRequiredValue(ca) == "system");
    IAnsiConsole console = WideConsole();
    DateTime date = DateTime.UtcNow;
    Results results = ProgressBarLine.Show(console, progress =>
    {
        using var comparison = new Comparison(options, progress);
        IReadOnlyList<FunctionResults> measured = comparison.Run();
        return new Results(Command(), date, Commit(), Machine.Current, options.Runs, measured, comparison.Absent);
    });
    ResultTable.Print(console, results);
    Write(arguments.GetRequiredValue(output), results.ToJson());
    if (arguments.GetRequiredValue(chart))
    {
        Write(arguments.GetValue(memory) is null ? "docs/cold-start.svg" : "docs/memory.svg", Chart.Draw(results));
    }

    return 0;
}

int Render(ParseResult arguments)
{
    RenderBenchmark.Run(arguments.GetRequiredValue(pictureRuns), WideConsole());
    return 0;
}

IAnsiConsole WideConsole()
{
    IAnsiConsole console = AnsiConsole.Console;
    if (Console.IsOutputRedirected)
    {
        console.Profile.Width = 160;
    }

    return console;
}

void RequireMoreThan(int least, OptionResult result)
{
    if (result.GetValueOrDefault<int>() <= least)
    {
        result.AddError($"{result.Option.Name} must be more than {least}.");
    }
}

int CountStarts()
{
    var budget = StartBudget.Read();
    using var counter = new StartCounter();
    return budget.Check(counter.Count(MeasuredFunctions.All), Console.Out) ? 0 : 1;
}

T[] Choose<T>(string names, IReadOnlyList<T> among, Func<T, string> name) =>
[
    .. names.Split(',').Select(wanted => among.Any(one => name(one) == wanted)
        ? among.First(one => name(one) == wanted)
        : throw new BenchException($"'{wanted}' is unknown. Choose from {string.Join(", ", among.Select(name))}.")),
];

string Command()
{
    string given = string.Join(' ', args.Skip(1));
    return given.Length == 0 ? "make bench" : $"make bench ARGS=\"{given}\"";
}

string Commit() => CommandLineTool.Run("git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+") is { ExitCode: 0 } git ? git.Output : "unknown";

void Write(string file, string text)
{
    string path = Path.Combine(Repository.Root, file);
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllText(path, text.EndsWith('\n') ? text : text + "\n");
    Console.WriteLine($"Written: {path}");
}

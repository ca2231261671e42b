using System.Reflection;
using System.Text.RegularExpressions;

namespace Photos.Tests.Bench;

/// <summary>The benchmark and the tests share the harness and otherwise do not depend on each other.</summary>
public sealed partial class BenchmarkDependencyTests
{
    [Fact]
    public void OnlyTheTestsInThisFolderUseTheBenchmark()
    {
        string tests = Path.Combine(Repository.Root, "tests");
        string thisFolder = Path.Combine(tests, "Bench") + Path.DirectorySeparatorChar;
        string[] files =
        [
            Path.Combine(tests, "Tests.csproj"),
            .. Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories).Where(file => !file.StartsWith(thisFolder, StringComparison.Ordinal)),
        ];

        Assert.True(files.Length > 50, $"Only {files.Length} files were found in {tests}.");
        Assert.All(files, file => Assert.False(
            UseOfTheBenchmark().IsMatch(File.ReadAllText(file)),
            $"{file} uses the benchmark. Move the test to tests/Bench, or move what it uses to the harness."));
    }

    [Theory]
    [InlineData("using Photos.Bench;", true)]
    [InlineData("using static Photos.Bench.Aws.AwsStandIn;", true)]
    [InlineData("global::Photos . Bench.Soak.Run()", true)]
    [InlineData("using Photos.Tests.Bench;", true)]
    [InlineData("<Using Include=\"Photos.Bench\" />", true)]
    [InlineData("<ProjectReference Include=\"../bench/Bench.csproj\" />", false)]
    [InlineData("using Photos.Harness;", false)]
    public void AUseIsRecognizedByTheNamespace(string line, bool isUse) => Assert.Equal(isUse, UseOfTheBenchmark().IsMatch(line));

    [Theory]
    [InlineData("Photos.Bench", "NetVips", "Photos.Harness", "Spectre.Console", "Spectre.Console.Ansi")]
    [InlineData("Photos.Harness")]
    public void BenchmarkAndHarnessReferenceNoOtherProject(string assembly, params string[] expected) => Assert.Equal(
        expected,
        Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Microsoft.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\bPhotos\s*\.\s*(Tests\s*\.\s*)?Bench\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UseOfTheBenchmark();
}

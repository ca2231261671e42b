using System.Globalization;

namespace Photos.Tests.Bench;

/// <summary><c>bench/report.awk</c> summarizes Lambda's log.</summary>
public sealed class CloudReportTests
{
    private static readonly string s_recorded = Path.Combine(Repository.Root, "tests", "Bench", "report-lines.txt");

    /// <summary>For each memory size, the recorded lines have three cold starts, one of them restored from a snapshot; two warm
    /// invocations; a truncated line; and lines that only resemble reports. The text lines are for 512 MB, one with an X-Ray
    /// trace and one a duplicate. The JSON lines are for 1024 MB, one with an X-Ray trace and one that timed out.</summary>
    [Fact]
    public async Task RecordedLinesProduceTheirTable()
    {
        ToolResult report = await ReportAsync("name=ListPhotos", s_recorded);

        Assert.Equal("", report.Error);
        Assert.Equal(
            """
            function     memory MB   cold  init               cold invoke        billed             max memory MB        warm  warm invoke
            ListPhotos         512      3  44.90 / 60.00      11.42 / 20.00      57 / 80            31 / 32                 2  3.53 / 4.04
            ListPhotos        1024      3  38.75 / 41.00      16.50 / 18.50      55 / 60            34 / 35                 2  5001.25 / 10000.00
            median / p99; times in ms

            """,
            report.Output);
    }

    [Fact]
    public async Task EachFunctionHasItsRows()
    {
        ToolResult report = await ReportAsync("name=ListPhotos", s_recorded, "name=WritePhoto", s_recorded);

        Assert.Equal(
            ["ListPhotos 512", "ListPhotos 1024", "WritePhoto 512", "WritePhoto 1024"],
            report.Output.Split('\n')[1..5].Select(row => string.Join(' ', Cells(row)[..2])));
    }

    [Theory]
    [InlineData(1, "1.00 / 1.00")]
    [InlineData(2, "1.50 / 2.00")]
    [InlineData(99, "50.00 / 99.00")]
    [InlineData(100, "50.50 / 99.00")]
    [InlineData(101, "51.00 / 100.00")]
    [InlineData(200, "100.50 / 198.00")]
    public async Task MedianAndP99DoNotDependOnTheOrderOfValues(int count, string expected)
    {
        using var folder = new TemporaryFolder();
        string log = Path.Combine(folder.Path, "log");
        // 7 is coprime to each of the counts, so this yields each of 1 to count once.
        File.WriteAllLines(log, Enumerable.Range(0, count).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $"REPORT RequestId: {i}\tDuration: 5 ms\tBilled Duration: 9 ms\tMemory Size: 128 MB\tMax Memory Used: 20 MB\tInit Duration: {(i * 7 % count) + 1} ms\t")));

        ToolResult report = await ReportAsync("name=ListPhotos", log);

        Assert.Equal(expected, string.Join(' ', Cells(report.Output.Split('\n')[1])[3..6]));
    }

    [Fact]
    public async Task ALogWithoutReportsSaysWhatToDo()
    {
        ToolResult report = await ReportAsync("name=ListPhotos", "/dev/null");

        Assert.Equal(1, report.ExitCode);
        Assert.Equal("report.awk: the log has no reports of invocations. Set Lambda's system log level to INFO or DEBUG.\n", report.Error);
        Assert.Equal("", report.Output);
    }

    private static string[] Cells(string row) => row.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Task<ToolResult> ReportAsync(params string[] arguments) =>
        Tool.RunAsync("awk", ["-f", Path.Combine(Repository.Root, "bench", "report.awk"), .. arguments]);
}

namespace Photos.Tests.Project;

public sealed class MarkdownTests
{
    private const int MaxColumns = 120;

    private static readonly EnumerationOptions s_recursively = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden };

    /// <summary>Longer lines are hard to review. Tables and code cannot be wrapped.</summary>
    [Fact]
    public void ProseIsWrapped()
    {
        List<string> pages = [.. Directory.EnumerateFiles(Repository.Root, "*.md"), .. Pages("docs"), .. Pages("certs")];

        Assert.Contains(pages, page => Path.GetFileName(page) == "README.md");
        string[] longLines = [.. pages.SelectMany(LongLines)];
        Assert.True(longLines.Length == 0, string.Join('\n', longLines));
    }

    private static IEnumerable<string> Pages(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.md", s_recursively);

    private static IEnumerable<string> LongLines(string page)
    {
        bool isCode = false;
        foreach ((int index, string line) in File.ReadLines(page).Index())
        {
            isCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!isCode && !line.StartsWith('|') && line.Length > MaxColumns)
            {
                yield return $"{Path.GetRelativePath(Repository.Root, page)}:{index + 1} has {line.Length} columns, and at most {MaxColumns} are allowed.";
            }
        }
    }
}

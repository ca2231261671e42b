using System.Reflection;
using System.Text.RegularExpressions;
using NetArchTest.Rules;
using Photos.Runtime;

namespace Photos.Tests.Project;

/// <summary>
/// <c>src/Shared</c> consists of rooms: a folder and a namespace each. A room depends only on the rooms before it in
/// <see cref="s_rooms"/>, so there is no cycle.
/// </summary>
public sealed partial class RoomsTests
{
    private const int MaxLines = 250;

    private static readonly string[] s_rooms = ["Net", "Aws", "Runtime", "Album", "Api"];
    private static readonly Assembly s_shared = typeof(LambdaRuntime).Assembly;

    [Fact]
    public void EveryRoomDependsOnlyOnTheRoomsBeforeIt() => Assert.Empty(Violations(s_rooms));

    /// <summary>Each pair of neighbors has such a dependency, so the check fails on each when their order is reversed.</summary>
    [Fact]
    public void ADependencyOnALaterRoomIsFound()
    {
        for (int i = 1; i < s_rooms.Length; i++)
        {
            string[] swapped = [.. s_rooms];
            (swapped[i - 1], swapped[i]) = (s_rooms[i], s_rooms[i - 1]);

            Assert.Contains(Violations(swapped), violation => violation.EndsWith($" depends on {s_rooms[i - 1]}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void EveryTypeIsInARoom()
    {
        // The compiler's own types have no namespace of ours.
        IEnumerable<string> elsewhere = s_shared.GetTypes()
            .Where(type => type.Namespace?.StartsWith("Photos", StringComparison.Ordinal) == true)
            .Where(type => !s_rooms.Contains(type.Namespace!.Split('.').ElementAtOrDefault(1)))
            .Select(type => type.FullName!);

        Assert.Empty(elsewhere);
    }

    [Fact]
    public void NamespacesAreFolders()
    {
        Assert.Equal(
            s_rooms.Order(StringComparer.Ordinal),
            SourceFiles().Select(file => Path.GetDirectoryName(file)!).Where(folder => FolderName(Path.GetDirectoryName(folder)!) == "Shared").Select(FolderName).Distinct().Order(StringComparer.Ordinal));
        Assert.All(SourceFiles(), file =>
        {
            string folder = FolderName(Path.GetDirectoryName(file)!);
            Match declared = Namespace().Match(File.ReadAllText(file));
            Assert.True(
                Path.GetFileName(file) == "Program.cs" || declared.Groups["name"].Value == $"Photos.{folder}",
                $"{file} must declare the namespace Photos.{folder}.");
        });
    }

    /// <summary>A file that the default build leaves out, such as the runtime on RuntimeSupport, is in no assembly: read as text.</summary>
    [Fact]
    public void NoSourceFileNamesALaterRoomOrAFunction() => Assert.All(SourceFiles(), file =>
    {
        string folder = FolderName(Path.GetDirectoryName(file)!);
        int room = Array.IndexOf(s_rooms, folder);
        string[] allowed = room < 0 ? [.. s_rooms, folder] : s_rooms[..(room + 1)];
        Assert.All(Usings().Matches(File.ReadAllText(file)), used => Assert.True(
            allowed.Contains(used.Groups["name"].Value), $"{file} uses Photos.{used.Groups["name"].Value}. Allowed are: {string.Join(", ", allowed)}."));
    });

    [Fact]
    public void NoSourceFileIsLong() => Assert.All(SourceFiles(), file =>
    {
        int lines = File.ReadLines(file).Count();
        Assert.True(lines <= MaxLines, $"{file} has {lines} lines, more than {MaxLines}. Split it by its reasons to change.");
    });

    private static IEnumerable<string> Violations(string[] rooms)
    {
        for (int i = 0; i < rooms.Length - 1; i++)
        {
            for (int later = i + 1; later < rooms.Length; later++)
            {
                NetArchTest.Rules.TestResult result = Types.InAssembly(s_shared)
                    .That().ResideInNamespace($"Photos.{rooms[i]}")
                    .ShouldNot().HaveDependencyOnAny($"Photos.{rooms[later]}")
                    .GetResult();
                foreach (IType type in result.FailingTypes)
                {
                    yield return $"{type.FullName} depends on {rooms[later]}";
                }
            }
        }
    }

    private static IEnumerable<string> SourceFiles() => Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string FolderName(string folder) => Path.GetFileName(folder);

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"(?<![.\w])Photos\.(?<name>[A-Z]\w+)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Usings();
}

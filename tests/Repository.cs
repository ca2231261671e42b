using System.Runtime.InteropServices;

namespace Photos.Tests;

/// <summary>Where the things under test lie.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The folder that <c>build.sh</c> fills: a folder a function, with its <c>bootstrap</c>.</summary>
    public static string Functions { get; } =
        Environment.GetEnvironmentVariable("PHOTOS_FUNCTIONS") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Root, "artifacts", "functions", RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x86_64");

    public static string Template { get; } = Path.Combine(Root, "template.yaml");

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Photos.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has Photos.slnx.");
    }
}

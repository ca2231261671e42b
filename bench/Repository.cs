using System.Runtime.InteropServices;

namespace Photos.Bench;

/// <summary>Where things lie.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>As in <c>build.sh</c>.</summary>
    public static string Architecture { get; } =
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x86_64";

    /// <summary>The folder that <c>build.sh</c> fills: a folder a function, with its <c>bootstrap</c>.</summary>
    public static string Functions { get; } =
        Environment.GetEnvironmentVariable("PHOTOS_FUNCTIONS") is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.Combine(Root, "artifacts", "functions", Architecture);

    /// <summary>Where the benchmark builds what it compares with.</summary>
    public static string Artifacts { get; } = Path.Combine(Root, "artifacts", "bench");

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

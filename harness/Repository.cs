using System.Runtime.InteropServices;

namespace Photos.Harness;

/// <summary>The paths of this checkout.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Template { get; } = Path.Combine(Root, "template.yaml");

    /// <summary>This machine's architecture, under the name that <c>build.sh</c> and Lambda use.</summary>
    public static string Architecture { get; } =
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x86_64";

    /// <summary>
    /// The output of <c>build.sh</c>: a folder for each function, with its <c>bootstrap</c>. The variable
    /// <c>PHOTOS_FUNCTIONS</c> replaces it.
    /// </summary>
    public static string Functions { get; } =
        Environment.GetEnvironmentVariable("PHOTOS_FUNCTIONS") is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.Combine(Root, "artifacts", "functions", Architecture);

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Photos.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has Photos.slnx. Run the program from the checkout that built it.");
    }
}

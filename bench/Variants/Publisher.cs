using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>Publishes the functions with other options than <c>build.sh</c>.</summary>
internal static class Publisher
{
    /// <summary>The machine's, for native binaries.</summary>
    public static string RuntimeIdentifier { get; } = $"linux-{(Repository.Architecture == "arm64" ? "arm64" : "x64")}";

    /// <summary>The project of a function as it is deployed.</summary>
    public static string Project(string function) => $"src/{function}/{function}.csproj";

    /// <summary>Publishes one function, unless it was published after the last change of its source.</summary>
    /// <param name="variant">The variant's name.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="project">The project to publish.</param>
    /// <param name="arguments">Further arguments of <c>dotnet publish</c>.</param>
    /// <returns>The folder to deploy.</returns>
    /// <exception cref="BenchException">The function does not build.</exception>
    public static string Publish(string variant, string function, string project, IEnumerable<string> arguments)
    {
        string folder = Path.Combine(Variant.Artifacts, variant, function);
        string stamp = $"{folder}.stamp";
        if (File.Exists(stamp) && File.GetLastWriteTimeUtc(stamp) > NewestSource(project))
        {
            return folder;
        }

        DateTime started = DateTime.UtcNow;
        CommandLineTool publish = CommandLineTool.Run(
            "dotnet",
            ["publish", project, "-c", "Release", "-o", folder,
             "--artifacts-path", Path.Combine(Variant.Artifacts, "build", variant, function), .. arguments]);
        if (publish.ExitCode != 0)
        {
            throw new BenchException($"The variant {variant} of {function} does not build. Fix the error, or omit the variant with --variants. {publish.Output}");
        }

        foreach (string unneeded in Directory.EnumerateFiles(folder).Where(file => Path.GetExtension(file) is ".dbg" or ".pdb" or ".xml"))
        {
            File.Delete(unneeded);
        }

        File.WriteAllText(stamp, "");
        File.SetLastWriteTimeUtc(stamp, started);
        return folder;
    }

    // Folders count as well: a deleted file only changes the time of its folder.
    private static DateTime NewestSource(string project)
    {
        string[] folders = ["src", Path.GetDirectoryName(project)!];
        string[] files = ["Directory.Build.props", "Directory.Packages.props", "global.json"];
        return folders.SelectMany(folder => new DirectoryInfo(Path.Combine(Repository.Root, folder)).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
            .Select(entry => entry.LastWriteTimeUtc)
            .Concat(files.Select(file => File.GetLastWriteTimeUtc(Path.Combine(Repository.Root, file))))
            .Max();
    }
}

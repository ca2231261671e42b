using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>Publishes the functions with other options than <c>build.sh</c>.</summary>
internal static class Publisher
{
    /// <summary>Publishes one function, unless it was published after the last change of its source.</summary>
    /// <returns>The folder to deploy.</returns>
    /// <exception cref="BenchException">The function does not build.</exception>
    public static string Publish(string variant, string function, IEnumerable<string> arguments)
    {
        string folder = Path.Combine(Variant.Artifacts, variant, function);
        string stamp = $"{folder}.stamp";
        if (File.Exists(stamp) && File.GetLastWriteTimeUtc(stamp) > NewestSource())
        {
            return folder;
        }

        DateTime started = DateTime.UtcNow;
        CommandLineTool publish = CommandLineTool.Run(
            "dotnet",
            ["publish", $"src/{function}/{function}.csproj", "-c", "Release", "-o", folder,
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
    private static DateTime NewestSource()
    {
        var source = new DirectoryInfo(Path.Combine(Repository.Root, "src"));
        string[] files = ["Directory.Build.props", "Directory.Packages.props", "global.json"];
        return source.EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry => entry.LastWriteTimeUtc)
            .Concat(files.Select(file => File.GetLastWriteTimeUtc(Path.Combine(Repository.Root, file))))
            .Max();
    }
}

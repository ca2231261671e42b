namespace Photos.Bench.Variants;

/// <summary>Publishes the functions in other ways than <c>build.sh</c>.</summary>
internal static class Publisher
{
    /// <summary>Publishes one function, unless nothing has changed since.</summary>
    /// <returns>The folder of what would be deployed.</returns>
    /// <exception cref="BenchException">It does not build.</exception>
    public static string Publish(string variant, string function, IEnumerable<string> arguments)
    {
        string folder = Path.Combine(Repository.Artifacts, variant, function);
        string stamp = $"{folder}.stamp";
        if (File.Exists(stamp) && File.GetLastWriteTimeUtc(stamp) > NewestSource())
        {
            return folder;
        }

        DateTime started = DateTime.UtcNow;
        CommandLineTool publish = CommandLineTool.Run(
            "dotnet",
            ["publish", $"src/{function}/{function}.csproj", "-c", "Release", "-o", folder,
             "--artifacts-path", Path.Combine(Repository.Artifacts, "build", variant, function), .. arguments]);
        if (publish.ExitCode != 0)
        {
            throw new BenchException($"{function} does not build as {variant}: {publish.Output}");
        }

        foreach (string useless in Directory.EnumerateFiles(folder).Where(file => Path.GetExtension(file) is ".dbg" or ".pdb" or ".xml"))
        {
            File.Delete(useless);
        }

        File.WriteAllText(stamp, "");
        File.SetLastWriteTimeUtc(stamp, started);
        return folder;
    }

    // A folder counts too, since its time is all that a deleted file leaves.
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

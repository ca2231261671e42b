using System.IO.Compression;

namespace Photos.Bench;

/// <summary>The size of a deployed artifact.</summary>
/// <param name="Bytes">Unpacked: the binary and the other files in its folder.</param>
/// <param name="ZipBytes">As a zip file.</param>
internal sealed record Artifact(long Bytes, long ZipBytes)
{
    /// <param name="path">A file or a folder.</param>
    public static Artifact Measure(string path)
    {
        string[] files = File.Exists(path) ? [path] : Directory.GetFiles(path, "*", SearchOption.AllDirectories);
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (string file in files)
            {
                zip.CreateEntryFromFile(file, Path.GetRelativePath(path, file), CompressionLevel.Optimal);
            }
        }

        return new Artifact(files.Sum(file => new FileInfo(file).Length), memory.Length);
    }
}

using System.IO.Compression;

namespace Photos.Bench;

/// <summary>How large a deployed artifact is.</summary>
/// <param name="Bytes">Unpacked: the binary and all that lies beside it.</param>
/// <param name="ZipBytes">As a zip.</param>
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

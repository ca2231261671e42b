using Photos.Bench;

namespace Photos.Tests.Bench;

public sealed class PageCacheTests : IDisposable
{
    // Not in the folder for temporary files, which may be in memory.
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "tests", Guid.NewGuid().ToString("N")));

    [Fact]
    public void OnlyTheFilesOfTheArtifactAreReadFromDiskAgain()
    {
        string artifact = _folder.CreateSubdirectory("artifact").FullName;
        string inFolder = Path.Combine(_folder.CreateSubdirectory("artifact/library").FullName, "a");
        string file = Path.Combine(artifact, "b");
        string other = Path.Combine(_folder.FullName, "c");
        string[] files = [inFolder, file, other];
        foreach (string path in files)
        {
            File.WriteAllBytes(path, new byte[1 << 20]);
        }

        PageCache.Drop(ColdDisk.No, artifact);
        Assert.Equal([0, 0, 0], files.Select(BytesFromDisk));

        PageCache.Drop(ColdDisk.Artifact, artifact);
        Assert.Equal([1 << 20, 1 << 20, 0], files.Select(BytesFromDisk));

        PageCache.Drop(ColdDisk.Artifact, other);
        Assert.Equal([0, 0, 1 << 20], files.Select(BytesFromDisk));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>How many bytes a thread reads from a disk to read the file. Other threads' reads are not counted.</summary>
    private static long BytesFromDisk(string file)
    {
        long before = ReadBytes();
        File.ReadAllBytes(file);
        return ReadBytes() - before;
    }

    /// <remarks>https://docs.kernel.org/filesystems/proc.html#proc-pid-io-display-the-io-accounting-fields</remarks>
    private static long ReadBytes() => long.Parse(
        File.ReadLines("/proc/thread-self/io").Single(line => line.StartsWith("read_bytes: ", StringComparison.Ordinal))["read_bytes: ".Length..],
        provider: null);
}

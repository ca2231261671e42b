using System.Runtime.InteropServices;

namespace Photos.Bench;

/// <summary>What a cold start reads from disk.</summary>
internal enum ColdDisk
{
    /// <summary>Nothing: all files are in the kernel's cache.</summary>
    No,

    /// <summary>The deployed files, which Lambda loads for each new execution environment.</summary>
    Artifact,

    /// <summary>All files: the deployed ones, the system's libraries and its configuration.</summary>
    All,
}

/// <summary>The kernel's cache of file contents.</summary>
internal static partial class PageCache
{
    // POSIX_FADV_DONTNEED of Linux.
    private const int DontNeed = 4;

    /// <summary>Empties the cache, so that the next start reads its files from disk.</summary>
    /// <param name="disk">Which files.</param>
    /// <param name="artifact">The file or folder that is deployed.</param>
    /// <exception cref="BenchException">The user is not root, or the machine does not support it.</exception>
    public static void Drop(ColdDisk disk, string artifact)
    {
        switch (disk)
        {
            case ColdDisk.Artifact:
                foreach (string file in Directory.Exists(artifact) ? Directory.EnumerateFiles(artifact, "*", SearchOption.AllDirectories) : [artifact])
                {
                    Evict(file);
                }

                break;
            case ColdDisk.All:
                DropAll();
                break;
            case ColdDisk.No:
            default:
                break;
        }
    }

    private static void DropAll()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"--cold-disk all must drop the page cache, which requires root ({e.Message}). Run the benchmark with sudo, or use --cold-disk artifact.");
        }
    }

    private static void Evict(string file)
    {
        using FileStream stream = File.OpenRead(file);

        // A page that has not been written to disk yet would stay in the cache.
        RandomAccess.FlushToDisk(stream.SafeFileHandle);
        int error = PosixFadvise(stream.SafeFileHandle, 0, 0, DontNeed);
        if (error != 0)
        {
            throw new BenchException($"--cold-disk artifact cannot evict {file} from the page cache: {Marshal.GetPInvokeErrorMessage(error)}. Use --cold-disk all, which requires root.");
        }
    }

    /// <remarks>https://man7.org/linux/man-pages/man2/posix_fadvise.2.html</remarks>
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int PosixFadvise(SafeHandle file, long offset, long length, int advice);
}

namespace Photos.Bench;

/// <summary>The kernel's cache of file contents.</summary>
internal static class PageCache
{
    /// <summary>Empties the cache, so that the next start reads its files from disk.</summary>
    /// <exception cref="BenchException">The user is not root.</exception>
    public static void Drop()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"--cold-disk must drop the page cache, which requires root ({e.Message}). Run the benchmark with sudo, or omit --cold-disk.");
        }
    }
}

namespace Photos.Bench.Lambda;

/// <summary>The kernel's memory of what it read from disk.</summary>
internal static class PageCache
{
    /// <summary>Forgets all of it, so that the next start reads its files from disk.</summary>
    /// <exception cref="BenchException">Only root may.</exception>
    public static void Drop()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"--cold-disk drops the page cache, which only root may ({e.Message}): run it with sudo, or leave --cold-disk out.");
        }
    }
}

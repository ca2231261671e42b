namespace Photos.Local;

/// <summary>The folder for photos, metadata and the development issuer's key.</summary>
internal static class DataFolder
{
    private const string Option = "--data (make: DATA=)";

    // EAGAIN on Linux and on macOS.
    private static readonly int[] s_inUse = [11, 35];

    /// <summary>Creates the folder if it does not exist, and locks it. The operating system releases the lock however this process ends.</summary>
    /// <param name="path">The folder's path.</param>
    /// <returns>The lock.</returns>
    /// <exception cref="LocalHostException">The folder cannot be written, or another host uses it.</exception>
    public static FileStream Lock(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return new FileStream(Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (s_inUse.Contains(e.HResult))
        {
            throw new LocalHostException($"Another local host uses the folder {path}. End it, or choose another folder with {Option}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>The exception for a folder or a file in it that cannot be written.</summary>
    public static LocalHostException CannotWrite(string path, Exception reason) =>
        new($"{path} cannot be written: {reason.Message} Make it writable, or choose another folder with {Option}.");
}

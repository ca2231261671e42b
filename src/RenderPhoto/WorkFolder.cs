using System.Diagnostics;
using System.Globalization;

namespace Photos.RenderPhoto;

/// <summary>The folder of the photo that is being rendered. It is deleted with everything in it.</summary>
internal sealed class WorkFolder : IDisposable
{
    private const string Prefix = "photos-render-";

    /// <summary>The path. Several processes of the local host share <c>/tmp</c>, so it contains the process's id.</summary>
    public string Path { get; } = PathOf(Environment.ProcessId);

    /// <summary>The file of the original.</summary>
    public string Original => System.IO.Path.Combine(Path, "original");

    /// <summary>
    /// Deletes what earlier processes have left. Lambda kills a process whose invocation times out, and the next process in the same
    /// execution environment has the same <c>/tmp</c>.
    /// </summary>
    public static void DeleteLeftovers()
    {
        foreach (string left in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), $"{Prefix}*"))
        {
            bool isInUse = int.TryParse(System.IO.Path.GetFileName(left)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int processId)
                && processId != Environment.ProcessId
                && IsThisFunction(processId);
            if (!isInUse)
            {
                TryDelete(left);
            }
        }
    }

    /// <summary>Creates the folder, empty.</summary>
    /// <returns>This folder, which <see cref="Dispose"/> deletes.</returns>
    public WorkFolder Create()
    {
        Directory.CreateDirectory(Path);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On the local host, another process deletes it at the same time, or it is another user's.
        }
    }

    private static string PathOf(int processId) => System.IO.Path.Combine(System.IO.Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Prefix}{processId}"));

    private static bool IsThisFunction(int processId)
    {
        try
        {
            using var self = Process.GetCurrentProcess();
            using var other = Process.GetProcessById(processId);
            return other.ProcessName == self.ProcessName;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended.
            return false;
        }
    }
}

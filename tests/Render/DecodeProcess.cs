using System.Diagnostics;

namespace Photos.Tests.Render;

/// <summary>The child process, started by the tests so that they can look at it.</summary>
internal static class DecodeProcess
{
    /// <summary>Renders a picture.</summary>
    /// <returns>Whether it was rendered, and the highest resident memory.</returns>
    public static (bool IsReady, long PeakBytes) Run(PictureFolder folder)
    {
        using Process process = Start(folder);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        long peak = 0;
        while (!process.WaitForExit(2))
        {
            try
            {
                peak = Math.Max(peak, ProcessFigures.PeakMemory(process.Id));
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It has just ended.
            }
        }

        _ = error.Result;
        return (process.ExitCode == 0 && output.Result.Contains("\"width\"", StringComparison.Ordinal), peak);
    }

    private static Process Start(PictureFolder folder)
    {
        var start = new ProcessStartInfo(PictureFolder.Binary, ["decode", folder.Original, folder.Path])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in Photos.RenderPhoto.ProcessLimits.Variables(folder.Path))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}

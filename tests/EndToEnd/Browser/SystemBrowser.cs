using System.Diagnostics;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>The system's Chromium, installed from Debian's packages where there is none.</summary>
internal static class SystemBrowser
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    /// <returns>The path of its executable.</returns>
    /// <exception cref="InvalidOperationException">There is none, and none can be installed.</exception>
    public static async Task<string> FindOrInstallAsync()
    {
        if (Find() is { } found)
        {
            return found;
        }

        string[] asRoot = Environment.UserName is "root" ? [] : ["sudo", "-n"];
        string failure = await RunAsync([.. asRoot, "apt-get", "update", "-qq"])
            ?? await RunAsync([.. asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
            ?? "its package has no program of that name";
        return Find() ?? throw new InvalidOperationException(
            $"The browser tests need Chromium or Chrome on the PATH ({string.Join(", ", s_names)}), and apt-get could not install it ({failure}). "
            + "Install it, on Debian with apt-get install chromium, and run the tests again.");
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    /// <returns>Null when it succeeded, else what it said.</returns>
    private static async Task<string?> RunAsync(string[] command)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string errors = await process.StandardError.ReadToEndAsync();
            await output;
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : errors.Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}

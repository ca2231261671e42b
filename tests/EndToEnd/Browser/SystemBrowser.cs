using System.Diagnostics;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>Finds the system's Chromium, or installs it from Debian's packages.</summary>
internal static class SystemBrowser
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    /// <returns>The path of its executable.</returns>
    /// <exception cref="InvalidOperationException">Chromium is missing and cannot be installed.</exception>
    public static async Task<string> FindOrInstallAsync()
    {
        if (Find() is { } found)
        {
            return found;
        }

        string[] asRoot = Environment.UserName is "root" ? [] : ["sudo", "-n"];
        string failure = await RunAsync([.. asRoot, "apt-get", "update", "-qq"])
            ?? await RunAsync([.. asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
            ?? "its package does not contain the program";
        return Find() ?? throw new InvalidOperationException(
            $"The browser tests require Chromium or Chrome on the PATH ({string.Join(", ", s_names)}), and apt-get could not install it ({failure}). "
            + "Install it (on Debian: apt-get install chromium), then run the tests again.");
    }

    private static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    /// <returns>Null for success, otherwise the error output.</returns>
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

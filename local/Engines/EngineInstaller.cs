using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Photos.Local.Engines;

/// <summary>Installs the engines with npm, in the versions that the lock file pins.</summary>
internal static class EngineInstaller
{
    private const int MinNodeVersion = 20;

    private static readonly TimeSpan s_lockPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>Installs the engines if they are missing or older than the lock file.</summary>
    /// <param name="directory">The folder of <c>package-lock.json</c>.</param>
    /// <param name="output">Receives a line when an installation begins.</param>
    /// <param name="cancellationToken">Stops the installation.</param>
    /// <exception cref="LocalHostException">Node.js or npm is missing or too old, or the installation failed.</exception>
    public static async Task EnsureInstalledAsync(string directory, TextWriter output, CancellationToken cancellationToken)
    {
        string version = await RunAsync("node", ["--version"], directory, cancellationToken);
        if (!int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            || major < MinNodeVersion)
        {
            throw new LocalHostException(
                $"The local engines require Node.js {MinNodeVersion} or newer, but the installed version is {version}. Install it from https://nodejs.org, then try again.");
        }

        if (IsInstalled(directory))
        {
            return;
        }

        using FileStream installing = await LockAsync(Path.Combine(directory, ".installing"), cancellationToken);
        if (!IsInstalled(directory))
        {
            await output.WriteLineAsync("Installing the local engines with npm. This happens only once.");
            await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], directory, cancellationToken);
        }
    }

    private static bool IsInstalled(string directory)
    {
        // npm writes this file last.
        var installed = new FileInfo(Path.Combine(directory, "node_modules", ".package-lock.json"));
        return installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(directory, "package-lock.json"));
    }

    /// <summary>Keeps two hosts, in one process or in two, from installing into one folder at the same time.</summary>
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(s_lockPoll, cancellationToken);
            }
        }
    }

    /// <returns>What the program printed, trimmed.</returns>
    private static async Task<string> RunAsync(
        string program, string[] arguments, string directory, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = directory,
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            throw new LocalHostException(
                $"The local engines require {program}, which is not on the PATH. Install Node.js {MinNodeVersion} or newer from https://nodejs.org, "
                + "or set AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_S3 to use your own engines.");
        }

        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? (await output).Trim()
                : throw new LocalHostException(
                    $"`{program} {string.Join(' ', arguments)}` failed in {directory}. Fix this error, then try again: {(await errors).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

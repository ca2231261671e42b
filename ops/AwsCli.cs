using System.ComponentModel;
using System.Diagnostics;

namespace Photos.Ops;

/// <summary>The AWS CLI, which looks up the stack and invokes the function. The commands use its configuration and credentials.</summary>
internal static class AwsCli
{
    /// <summary>The command by which an AWS SDK gets the credentials of the AWS CLI, also those of IAM Identity Center.</summary>
    /// <remarks>https://docs.aws.amazon.com/cli/latest/reference/configure/export-credentials.html</remarks>
    public const string ExportCredentials = "aws configure export-credentials";

    /// <summary>Runs <c>aws</c> with the arguments.</summary>
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="OpsException">It is not installed, or it failed.</exception>
    public static async Task<string> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("aws", arguments)
            {
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
            throw new OpsException("A stack requires the AWS CLI 2, which is not on the PATH. Install it, or omit the stack to use the local host.");
        }

        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new OpsException($"`aws {arguments[0]} {arguments[1]}` failed. Fix this error, then try again: {(await errors).Trim()}");
    }
}

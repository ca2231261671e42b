using System.Diagnostics;
using System.Globalization;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>The processes of a host's functions, found in Linux's <c>/proc</c>.</summary>
/// <param name="hostId">The process id of the host, their parent.</param>
internal sealed class FunctionProcesses(int hostId)
{
    /// <summary>Kills all of them, and waits until they have ended.</summary>
    public Task KillAllAsync() => KillAsync(_ => true);

    /// <summary>Kills the one that has this TCP connection, and waits until it has ended.</summary>
    public async Task KillByConnectionAsync((int Client, int Server) ports)
    {
        string socket = $"socket:[{InodeOf(ports)}]";
        int killed = await KillAsync(folder =>
            Directory.EnumerateFiles(Path.Combine(folder, "fd")).Any(file => new FileInfo(file).LinkTarget == socket));
        Assert.True(killed == 1, $"{killed} functions have the connection {ports}.");
    }

    /// <remarks>https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt</remarks>
    private static string InodeOf((int Client, int Server) ports)
    {
        const int LocalAddress = 1;
        const int RemoteAddress = 2;
        const int Inode = 9;

        // The client's port alone is not enough: connections to other servers may have the same.
        return File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .First(columns => IsPort(columns[LocalAddress], ports.Client) && IsPort(columns[RemoteAddress], ports.Server))[Inode];

        static bool IsPort(string address, int port) => address.EndsWith($":{port:X4}", StringComparison.Ordinal);
    }

    private async Task<int> KillAsync(Func<string, bool> isChosen)
    {
        int killed = 0;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int processId) && IsFunction(folder) && isChosen(folder))
                {
                    using var function = Process.GetProcessById(processId);
                    function.Kill();
                    await function.WaitForExitAsync();
                    killed++;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
            {
                // The process has already ended.
            }
        }

        return killed;
    }

    /// <remarks>man 5 proc_pid_stat: the process id, the name in parentheses, the state and the parent's process id.</remarks>
    private bool IsFunction(string folder) =>
        File.ReadAllText(Path.Combine(folder, "stat")).Split(' ') is [_, "(bootstrap)", _, var parent, ..] && parent == $"{hostId}";
}

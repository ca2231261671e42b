using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Photos.Local.Lambda;

/// <summary>The operating system's process: starts it, passes on what it prints, measures it and ends it.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;

    private static readonly TimeSpan s_gracePeriod = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly Action<string> _print;
    private Task? _exit;
    private Task<int>? _exitCode;
    private bool _killed;

    /// <param name="executable">The path of the program.</param>
    /// <param name="directory">The working directory.</param>
    /// <param name="print">Receives each line of standard output and standard error.</param>
    public ChildProcess(string executable, string directory, Action<string> print)
    {
        _print = print;
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(executable)
            {
                WorkingDirectory = directory,
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
                StandardErrorEncoding = Encoding.UTF8,
            },
        };
    }

    public bool IsStarted => _exit is not null;

    /// <summary>Whether it runs, as far as <see cref="Exit"/> has noticed, and has not been killed.</summary>
    public bool IsRunning => !_killed && _exit is { IsCompleted: false };

    /// <summary>Whether the operating system has ended it; true shortly before <see cref="Exit"/> completes.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Completes when the process has exited.</summary>
    public Task Exit => _exit ?? throw NotStarted();

    /// <summary>The exit code, once everything that the process wrote has been printed.</summary>
    public Task<int> ExitCode => _exitCode ?? throw NotStarted();

    /// <summary>The most memory that any sample has shown, in MB.</summary>
    public int MaxMemoryMegabytes { get; private set; }

    /// <summary>Starts the process with exactly these environment variables.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program is missing or cannot run on this machine.</exception>
    public void Start(IReadOnlyDictionary<string, string> variables)
    {
        _process.StartInfo.Environment.Clear();
        foreach ((string name, string value) in variables)
        {
            _process.StartInfo.Environment[name] = value;
        }

        _process.Start();
        _process.StandardInput.Close();
        _exit = _process.WaitForExitAsync();
        _exitCode = DrainAsync(_exit, Task.WhenAll(PrintAsync(_process.StandardOutput), PrintAsync(_process.StandardError)));
    }

    /// <summary>Updates <see cref="MaxMemoryMegabytes"/>. A process that has exited keeps its last sample.</summary>
    public void SampleMemory() => MaxMemoryMegabytes = Math.Max(MaxMemoryMegabytes, PeakMemory.ReadMegabytes(_process) ?? 0);

    /// <summary>Sends SIGKILL to the process and its children.</summary>
    public void Kill()
    {
        _killed = true;
        if (!Exit.IsCompleted)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Sends SIGTERM and, after a grace period, SIGKILL. Returns when the process has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsStarted)
        {
            if (IsRunning)
            {
                _ = SendSignal(_process.Id, Sigterm);
                await Wait.ForAnyAsync(s_gracePeriod, Exit);
            }

            Kill();
            await ExitCode;
        }

        _process.Dispose();
    }

    private static InvalidOperationException NotStarted() => new("The process has not been started.");

    private async Task<int> DrainAsync(Task exit, Task output)
    {
        await exit;

        // A child that outlives the process keeps the pipes open.
        await Wait.ForAnyAsync(s_gracePeriod, output);
        return _process.ExitCode;
    }

    private async Task PrintAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                _print(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe was closed during a read: nothing writes to it anymore.
        }
    }

    // Process.Kill can only send SIGKILL.
    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);
}

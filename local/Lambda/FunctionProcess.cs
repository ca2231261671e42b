using System.ComponentModel;
using System.Diagnostics;
using Photos.Local.Template;

namespace Photos.Local.Lambda;

/// <summary>One execution environment of a function: a process and its Runtime API. It runs one invocation at a time.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html</remarks>
internal sealed class FunctionProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_initTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_exitAfterInitError = TimeSpan.FromMilliseconds(500);

    private readonly FunctionDefinition _function;
    private readonly string _directory;
    private readonly IReadOnlyDictionary<string, string> _sharedVariables;
    private readonly PlatformLog _log;
    private readonly RuntimeApi _api;
    private readonly ChildProcess _process;
    private readonly SemaphoreSlim _starting = new(1);
    private readonly Lock _gate = new();
    private bool _stopping;
    private Task? _stopped;
    private double? _unreportedInitMs;

    /// <param name="function">The function.</param>
    /// <param name="directory">The absolute path of the folder that contains <c>bootstrap</c>.</param>
    /// <param name="sharedVariables">Environment variables that every function gets in addition to its own.</param>
    /// <param name="output">Receives the log, in whole lines; locked while a line is written.</param>
    public FunctionProcess(
        FunctionDefinition function, string directory, IReadOnlyDictionary<string, string> sharedVariables, TextWriter output)
    {
        _function = function;
        _directory = directory;
        _sharedVariables = sharedVariables;
        _log = new PlatformLog(output, function.MemoryMegabytes);
        _api = new RuntimeApi(
            ProcessEnvironment.Arn(function, sharedVariables), invocation => _log.WriteStart(invocation.RequestId));
        _process = new ChildProcess(Path.Combine(directory, "bootstrap"), directory, _log.WriteLine);
    }

    /// <summary>Whether it can run another invocation.</summary>
    public bool IsAlive => _process.IsRunning;

    /// <summary>Runs one invocation. The first one starts the process.</summary>
    /// <returns>Null when the process exited before it received the event; another process can then run the invocation.</returns>
    /// <exception cref="LocalHostException"><c>bootstrap</c> is missing or cannot run on this machine.</exception>
    /// <exception cref="ObjectDisposedException">The process has been disposed.</exception>
    public async Task<InvocationResult?> InvokeAsync(Invocation invocation)
    {
        if (!_process.IsStarted)
        {
            if (await InitializeAsync(invocation.RequestId) is { } failed)
            {
                return failed;
            }
        }
        else if (!IsAlive || _process.HasExited)
        {
            return null;
        }

        invocation.Deadline = DateTimeOffset.UtcNow + _function.Timeout;
        long begin = Stopwatch.GetTimestamp();
        _api.HandOver(invocation);
        bool inTime = await Wait.ForAnyAsync(_function.Timeout, invocation.Finished, _process.Exit);
        double durationMs = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        _process.SampleMemory();
        if (invocation.Finished.IsCompleted)
        {
            return ToResult(invocation, Report(invocation, durationMs, ""));
        }

        if (inTime && _api.TryTakeBack())
        {
            return null;
        }

        _process.Kill();
        int exitCode = await _process.ExitCode;
        return inTime ? Crashed(invocation, durationMs, exitCode) : TimedOut(invocation, durationMs);
    }

    /// <summary>Sends SIGTERM and, after a grace period, SIGKILL. Returns when the process has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        Task stopped;
        lock (_gate)
        {
            stopped = _stopped ??= StopAsync();
        }

        await stopped;
    }

    private static InvocationResult ToResult(Invocation invocation, InvocationReport report) =>
        invocation.Response is { IsError: true } error
            ? new InvocationResult.FunctionError(report, error.Body)
            : new InvocationResult.Succeeded(report, invocation.Response!.Body);

    /// <returns>Null when the process is ready for its first invocation.</returns>
    private async Task<InvocationResult.InitFailed?> InitializeAsync(string requestId)
    {
        long begin;
        await _starting.WaitAsync();
        try
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            await _api.StartAsync();
            Dictionary<string, string> variables = ProcessEnvironment.Create(_function, _directory, _sharedVariables, _api.Address);
            begin = Stopwatch.GetTimestamp();
            Start(variables);
        }
        finally
        {
            _starting.Release();
        }

        bool inTime = await Wait.ForAnyAsync(s_initTimeout, _api.Ready, _api.InitError, _process.Exit);
        double initMs = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        _process.SampleMemory();
        if (_api.Ready.IsCompleted)
        {
            _unreportedInitMs = initMs;
            return null;
        }

        if (_api.InitError.IsCompleted)
        {
            // The process is about to exit, and may have more to print.
            await Wait.ForAnyAsync(s_exitAfterInitError, _process.Exit);
        }

        _process.Kill();
        int exitCode = await _process.ExitCode;
        LambdaError error = _api.InitError.IsCompleted
            ? LambdaError.FromInitError(await _api.InitError)
            : inTime
                ? LambdaError.Exited(requestId, exitCode)
                : LambdaError.InitTimedOut(requestId, s_initTimeout);
        _log.WriteInitReport(initMs, inTime ? "error" : "timeout", error.Type);
        _log.WriteLine(error.Message);
        var report = new InvocationReport(requestId, 0, (long)Math.Ceiling(initMs), initMs, _process.MaxMemoryMegabytes);
        return new InvocationResult.InitFailed(report, error.Type, error.Message);
    }

    private void Start(IReadOnlyDictionary<string, string> variables)
    {
        try
        {
            _process.Start(variables);
        }
        catch (Win32Exception e)
        {
            throw new LocalHostException(
                $"The function {_function.Name} cannot be started: {e.Message}. Build the functions for this machine with ./build.sh, then try again.");
        }
    }

    private InvocationResult TimedOut(Invocation invocation, double durationMs)
    {
        string message = LambdaError.TaskTimedOut(invocation.RequestId, _function.Timeout);
        _log.WriteLine(message);
        InvocationReport report = Report(invocation, durationMs, "Status: timeout");

        // A response that was posted before the process hung is valid.
        return invocation.Response is null ? new InvocationResult.TimedOut(report, message) : ToResult(invocation, report);
    }

    private InvocationResult Crashed(Invocation invocation, double durationMs, int exitCode)
    {
        LambdaError error = LambdaError.Exited(invocation.RequestId, exitCode);
        _log.WriteLine(error.Message);
        _log.WriteLine(error.Type);
        InvocationReport report = Report(invocation, durationMs, $"Status: error\tError Type: {error.Type}");
        return invocation.Response is null
            ? new InvocationResult.Crashed(report, error.Type, error.Message)
            : ToResult(invocation, report);
    }

    private InvocationReport Report(Invocation invocation, double durationMs, string status)
    {
        double? initMs = _unreportedInitMs;
        _unreportedInitMs = null;

        // The init phase of a custom runtime is billed: https://aws.amazon.com/lambda/pricing/
        var report = new InvocationReport(
            invocation.RequestId,
            durationMs,
            (long)Math.Ceiling(durationMs + (initMs ?? 0)),
            initMs,
            _process.MaxMemoryMegabytes);
        _log.WriteEnd(report, status);
        return report;
    }

    private async Task StopAsync()
    {
        await _starting.WaitAsync();
        _stopping = true;
        _starting.Release();
        await _process.DisposeAsync();
        await _api.DisposeAsync();
    }
}

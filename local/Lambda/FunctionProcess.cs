using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Photos.Local.Template;

namespace Photos.Local.Lambda;

/// <summary>One process of a function: Lambda's execution environment. Takes one invocation at a time.</summary>
internal sealed class FunctionProcess : IAsyncDisposable
{
    private const string ExitError = "Runtime.ExitError";
    private const string TaskRoot = "/var/task/";

    // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
    private static readonly TimeSpan s_initLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_shutdownGrace = TimeSpan.FromMilliseconds(500);

    private readonly FunctionDefinition _function;
    private readonly TextWriter _output;
    private readonly Process _process;
    private readonly RuntimeApi _api;
    private readonly SemaphoreSlim _starting = new(1);
    private readonly Lock _gate = new();
    private bool _stopping;
    private bool _killed;
    private Task? _stopped;
    private Task? _exit;
    private Task<int> _drained = Task.FromResult(0);
    private double? _unreportedInitMs;
    private int _maxMemoryMegabytes;

    internal FunctionProcess(
        FunctionDefinition function,
        string directory,
        IReadOnlyDictionary<string, string> environment,
        TextWriter output)
    {
        _function = function;
        _output = output;
        string region = environment.GetValueOrDefault("AWS_REGION", "us-east-1");
        _api = new($"arn:aws:lambda:{region}:123456789012:function:{function.Name}", PrintStart);
        _process = new()
        {
            StartInfo = new(Path.Combine(directory, "bootstrap"))
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
        SetEnvironment(_process.StartInfo.Environment, environment);
    }

    /// <summary>Whether it can take another invocation.</summary>
    internal bool IsAlive => !_killed && _exit is { IsCompleted: false };

    /// <summary>Starts the process, if this is its first invocation, and hands the event over.</summary>
    /// <returns>Null when the process died before it fetched the event, which another can take.</returns>
    /// <exception cref="LocalHostException">There is no executable <c>bootstrap</c>.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    internal async Task<InvocationResult?> InvokeAsync(Invocation invocation)
    {
        if (_exit is null)
        {
            if (await InitialiseAsync(invocation.RequestId) is { } failed)
            {
                return failed;
            }
        }
        else if (!IsAlive || _process.HasExited)
        {
            // The task that waits for its end may not have run yet.
            return null;
        }

        invocation.Deadline = DateTimeOffset.UtcNow + _function.Timeout;
        long begin = Stopwatch.GetTimestamp();
        _api.HandOver(invocation);
        bool inTime = await CompletesAsync(_function.Timeout, invocation.Finished, _exit!);
        double durationMs = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        SampleMemory();
        if (invocation.Finished.IsCompleted)
        {
            return Answered(invocation, Report(invocation, durationMs, ""));
        }

        if (inTime && _api.TryTakeBack())
        {
            return null;
        }

        Kill();
        int exitCode = await _drained;
        if (!inTime)
        {
            string message = string.Create(
                CultureInfo.InvariantCulture,
                $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {invocation.RequestId} Task timed out after {_function.Timeout.TotalSeconds:F2} seconds");
            Print(message);
            InvocationReport report = Report(invocation, durationMs, "Status: timeout");
            // An answer posted before the process hung stands.
            return invocation.Answer is null ? new InvocationResult.TimedOut(report, message) : Answered(invocation, report);
        }
        else
        {
            string message = ExitMessage(invocation.RequestId, exitCode);
            Print(message);
            Print(ExitError);
            InvocationReport report = Report(invocation, durationMs, $"Status: error\tError Type: {ExitError}");
            return invocation.Answer is null
                ? new InvocationResult.Crashed(report, ExitError, message)
                : Answered(invocation, report);
        }
    }

    /// <summary>SIGTERM, a short grace, then SIGKILL; returns when the process has gone.</summary>
    public async ValueTask DisposeAsync()
    {
        Task stopped;
        lock (_gate)
        {
            stopped = _stopped ??= StopAsync();
        }

        await stopped;
    }

    private static InvocationResult Answered(Invocation invocation, InvocationReport report) =>
        invocation.Answer is { IsError: true } error
            ? new InvocationResult.FunctionError(report, error.Body)
            : new InvocationResult.Succeeded(report, invocation.Answer!.Body);

    /// <returns>Null when the process is ready for its first invocation.</returns>
    private async Task<InvocationResult.InitFailed?> InitialiseAsync(string requestId)
    {
        long begin;
        await _starting.WaitAsync();
        try
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            await _api.StartAsync();
            _process.StartInfo.Environment["AWS_LAMBDA_RUNTIME_API"] = _api.Address;
            begin = Stopwatch.GetTimestamp();
            Start();
        }
        finally
        {
            _starting.Release();
        }

        bool inTime = await CompletesAsync(s_initLimit, _api.Ready, _api.InitError, _exit!);
        double initMs = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        SampleMemory();
        if (_api.Ready.IsCompleted)
        {
            _unreportedInitMs = initMs;
            return null;
        }

        if (_api.InitError.IsCompleted)
        {
            // It is about to exit by itself, and may have more to print.
            await CompletesAsync(s_shutdownGrace, _exit!);
        }

        Kill();
        int exitCode = await _drained;
        (string errorType, string message) = _api.InitError.IsCompleted
            ? Describe(await _api.InitError)
            : inTime
                ? (ExitError, ExitMessage(requestId, exitCode))
                : ("Sandbox.Timedout", $"RequestId: {requestId} Error: Task timed out after 10.00 seconds");
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"INIT_REPORT Init Duration: {initMs:F2} ms\tPhase: init\tStatus: {(inTime ? "error" : "timeout")}\tError Type: {errorType}\t"));
        Print(message);
        return new(new(requestId, 0, (long)Math.Ceiling(initMs), initMs, _maxMemoryMegabytes), errorType, message);
    }

    private void Start()
    {
        try
        {
            _process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new LocalHostException(
                $"The function {_function.Name} does not start: {exception.Message}. Build the functions for this machine, then try again.");
        }

        _process.StandardInput.Close();
        _exit = _process.WaitForExitAsync();
        _drained = DrainAsync(_exit, Task.WhenAll(PumpAsync(_process.StandardOutput), PumpAsync(_process.StandardError)));
    }

    /// <returns>The exit code, once what the process wrote has been printed.</returns>
    private async Task<int> DrainAsync(Task exit, Task pumps)
    {
        await exit;
        // A child of its own that outlives the process holds the pipes open.
        await CompletesAsync(s_shutdownGrace, pumps);
        return _process.ExitCode;
    }

    private async Task PumpAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                Print(line);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe was closed under the reader: nobody is left to write to it.
        }
    }

    private async Task StopAsync()
    {
        await _starting.WaitAsync();
        _stopping = true;
        _starting.Release();
        if (_exit is not null)
        {
            if (IsAlive)
            {
                _ = SendSignal(_process.Id, 15);
                await CompletesAsync(s_shutdownGrace, _exit);
            }

            Kill();
            await _drained;
        }

        await _api.DisposeAsync();
        _process.Dispose();
    }

    private void Kill()
    {
        _killed = true;
        if (!_exit!.IsCompleted)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    /// <returns>False when none of them completed within the limit.</returns>
    private static async Task<bool> CompletesAsync(TimeSpan limit, params Task[] tasks)
    {
        using CancellationTokenSource timer = new();
        Task late = Task.Delay(limit, timer.Token);
        bool completed = await Task.WhenAny([.. tasks, late]) != late;
        await timer.CancelAsync();
        return completed;
    }

    private InvocationReport Report(Invocation invocation, double durationMs, string status)
    {
        double? initMs = _unreportedInitMs;
        _unreportedInitMs = null;
        // A custom runtime's init is billed: https://aws.amazon.com/lambda/pricing/
        InvocationReport report = new(
            invocation.RequestId,
            durationMs,
            (long)Math.Ceiling(durationMs + (initMs ?? 0)),
            initMs,
            _maxMemoryMegabytes);
        string init = initMs is null ? "" : string.Create(CultureInfo.InvariantCulture, $"Init Duration: {initMs:F2} ms\t");
        Print($"END RequestId: {invocation.RequestId}");
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"REPORT RequestId: {report.RequestId}\tDuration: {durationMs:F2} ms\tBilled Duration: {report.BilledMs} ms\tMemory Size: {_function.MemoryMegabytes} MB\tMax Memory Used: {report.MaxMemoryMegabytes} MB\t{init}{status}"));
        return report;
    }

    private void PrintStart(Invocation invocation) => Print($"START RequestId: {invocation.RequestId} Version: $LATEST");

    private void Print(string line)
    {
        lock (_output)
        {
            _output.WriteLine(line);
        }
    }

    private void SampleMemory()
    {
        try
        {
            string status = $"/proc/{_process.Id}/status";
            string? peak = File.Exists(status)
                ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                : null;
            long bytes = peak is null
                ? _process.PeakWorkingSet64
                : long.Parse(peak.AsSpan(6, peak.Length - 8), CultureInfo.InvariantCulture) * 1024;
            _maxMemoryMegabytes = int.Max(_maxMemoryMegabytes, (int)((bytes + 1024 * 1024 - 1) / (1024 * 1024)));
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            // It has exited, and the last sample stands.
        }
    }

    private static string ExitMessage(string requestId, int exitCode)
    {
        // .NET reports a signal as 128 and its number.
        string reason = exitCode switch
        {
            0 => "Runtime exited without providing a reason",
            134 => "Runtime exited with error: signal: aborted",
            137 => "Runtime exited with error: signal: killed",
            139 => "Runtime exited with error: signal: segmentation fault",
            _ => string.Create(CultureInfo.InvariantCulture, $"Runtime exited with error: exit status {exitCode}"),
        };
        return $"RequestId: {requestId} Error: {reason}";
    }

    private static (string ErrorType, string Message) Describe(ReadOnlySpan<byte> initError)
    {
        try
        {
            Utf8JsonReader reader = new(initError);
            using JsonDocument error = JsonDocument.ParseValue(ref reader);
            return (
                error.RootElement.GetProperty("errorType").GetString() ?? "Runtime.Unknown",
                error.RootElement.GetProperty("errorMessage").GetString() ?? "");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return ("Runtime.Unknown", Encoding.UTF8.GetString(initError));
        }
    }

    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    private void SetEnvironment(IDictionary<string, string?> variables, IReadOnlyDictionary<string, string> given)
    {
        variables.Clear();
        variables["PATH"] = "/usr/local/bin:/usr/bin:/bin:/opt/bin";
        variables["LANG"] = "en_US.UTF-8";
        variables["TZ"] = ":UTC";
        variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON";
        variables["AWS_LAMBDA_LOG_LEVEL"] = "INFO";
        foreach ((string name, string value) in given)
        {
            variables[name] = value;
        }

        foreach ((string name, string value) in _function.Environment)
        {
            variables[name] = InTaskRoot(value);
        }

        string stream = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy'/'MM'/'dd}/[$LATEST]{Guid.NewGuid():N}");
        variables["AWS_LAMBDA_FUNCTION_NAME"] = _function.Name;
        variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = _function.MemoryMegabytes.ToString(CultureInfo.InvariantCulture);
        variables["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
        variables["AWS_LAMBDA_LOG_GROUP_NAME"] = $"/aws/lambda/{_function.Name}";
        variables["AWS_LAMBDA_LOG_STREAM_NAME"] = stream;
        variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
        variables["LAMBDA_TASK_ROOT"] = _process.StartInfo.WorkingDirectory;
        variables["_HANDLER"] = "bootstrap";
    }

    /// <summary>A path in Lambda's task root, where the function's code is unpacked, is one in the function's folder here.</summary>
    private string InTaskRoot(string value) =>
        value.StartsWith(TaskRoot, StringComparison.Ordinal)
            ? Path.Combine(_process.StartInfo.WorkingDirectory, value[TaskRoot.Length..])
            : value;

    // Process.Kill can send nothing but SIGKILL.
    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);
}

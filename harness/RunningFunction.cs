using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Photos.Harness;

/// <summary>A function's process, from its start. <see cref="Dispose"/> kills it.</summary>
internal sealed class RunningFunction : IDisposable
{
    private const int KeptLines = 6;

    private readonly RuntimeApiEmulator _api = new();
    private readonly Process _process = new();
    private readonly Queue<string> _lastLines = new();
    private readonly string _name;
    private readonly TimeSpan _limit;
    private bool _hasPosted;

    /// <summary>Starts the process and waits until it requests its first event.</summary>
    /// <param name="function">The function's name, for error messages.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="folder">The process's working directory.</param>
    /// <param name="environment">All of its variables except <c>AWS_LAMBDA_RUNTIME_API</c>; see <see cref="LambdaEnvironment"/>.</param>
    /// <param name="limit">How long the init and each invocation may take.</param>
    /// <exception cref="FunctionFailedException">It did not start, ended, reported an error, or took too long.</exception>
    public RunningFunction(
        string function,
        IReadOnlyList<string> command,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        TimeSpan limit)
    {
        _name = function;
        _limit = limit;
        ProcessStartInfo start = _process.StartInfo;
        start.FileName = command[0];
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = folder;
        foreach (string argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["AWS_LAMBDA_RUNTIME_API"] = _api.Address;
        _process.OutputDataReceived += KeepLine;
        _process.ErrorDataReceived += KeepLine;
        try
        {
            long started = Stopwatch.GetTimestamp();
            StartProcess();
            ReceiveNext();
            Init = Stopwatch.GetElapsedTime(started);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The time from the start to the request for the first event.</summary>
    public TimeSpan Init { get; }

    public int ProcessId => _process.Id;

    /// <summary>The request id of the last invocation.</summary>
    public string RequestId => _api.RequestId;

    /// <summary>The last response.</summary>
    public byte[] Response { get; private set; } = [];

    /// <summary>
    /// Sends the process one event. When this method returns, the process has posted its response and waits for the Runtime
    /// API to accept it.
    /// </summary>
    /// <returns>The time from sending the event to receiving the response.</returns>
    /// <exception cref="FunctionFailedException">The process ended, reported an error, or took too long.</exception>
    public TimeSpan Invoke(byte[] proxyEvent)
    {
        if (_hasPosted)
        {
            _api.Accept();
            ReceiveNext();
        }

        long sent = Stopwatch.GetTimestamp();
        _api.SendEvent(proxyEvent, _limit);
        HttpRequest post = Receive();
        TimeSpan took = Stopwatch.GetElapsedTime(sent);
        if (!post.Target.EndsWith("/response", StringComparison.Ordinal))
        {
            throw Failure($"posted to {post.Target}: {post.Text}");
        }

        _hasPosted = true;
        Response = post.Body.ToArray();
        return took;
    }

    /// <summary>Checks that the last response is a success, so that an error is not measured by mistake.</summary>
    /// <exception cref="FunctionFailedException">The last response's status code is not 2xx, or it names failed records.</exception>
    public void CheckResponse()
    {
        using var response = JsonDocument.Parse(Response);
        bool isSuccess = response.RootElement.TryGetProperty("batchItemFailures", out JsonElement failures)
            ? failures.GetArrayLength() == 0
            : response.RootElement.GetProperty("statusCode").GetInt32() is >= 200 and <= 299;
        if (!isSuccess)
        {
            throw Failure($"responded with {Encoding.UTF8.GetString(Response)}");
        }
    }

    public void Dispose()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It was never started.
        }

        _process.Dispose();
        _api.Dispose();
    }

    private void StartProcess()
    {
        try
        {
            _process.Start();
        }
        catch (Win32Exception e)
        {
            throw new FunctionFailedException($"{_name} does not start: {e.Message}");
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void ReceiveNext()
    {
        HttpRequest request = Receive();
        if (request.Method != "GET" || !request.Target.EndsWith("/invocation/next", StringComparison.Ordinal))
        {
            throw Failure($"sent {request.Method} {request.Target} instead of a request for the next event: {request.Text}");
        }
    }

    private HttpRequest Receive()
    {
        long begin = Stopwatch.GetTimestamp();
        return _api.Receive(() =>
        {
            if (_process.HasExited)
            {
                // Without a limit this waits until the last lines are read, too.
                _process.WaitForExit();
                throw Failure($"ended with exit code {_process.ExitCode}");
            }

            if (Stopwatch.GetElapsedTime(begin) > _limit)
            {
                throw Failure($"sent no request within {_limit.TotalSeconds} s");
            }
        });
    }

    private FunctionFailedException Failure(string what)
    {
        lock (_lastLines)
        {
            string lines = _lastLines.Count == 0 ? "" : $" It wrote: {string.Join(" | ", _lastLines)}";
            return new FunctionFailedException($"{_name} ({string.Join(' ', _process.StartInfo.ArgumentList.Prepend(_process.StartInfo.FileName))}) {what}.{lines}");
        }
    }

    private void KeepLine(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is null)
        {
            return;
        }

        lock (_lastLines)
        {
            _lastLines.Enqueue(e.Data);
            if (_lastLines.Count > KeptLines)
            {
                _lastLines.Dequeue();
            }
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Photos.Bench.Lambda;

/// <summary>A function's process, from its start on. It is killed when disposed.</summary>
internal sealed class RunningFunction : IDisposable
{
    private const int KeptLines = 6;

    private readonly RuntimeApiEmulator _api = new();
    private readonly Process _process = new();
    private readonly Queue<string> _lastLines = new();
    private readonly string _name;
    private readonly byte[] _event;
    private readonly TimeSpan _limit;
    private readonly long _started;
    private bool _hasPosted;

    /// <summary>Starts it and waits until it asks for its first event.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="launch">How to start it.</param>
    /// <param name="environment">What Lambda and the function's configuration set.</param>
    /// <param name="limit">How long the init and each invocation may take.</param>
    /// <exception cref="BenchException">It cannot be started, or ended, reported an error or took too long.</exception>
    public RunningFunction(string function, Launch launch, IReadOnlyDictionary<string, string> environment, TimeSpan limit)
    {
        _name = function;
        _event = MeasuredFunctions.Event(function);
        _limit = limit;
        ProcessStartInfo start = _process.StartInfo;
        start.FileName = launch.Command[0];
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = Directory.Exists(launch.Artifact) ? launch.Artifact : Path.GetDirectoryName(launch.Artifact);
        foreach (string argument in launch.Command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach ((string name, string value) in environment.Concat(launch.Environment))
        {
            start.Environment[name] = value;
        }

        start.Environment["AWS_LAMBDA_RUNTIME_API"] = _api.Address;
        _process.OutputDataReceived += KeepLine;
        _process.ErrorDataReceived += KeepLine;
        try
        {
            _started = Stopwatch.GetTimestamp();
            StartProcess();
            ReceiveNext();
            Init = Stopwatch.GetElapsedTime(_started);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>From the start to the request for the first event.</summary>
    public TimeSpan Init { get; }

    /// <summary>For <see cref="ProcessFigures"/>.</summary>
    public int ProcessId => _process.Id;

    /// <summary>The last invocation's id.</summary>
    public string RequestId => _api.RequestId;

    /// <summary>The last response.</summary>
    public byte[] Response { get; private set; } = [];

    /// <summary>Hands it the event that is measured.</summary>
    /// <inheritdoc cref="Invoke(byte[])"/>
    public TimeSpan Invoke() => Invoke(_event);

    /// <summary>Hands it one event. On return the response has been posted and the process waits for word of it.</summary>
    /// <returns>From the event's sending to the response.</returns>
    /// <exception cref="BenchException">It ended, reported an error or took too long.</exception>
    public TimeSpan Invoke(byte[] proxyEvent)
    {
        if (_hasPosted)
        {
            _api.Accept();
            ReceiveNext();
        }

        long sent = Stopwatch.GetTimestamp();
        _api.SendEvent(proxyEvent, _limit);
        HttpRequest answer = Receive();
        TimeSpan took = Stopwatch.GetElapsedTime(sent);
        if (!answer.Target.EndsWith("/response", StringComparison.Ordinal))
        {
            throw Failure($"posted to {answer.Target}: {Encoding.UTF8.GetString(answer.Body)}");
        }

        _hasPosted = true;
        Response = answer.Body;
        return took;
    }

    /// <summary>Makes sure that what was measured is the answer, not a refusal.</summary>
    /// <exception cref="BenchException">The last response has no status code of success.</exception>
    public void CheckResponse()
    {
        using var response = JsonDocument.Parse(Response);
        if (response.RootElement.GetProperty("statusCode").GetInt32() is < 200 or > 299)
        {
            throw Failure($"answered {Encoding.UTF8.GetString(Response)}");
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
            // Never started.
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
            throw new BenchException($"{_name} does not start: {e.Message}");
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void ReceiveNext()
    {
        HttpRequest request = Receive();
        if (request.Method != "GET" || !request.Target.EndsWith("/invocation/next", StringComparison.Ordinal))
        {
            throw Failure($"sent {request.Method} {request.Target} instead of asking for an event: {Encoding.UTF8.GetString(request.Body)}");
        }
    }

    private HttpRequest Receive()
    {
        long begin = Stopwatch.GetTimestamp();
        return _api.Receive(() =>
        {
            if (_process.HasExited)
            {
                // Without a limit it waits for the last lines too.
                _process.WaitForExit();
                throw Failure($"ended with exit code {_process.ExitCode}");
            }

            if (Stopwatch.GetElapsedTime(begin) > _limit)
            {
                throw Failure($"did not answer within {_limit.TotalSeconds} s");
            }
        });
    }

    private BenchException Failure(string what)
    {
        lock (_lastLines)
        {
            string said = _lastLines.Count == 0 ? "" : $" It wrote: {string.Join(" | ", _lastLines)}";
            return new BenchException($"{_name} ({string.Join(' ', _process.StartInfo.ArgumentList.Prepend(_process.StartInfo.FileName))}) {what}.{said}");
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

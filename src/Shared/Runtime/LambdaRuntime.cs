using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Photos.Runtime;

/// <summary>The custom runtime: initializes the function, then handles one invocation after another.</summary>
public sealed class LambdaRuntime
{
    /// <summary>How long before the deadline a handler's token fires, so that the caller still gets a response.</summary>
    public static readonly TimeSpan DeadlineMargin = TimeSpan.FromMilliseconds(500);

    /// <summary>The largest response that Lambda accepts, in bytes.</summary>
    public const int MaxResponseBytes = 6_291_556;

    // Not by Console, which brings terminals and encodings into the binary.
    private const int StandardOutput = 1;

    private const string TraceIdVariable = "_X_AMZN_TRACE_ID";

    private readonly RuntimeApiClient _client;
    private readonly FunctionLog _log;
    private readonly InvocationHandler _handler;
    private readonly FunctionEnvironment _environment;
    private readonly ResponseBuffer _response = new();
    private bool _traced = true;
    private volatile bool _waiting;
    private volatile bool _stopping;

    private LambdaRuntime(RuntimeApiClient client, FunctionLog log, InvocationHandler handler, FunctionEnvironment environment)
    {
        _environment = environment;
        _client = client;
        _log = log;
        _handler = handler;
    }

    /// <summary>Runs until Lambda ends the process.</summary>
    /// <param name="readVariable">Reads one environment variable.</param>
    /// <param name="initialize">Creates the handler. An exception is reported as an init error.</param>
    /// <returns>The process's exit code: 0 after SIGTERM, 1 when the runtime cannot continue or the credentials have expired.</returns>
    public static int Run(
        Func<string, string?> readVariable, Func<FunctionEnvironment, FunctionLog, InvocationHandler> initialize) =>
        Run(readVariable, initialize, new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0));

    /// <inheritdoc cref="Run(Func{string, string?}, Func{FunctionEnvironment, FunctionLog, InvocationHandler})"/>
    internal static int Run(
        Func<string, string?> readVariable,
        Func<FunctionEnvironment, FunctionLog, InvocationHandler> initialize,
        Stream output)
    {
        var environment = new FunctionEnvironment(readVariable);
        FunctionLog log = FunctionLog.CreateDefault(output);
        RuntimeApiClient? client = null;
        LambdaRuntime runtime;
        try
        {
            client = RuntimeApiClient.Create(environment);
            log = FunctionLog.Create(environment, output);
            runtime = new LambdaRuntime(client, log, initialize(environment, log), environment);
        }
        catch (Exception e)
        {
            log.Write(LogLevel.Fatal, "The function failed to start.", e);
            ReportInitError(client, log, e);
            client?.Dispose();
            return 1;
        }

        using (client)
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, runtime.Stop))
        {
            return runtime.Loop();
        }
    }

    private static void ReportInitError(RuntimeApiClient? client, FunctionLog log, Exception error)
    {
        try
        {
            client?.PostInitError(FunctionError.From(error));
        }
        catch (RuntimeApiException e)
        {
            log.Write(LogLevel.Fatal, "The init error could not be reported.", e);
        }
    }

    private int Loop()
    {
        try
        {
            while (Next() is Invocation invocation)
            {
                Handle(invocation);
                if (_environment.Signing is { HasExpired: true })
                {
                    _log.Write(LogLevel.Warn, "The credentials have expired. The process ends, so that Lambda starts another one with fresh credentials.");
                    return 1;
                }
            }

            return 0;
        }
        catch (RuntimeApiException) when (_stopping)
        {
            return 0;
        }
        catch (RuntimeApiException e)
        {
            _log.Write(LogLevel.Fatal, "The runtime cannot continue.", e);
            return 1;
        }
    }

    private Invocation? Next()
    {
        _waiting = true;
        try
        {
            // Checked after _waiting is set: a signal that arrived earlier has not aborted anything.
            return _stopping ? null : _client.Next();
        }
        finally
        {
            _waiting = false;
        }
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stopping = true;
        if (_waiting)
        {
            _client.Abort();
        }
    }

    private void Handle(Invocation invocation)
    {
        _log.RequestId = invocation.RequestId;
        SetTraceId(invocation.TraceId);
        FunctionError? error = Invoke(invocation);
        if (error is null && _response.Count > MaxResponseBytes)
        {
            error = ResponseTooLarge(_response.Count);
        }

        if (error is null)
        {
            int status = _client.PostResponse(invocation, _response.Written.Span);
            Check(status, "response");
            if (status == 413)
            {
                error = ResponseTooLarge(_response.Count);
            }
        }

        if (error is not null)
        {
            Check(_client.PostError(invocation, error), "error");
        }

        _response.Clear();
        _log.RequestId = null;
    }

    private FunctionError? Invoke(Invocation invocation)
    {
        using DeadlineSource? deadline = invocation.Deadline is DateTimeOffset end
            ? new DeadlineSource(end - DateTimeOffset.UtcNow - DeadlineMargin)
            : null;
        try
        {
            _handler(invocation, _response, deadline?.Token ?? CancellationToken.None);
            return null;
        }
        catch (Exception e)
        {
            _log.Write(LogLevel.Error, "The handler failed.", e);
            return FunctionError.From(e);
        }
    }

    private void SetTraceId(string? traceId)
    {
        if (traceId is not null || _traced)
        {
            Environment.SetEnvironmentVariable(TraceIdVariable, traceId);
            _traced = traceId is not null;
        }
    }

    private void Check(int status, string what)
    {
        switch (status)
        {
            case >= 200 and < 300:
                return;
            case >= 500:
                throw new RuntimeApiException($"The Runtime API responded {status} to the {what}.");
            default:
                _log.Write(LogLevel.Error, $"The Runtime API responded {status} to the {what}; the invocation is lost.");
                return;
        }
    }

    private static FunctionError ResponseTooLarge(int bytes) => new(
        "ResponseSizeTooLarge",
        $"The response has {bytes} bytes, over the {MaxResponseBytes} that Lambda takes.");
}

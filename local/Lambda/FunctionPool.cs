using Photos.Local.Template;

namespace Photos.Local.Lambda;

/// <summary>The processes of one function: as many as there are concurrent invocations, kept warm in between.</summary>
internal sealed class FunctionPool : IAsyncDisposable
{
    // Lambda allows 1,000. More processes than cores make this machine no faster, and each takes memory.
    private const int MaxProcesses = 10;

    private readonly FunctionDefinition _function;
    private readonly string _directory;
    private readonly IReadOnlyDictionary<string, string> _sharedVariables;
    private readonly TextWriter _output;
    private readonly SemaphoreSlim _slots = new(MaxProcesses);
    private readonly Lock _gate = new();
    private readonly HashSet<FunctionProcess> _processes = [];
    private readonly Stack<FunctionProcess> _idle = new();
    private readonly HashSet<FunctionProcess> _retired = [];
    private bool _disposed;

    /// <param name="function">The function.</param>
    /// <param name="directory">The folder that contains its executable, <c>bootstrap</c>.</param>
    /// <param name="sharedVariables">
    /// Environment variables that every function gets in addition to its own: Region, credentials, endpoints.
    /// </param>
    /// <param name="output">Receives the log, in whole lines; locked while a line is written.</param>
    public FunctionPool(
        FunctionDefinition function, string directory, IReadOnlyDictionary<string, string> sharedVariables, TextWriter output)
    {
        _function = function;
        _directory = Path.GetFullPath(directory);
        _sharedVariables = sharedVariables;
        _output = output;
    }

    /// <summary>Invokes the function in an idle process or a new one; waits while all are busy.</summary>
    /// <param name="payload">The event, a JSON document.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for a process. An invocation that has begun runs to its end, as in Lambda, even if the caller has left.
    /// </param>
    /// <exception cref="LocalHostException"><c>bootstrap</c> is missing or cannot run on this machine.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed.</exception>
    public async Task<InvocationResult> InvokeAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var invocation = new Invocation(payload);
        await _slots.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                FunctionProcess process = TakeIdle() ?? Add();
                try
                {
                    if (await process.InvokeAsync(invocation) is { } result)
                    {
                        return result;
                    }
                }
                finally
                {
                    await ReturnAsync(process);
                }
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Ends all processes, busy ones after their invocation, so that the next invocation is a cold start.</summary>
    public async Task RetireAsync()
    {
        FunctionProcess[] idle;
        lock (_gate)
        {
            idle = [.. _idle];
            _idle.Clear();
            _retired.UnionWith(_processes.Except(idle));
        }

        await Task.WhenAll(idle.Select(process => process.DisposeAsync().AsTask()));
        lock (_gate)
        {
            _processes.ExceptWith(idle);
        }
    }

    /// <summary>Ends every process. Running invocations end as crashed.</summary>
    public async ValueTask DisposeAsync()
    {
        FunctionProcess[] processes;
        lock (_gate)
        {
            _disposed = true;
            processes = [.. _processes];
        }

        await Task.WhenAll(processes.Select(process => process.DisposeAsync().AsTask()));
    }

    // Last in, first out: when traffic drops, the same few processes stay warm.
    private FunctionProcess? TakeIdle()
    {
        lock (_gate)
        {
            return _idle.TryPop(out FunctionProcess? process) ? process : null;
        }
    }

    private FunctionProcess Add()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var process = new FunctionProcess(_function, _directory, _sharedVariables, _output);
            _processes.Add(process);
            return process;
        }
    }

    private async Task ReturnAsync(FunctionProcess process)
    {
        lock (_gate)
        {
            if (!_retired.Remove(process) && process.IsAlive)
            {
                _idle.Push(process);
                return;
            }
        }

        await process.DisposeAsync();
        lock (_gate)
        {
            _processes.Remove(process);
        }
    }
}

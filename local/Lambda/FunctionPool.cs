using Photos.Local.Template;

namespace Photos.Local.Lambda;

/// <summary>The processes of one function: as many as there are invocations at once, kept warm in between.</summary>
internal sealed class FunctionPool : IAsyncDisposable
{
    // Lambda allows 1,000. A laptop is no faster with more processes than cores, and each takes its memory.
    private const int MaxProcesses = 10;

    private readonly FunctionDefinition _function;
    private readonly string _directory;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly TextWriter _output;
    private readonly SemaphoreSlim _slots = new(MaxProcesses);
    private readonly Lock _gate = new();
    private readonly HashSet<FunctionProcess> _processes = [];
    private readonly Stack<FunctionProcess> _idle = new();
    private readonly HashSet<FunctionProcess> _retired = [];
    private bool _disposed;

    /// <param name="function">The function.</param>
    /// <param name="directory">The folder that holds its executable, <c>bootstrap</c>.</param>
    /// <param name="environment">What every function gets beside its own variables: region, credentials, endpoints.</param>
    /// <param name="output">Where the log goes, in whole lines; locked while a line is written.</param>
    internal FunctionPool(
        FunctionDefinition function,
        string directory,
        IReadOnlyDictionary<string, string> environment,
        TextWriter output)
    {
        _function = function;
        _directory = Path.GetFullPath(directory);
        _environment = environment;
        _output = output;
    }

    /// <summary>Invokes the function, in an idle process or a new one; waits when all are busy.</summary>
    /// <param name="payload">The event, a JSON document.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for a process. An invocation that has begun runs to its end, as in Lambda, whoever has gone.
    /// </param>
    /// <exception cref="LocalHostException">There is no executable <c>bootstrap</c>.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed.</exception>
    internal async Task<InvocationResult> InvokeAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        Invocation invocation = new(payload);
        await _slots.WaitAsync(cancellationToken);
        try
        {
            for (; ; )
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

    /// <summary>Ends the processes there are, those under way after their invocation: the next one is a cold start.</summary>
    internal async Task RetireAsync()
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

    /// <summary>Ends every process. Invocations under way end as crashed.</summary>
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

    // The last in is the first out, so that a quiet spell after a busy one leaves the same few warm.
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
            FunctionProcess process = new(_function, _directory, _environment, _output);
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

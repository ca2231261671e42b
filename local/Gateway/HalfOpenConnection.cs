using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Photos.Local.Gateway;

/// <summary>
/// Lets a client close its half of a connection before it has the response, as <c>nc -N</c> does. Kestrel takes that for a disconnect, and
/// for the end of a body that it has not read yet, although all of it has arrived.
/// </summary>
internal static class HalfOpenConnection
{
    /// <summary>Longer than the gateway waits for a function.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    public static async Task KeepAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var closed = new CancellationTokenSource();
        await using CancellationTokenRegistration registration = connection.ConnectionClosed.Register(() => closed.CancelAfter(s_limit));
        connection.ConnectionClosed = closed.Token;
        IDuplexPipe transport = connection.Transport;
        connection.Transport = new Pipes(new Reader(transport.Input, closed), transport.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Shows the end of the input only to a reader that has consumed everything before it, or that needs more than there is.</summary>
    private sealed class Reader(PipeReader inner, CancellationTokenSource closed) : PipeReader
    {
        private long _shown;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                return Show(await inner.ReadAsync(cancellationToken));
            }
            catch (IOException)
            {
                // The client has closed both halves.
                await closed.CancelAsync();
                throw;
            }
        }

        public override bool TryRead(out ReadResult result)
        {
            bool hasRead = inner.TryRead(out result);
            result = Show(result);
            return hasRead;
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private ReadResult Show(ReadResult result)
        {
            bool isAgain = result.Buffer.Length == _shown;
            _shown = result.Buffer.Length;
            return result.IsCompleted && !isAgain && _shown > 0 ? new ReadResult(result.Buffer, result.IsCanceled, isCompleted: false) : result;
        }
    }
}

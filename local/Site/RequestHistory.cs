using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Photos.Local.Gateway;

namespace Photos.Local.Site;

/// <summary>A request as the page shows it.</summary>
/// <param name="Cold">Whether a process was started for it; null when no function ran.</param>
/// <param name="FunctionMs">The REPORT line's Duration.</param>
/// <param name="InitMs">The REPORT line's Init Duration; null when warm.</param>
/// <param name="MemoryMb">The REPORT line's Max Memory Used.</param>
internal sealed record ShownRequest(
    string Method, string Path, int Status, double DurationMs, bool? Cold, double? FunctionMs, double? InitMs, int? MemoryMb)
{
    public static ShownRequest Of(AnsweredRequest request) => new(
        request.Method,
        request.Path,
        request.Status,
        request.DurationMs,
        request.Report?.IsCold,
        request.Report?.DurationMs,
        request.Report?.InitMs,
        request.Report?.MaxMemoryMegabytes);
}

/// <summary>The last requests, and those to come, for whoever watches.</summary>
internal sealed class RequestHistory
{
    private const int Kept = 50;

    private readonly Lock _gate = new();
    private readonly Queue<SseItem<ShownRequest>> _last = new();
    private readonly HashSet<Channel<SseItem<ShownRequest>>> _watchers = [];
    private long _count;

    public void Add(AnsweredRequest request)
    {
        lock (_gate)
        {
            var item = new SseItem<ShownRequest>(ShownRequest.Of(request)) { EventId = $"{++_count}" };
            _last.Enqueue(item);
            if (_last.Count > Kept)
            {
                _last.Dequeue();
            }

            foreach (Channel<SseItem<ShownRequest>> watcher in _watchers)
            {
                watcher.Writer.TryWrite(item);
            }
        }
    }

    /// <summary>The kept requests, oldest first, then each as it is answered, until cancelled.</summary>
    /// <param name="after">The last event that the watcher has seen; 0 for none, and more than there were when it saw
    /// those of an earlier host.</param>
    public async IAsyncEnumerable<SseItem<ShownRequest>> WatchAsync(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A watcher that does not read loses the oldest; it costs no memory and holds nobody up.
        var watcher = Channel.CreateBounded<SseItem<ShownRequest>>(
            new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            foreach (SseItem<ShownRequest> item in _last.TakeLast((int)long.Min(after > _count ? Kept : _count - after, Kept)))
            {
                watcher.Writer.TryWrite(item);
            }

            _watchers.Add(watcher);
        }

        try
        {
            await foreach (SseItem<ShownRequest> item in watcher.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(watcher);
            }
        }
    }
}

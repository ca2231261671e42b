using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Photos.Local.Gateway;

namespace Photos.Local.Site;

/// <summary>A request, as the page shows it.</summary>
/// <param name="DurationMs">From the request's arrival until its response was sent, in ms.</param>
/// <param name="Cold">Whether a process was started for it; null when no function ran.</param>
/// <param name="FunctionMs">The REPORT line's Duration, in ms.</param>
/// <param name="InitMs">The REPORT line's Init Duration, in ms; null when warm.</param>
/// <param name="MemoryMb">The REPORT line's Max Memory Used, in MB.</param>
internal sealed record ShownRequest(
    string Method, string Path, int Status, double DurationMs, bool? Cold, double? FunctionMs, double? InitMs, int? MemoryMb)
{
    public static ShownRequest From(CompletedRequest request) => new(
        request.Method,
        request.Path,
        request.Status,
        request.DurationMs,
        request.Report?.IsCold,
        request.Report?.DurationMs,
        request.Report?.InitMs,
        request.Report?.MaxMemoryMegabytes);
}

/// <summary>Keeps the last requests, and passes new ones to the pages that watch.</summary>
internal sealed class RequestHistory
{
    private const int Kept = 50;

    private readonly Lock _gate = new();
    private readonly Queue<SseItem<ShownRequest>> _last = new();
    private readonly HashSet<Channel<SseItem<ShownRequest>>> _watchers = [];
    private long _count;

    public void Add(CompletedRequest request)
    {
        lock (_gate)
        {
            var item = new SseItem<ShownRequest>(ShownRequest.From(request)) { EventId = $"{++_count}" };
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

    /// <summary>Returns the kept requests, oldest first, then each new one, until canceled.</summary>
    /// <param name="after">
    /// The id of the last event that the watcher has seen; 0 for none. An id that is too large is from an earlier host.
    /// </param>
    public async IAsyncEnumerable<SseItem<ShownRequest>> WatchAsync(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A watcher that does not read loses its oldest events, so that it neither uses memory nor delays requests.
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

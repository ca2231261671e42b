namespace Photos.Runtime;

/// <summary>
/// Its token fires after some time. <see cref="CancellationTokenSource"/> can do that by itself, with a timer whose
/// callbacks bring up the thread pool; one thread for all deadlines does with less, and no invocation wakes it.
/// </summary>
internal sealed class DeadlineSource : CancellationTokenSource
{
    private static readonly object s_gate = new();
    private static readonly List<DeadlineSource> s_watched = [];
    private static Thread? s_watcher;
    private static long s_wakesAt;

    private readonly long _due;

    /// <param name="left">How long until the token fires; at once when nothing is left.</param>
    public DeadlineSource(TimeSpan left)
    {
        _due = Environment.TickCount64 + (long)left.TotalMilliseconds;
        if (left <= TimeSpan.Zero)
        {
            Cancel();
            return;
        }

        lock (s_gate)
        {
            s_watched.Add(this);
            if (s_watcher is null)
            {
                s_watcher = new Thread(Watch) { IsBackground = true, Name = "Deadlines" };
                s_watcher.Start();
            }
            else if (_due < s_wakesAt)
            {
                Monitor.Pulse(s_gate);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (s_gate)
        {
            s_watched.Remove(this);
        }

        base.Dispose(disposing);
    }

    private static void Watch()
    {
        lock (s_gate)
        {
            while (true)
            {
                long now = Environment.TickCount64;
                s_wakesAt = long.MaxValue;
                for (int i = s_watched.Count - 1; i >= 0; i--)
                {
                    DeadlineSource source = s_watched[i];
                    if (source._due <= now)
                    {
                        // Inside the lock, so that nobody disposes it meanwhile.
                        s_watched.RemoveAt(i);
                        source.Cancel();
                    }
                    else
                    {
                        s_wakesAt = Math.Min(s_wakesAt, source._due);
                    }
                }

                Monitor.Wait(s_gate, (int)Math.Min(s_wakesAt - now, int.MaxValue));
            }
        }
    }
}

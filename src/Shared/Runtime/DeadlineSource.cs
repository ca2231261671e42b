namespace Photos.Runtime;

/// <summary>
/// A token source whose token fires at a deadline. <see cref="CancellationTokenSource"/> does this with a timer, whose callbacks
/// start the thread pool; one thread that watches all deadlines costs less, and an invocation seldom wakes it.
/// </summary>
internal sealed class DeadlineSource : CancellationTokenSource
{
    private static readonly object s_gate = new();
    private static readonly List<DeadlineSource> s_watched = [];
    private static Thread? s_watcher;
    private static long s_wakesAt;

    private readonly long _due;

    /// <param name="left">The time until the token fires; zero or less fires it at once.</param>
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
                        // Inside the lock, so that it cannot be disposed meanwhile.
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

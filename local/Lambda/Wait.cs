namespace Photos.Local.Lambda;

/// <summary>Waiting with a limit.</summary>
internal static class Wait
{
    /// <summary>Waits until any of the tasks completes, in whatever way, or the limit has passed.</summary>
    /// <returns>False when none of them completed within the limit.</returns>
    public static async Task<bool> ForAnyAsync(TimeSpan limit, params Task[] tasks)
    {
        using var timer = new CancellationTokenSource();
        Task timeout = Task.Delay(limit, timer.Token);
        bool completed = await Task.WhenAny([.. tasks, timeout]) != timeout;
        await timer.CancelAsync();
        return completed;
    }
}

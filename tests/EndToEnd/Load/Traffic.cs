using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>What a client sends; an upload and a download go to the bucket, the others to the API.</summary>
internal enum Call
{
    List,
    Get,
    Grant,
    Upload,
    Write,
    Delete,
    Download,
}

/// <summary>Sends at most so many calls at once, and keeps how long each took.</summary>
internal sealed class Traffic(int atOnce) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(atOnce);
    private readonly ConcurrentQueue<double>[] _milliseconds = [.. Enum.GetValues<Call>().Select(_ => new ConcurrentQueue<double>())];

    public int Total => _milliseconds.Sum(times => times.Count);

    public int Count(Call call) => _milliseconds[(int)call].Count;

    public async Task<HttpAnswer> SendAsync(Call call, Func<Task<HttpAnswer>> send)
    {
        await _slots.WaitAsync();
        try
        {
            long begin = Stopwatch.GetTimestamp();
            HttpAnswer answer = await send();
            _milliseconds[(int)call].Enqueue(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            LongRun.Progress($"{Total:N0} requests");
            return answer;
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>A line for each kind of call and one for all.</summary>
    public string Figures()
    {
        var lines = new StringBuilder("call        number  p50 ms  p99 ms  p99.9 ms\n");
        foreach (Call call in Enum.GetValues<Call>())
        {
            Append(lines, call.ToString(), _milliseconds[(int)call]);
        }

        Append(lines, "all", _milliseconds.SelectMany(times => times));
        return lines.ToString();
    }

    public void Dispose() => _slots.Dispose();

    private static void Append(StringBuilder lines, string name, IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        lines.Append(
            CultureInfo.InvariantCulture,
            $"{name,-10}{sorted.Length,8}{At(500),8:F1}{At(990),8:F1}{At(999),10:F1}\n");

        // By nearest rank.
        double At(int perMille) => sorted.Length == 0 ? 0 : sorted[((sorted.Length * perMille) + 999) / 1000 - 1];
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>A kind of request that users send.</summary>
/// <param name="Name">The name, for messages and figures.</param>
/// <param name="Route">The route, as <c>METHOD /resource</c>; <see langword="null"/> for a presigned URL, which goes to the bucket.</param>
internal sealed record Call(string Name, string? Route)
{
    public static readonly Call List = new("list", "GET /photos");
    public static readonly Call Get = new("get", "GET /photos/{id}");
    public static readonly Call Grant = new("grant", "POST /photos/uploads");
    public static readonly Call Upload = new("upload", Route: null);
    public static readonly Call Write = new("write", "POST /photos");
    public static readonly Call Rename = new("rename", "PATCH /photos/{id}");
    public static readonly Call Delete = new("delete", "DELETE /photos/{id}");
    public static readonly Call DeleteByQuery = new("delete by query", "DELETE /photos");
    public static readonly Call DeleteMany = new("delete many", "POST /photos/deletions");
    public static readonly Call DeleteAll = new("delete all", "DELETE /album");
    public static readonly Call Download = new("download", Route: null);

    /// <summary>All kinds. <c>CoverageTests.EveryRouteIsInTheLoadTest</c> fails for a route that is not here.</summary>
    public static IReadOnlyList<Call> All { get; } = [List, Get, Grant, Upload, Write, Rename, Delete, DeleteByQuery, DeleteMany, DeleteAll, Download];

    public override string ToString() => Name;
}

/// <summary>Sends a limited number of requests at a time, and records how long each took.</summary>
/// <param name="atOnce">The limit.</param>
internal sealed class Traffic(int atOnce) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(atOnce);
    private readonly Dictionary<Call, ConcurrentQueue<double>> _milliseconds = Call.All.ToDictionary(call => call, _ => new ConcurrentQueue<double>());

    public int Total => _milliseconds.Values.Sum(times => times.Count);

    public int Count(Call call) => _milliseconds[call].Count;

    public async Task<ApiResponse> SendAsync(Call call, Func<Task<ApiResponse>> send)
    {
        await _slots.WaitAsync();
        try
        {
            long begin = Stopwatch.GetTimestamp();
            ApiResponse response = await send();
            _milliseconds[call].Enqueue(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            LongRun.Progress($"{Total:N0} requests");
            return response;
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>The figures: a line for each kind of call, and one for all.</summary>
    public string Figures()
    {
        var lines = new StringBuilder("call             number  p50 ms  p99 ms  p99.9 ms\n");
        foreach (Call call in Call.All)
        {
            Append(lines, call.Name, _milliseconds[call]);
        }

        Append(lines, "all", _milliseconds.Values.SelectMany(times => times));
        return lines.ToString();
    }

    public void Dispose() => _slots.Dispose();

    private static void Append(StringBuilder lines, string name, IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        lines.Append(
            CultureInfo.InvariantCulture,
            $"{name,-15}{sorted.Length,8}{At(500),8:F1}{At(990),8:F1}{At(999),10:F1}\n");

        // The nearest-rank percentile.
        double At(int perMille) => sorted.Length == 0 ? 0 : sorted[((sorted.Length * perMille) + 999) / 1000 - 1];
    }
}

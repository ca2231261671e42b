using System.Diagnostics;
using Photos.Local.Template;

namespace Photos.Local.Lambda;

/// <summary>Reads a DynamoDB stream for an event source mapping, and sends the records that match its filters in batches.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html</remarks>
internal sealed class EventSourcePoller : IAsyncDisposable
{
    private const int MaxPageRecords = 1000;

    // The largest event that Lambda sends.
    private const int MaxBatchBytes = 6 * 1024 * 1024;

    private static readonly TimeSpan s_shardRefresh = TimeSpan.FromSeconds(10);

    private readonly EventSourceDefinition _source;
    private readonly FilterPattern[] _filters;
    private readonly StreamsClient _streams;
    private readonly string _streamArn;
    private readonly StreamPosition _position;
    private readonly BatchSender _sender;
    private readonly EventSourceDelays _delays;
    private readonly Action<string> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, Task> _readers = new(StringComparer.Ordinal);
    private Task _run = Task.CompletedTask;

    /// <param name="source">The mapping.</param>
    /// <param name="filters">Its filter patterns.</param>
    /// <param name="streams">The client of the stream's engine.</param>
    /// <param name="streamArn">The stream.</param>
    /// <param name="position">How far the stream has been read.</param>
    /// <param name="sender">Invokes the function.</param>
    /// <param name="delays">The wait between two reads.</param>
    /// <param name="log">Receives a line when the stream cannot be read.</param>
    public EventSourcePoller(
        EventSourceDefinition source,
        FilterPattern[] filters,
        StreamsClient streams,
        string streamArn,
        StreamPosition position,
        BatchSender sender,
        EventSourceDelays delays,
        Action<string> log)
    {
        (_source, _filters, _streams, _streamArn, _position, _sender, _delays, _log) =
            (source, filters, streams, streamArn, position, sender, delays, log);
    }

    /// <summary>Begins to read, after the last record that was handled.</summary>
    public void Start() => _run = RunAsync(_stop.Token);

    /// <summary>Begins to stop. An invocation that is running is not waited for.</summary>
    public Task StopAsync() => _stop.CancelAsync();

    /// <summary>Stops reading. Returns when the running invocation has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _run;
        _streams.Dispose();
        _stop.Dispose();
    }

    /// <summary>Reads each shard as soon as its parent has been read to its end.</summary>
    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan wait = s_shardRefresh;
            try
            {
                List<StreamShard> shards = await _streams.ShardsAsync(_streamArn, cancellationToken);
                foreach (StreamShard shard in shards.Where(shard => IsReadable(shard, shards)))
                {
                    _readers.Add(shard.Id, ReadToEndAsync(shard.Id, cancellationToken));
                }
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                _log($"{_source.Name} cannot read the stream, and tries again: {e.Message}");
                wait = _delays.FirstRetry;
            }

            // A shard that has ended may have children.
            await Task.WhenAny([Task.Delay(wait, cancellationToken), .. _readers.Values.Where(reader => !reader.IsCompleted)]);
        }

        await Task.WhenAll(_readers.Values);
    }

    private bool IsReadable(StreamShard shard, List<StreamShard> shards) =>
        !_readers.ContainsKey(shard.Id)
        && !_position.IsFinished(shard.Id)
        && (shard.Parent is not { } parent || !shards.Exists(other => other.Id == parent) || _position.IsFinished(parent));

    private async Task ReadToEndAsync(string shard, CancellationToken cancellationToken)
    {
        bool isReset = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(shard, isReset ? null : _position.LastOf(shard), cancellationToken);
                _position.Finish(shard);
                return;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The engine has trimmed the records at the position: continue with the oldest.
                isReset = e is StreamsException { IsTrimmed: true };
                _log($"{_source.Name} cannot read the stream, and tries again: {e.Message}");
                await DelayAsync(_delays.FirstRetry, cancellationToken);
            }
        }
    }

    /// <summary>Reads a shard from a position until it ends.</summary>
    private async Task ReadAsync(string shard, string? after, CancellationToken cancellationToken)
    {
        string? iterator = await _streams.IteratorAsync(_streamArn, shard, after, cancellationToken);
        var gathered = new List<StreamRecord>();
        long gatheredSince = 0;
        while (iterator is not null)
        {
            (List<StreamRecord> page, iterator) = await _streams.RecordsAsync(iterator, _streamArn, MaxPageRecords, cancellationToken);
            foreach (StreamRecord record in page)
            {
                if (_filters.Length == 0 || _filters.Any(filter => filter.Matches(record.Json)))
                {
                    gatheredSince = gathered.Count == 0 ? Stopwatch.GetTimestamp() : gatheredSince;
                    gathered.Add(record);
                }
            }

            bool isDue = iterator is null || Stopwatch.GetElapsedTime(gatheredSince) >= _source.BatchingWindow;
            int most = _source.BatchSize * _source.Parallelization;
            while (gathered.Count >= most || (gathered.Count > 0 && isDue))
            {
                List<StreamRecord> round = gathered.GetRange(0, Math.Min(gathered.Count, most));
                await Task.WhenAll(Lanes(round).Select(lane => SendAsync(shard, lane, cancellationToken)));
                _position.Advance(shard, round[^1].SequenceNumber);
                gathered.RemoveRange(0, round.Count);
            }

            if (page.Count == 0)
            {
                await Task.Delay(_delays.Poll, cancellationToken);
            }
            else if (gathered.Count == 0)
            {
                // Also past the records that no filter matches.
                _position.Advance(shard, page[^1].SequenceNumber);
            }
        }
    }

    /// <summary>Records that may be sent at the same time. Those of one item stay together and in order.</summary>
    private IEnumerable<List<StreamRecord>> Lanes(List<StreamRecord> records) =>
        from record in records
        group record by (uint)(record.Json["dynamodb"]?["Keys"]?.ToJsonString() ?? "").GetHashCode(StringComparison.Ordinal) % _source.Parallelization into lane
        select lane.ToList();

    private async Task SendAsync(string shard, List<StreamRecord> records, CancellationToken cancellationToken)
    {
        while (records.Count > 0)
        {
            int size = BatchSize(records);
            await _sender.SendAsync(shard, records.GetRange(0, size), cancellationToken);
            records.RemoveRange(0, size);
        }
    }

    private int BatchSize(List<StreamRecord> gathered)
    {
        int size = 0;
        for (int bytes = 0; size < Math.Min(gathered.Count, _source.BatchSize); size++)
        {
            bytes += gathered[size].Bytes + 1;
            if (bytes > MaxBatchBytes && size > 0)
            {
                break;
            }
        }

        return size;
    }

    private static async Task DelayAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(wait, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The caller checks the token.
        }
    }
}

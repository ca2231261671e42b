using System.Text.Json;
using Photos.Local.Template;

namespace Photos.Local.Lambda;

/// <summary>How long an event source mapping waits.</summary>
/// <param name="Poll">Before it reads again from a shard without new records.</param>
/// <param name="FirstRetry">Before the first retry. Each further wait is twice as long.</param>
/// <param name="MaxRetry">The longest wait before a retry.</param>
internal sealed record EventSourceDelays(TimeSpan Poll, TimeSpan FirstRetry, TimeSpan MaxRetry)
{
    /// <summary>Lambda polls a shard four times per second.</summary>
    public static EventSourceDelays Default { get; } = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>The wait before a retry.</summary>
    /// <param name="failures">The failures so far, at least 1.</param>
    public TimeSpan BeforeRetry(int failures)
    {
        double wait = FirstRetry.TotalMilliseconds * Math.Pow(2, failures - 1);
        return TimeSpan.FromMilliseconds(Math.Min(wait, MaxRetry.TotalMilliseconds));
    }
}

/// <summary>
/// Invokes the function of an event source mapping with a batch until each record is handled: retries failed records, splits failing
/// batches, and discards what the mapping no longer retries.
/// </summary>
/// <param name="source">The mapping.</param>
/// <param name="invoke">Invokes the function with an event.</param>
/// <param name="destination">Receives discarded records; null to drop them.</param>
/// <param name="handled">Called with the shard and the sequence number of each record, or the last of several, that is handled or discarded.</param>
/// <param name="delays">The waits between retries.</param>
/// <param name="invoked">Called after each invocation with the number of its records and the result.</param>
/// <param name="log">Receives a line for each failure.</param>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html</remarks>
internal sealed class BatchSender(
    EventSourceDefinition source,
    Func<ReadOnlyMemory<byte>, CancellationToken, Task<InvocationResult>> invoke,
    FailureDestination? destination,
    Action<string, string> handled,
    EventSourceDelays delays,
    Action<int, InvocationResult> invoked,
    Action<string> log)
{
    /// <summary>Returns when every record is handled or discarded.</summary>
    public async Task SendAsync(string shard, IReadOnlyList<StreamRecord> records, CancellationToken cancellationToken)
    {
        var pending = new Stack<Batch>([new Batch(records)]);
        int failures = 0;
        while (pending.TryPop(out Batch? popped))
        {
            Batch batch = await DiscardOldAsync(shard, popped, cancellationToken);
            if (batch.Records.Count == 0)
            {
                continue;
            }

            InvocationResult? result = await TryInvokeAsync(batch, cancellationToken);
            int count = Handled(result, batch.Records);
            if (count > 0)
            {
                handled(shard, batch.Records[count - 1].SequenceNumber);
            }

            if (count == batch.Records.Count)
            {
                failures = 0;
                continue;
            }

            TimeSpan wait = delays.BeforeRetry(++failures);
            log($"{source.Function} failed with {batch.Records.Count - count} of {batch.Records.Count} records of the stream. The next attempt is in {wait.TotalSeconds} s.");
            if (source.Bisects && batch.Records.Count > 1 && result is not (null or InvocationResult.Succeeded))
            {
                (Batch first, Batch second) = batch.Split(result);
                pending.Push(second);
                pending.Push(first);
            }
            else
            {
                Batch failed = result is null ? batch : batch.After(count, result);
                if (source.MaxRetries != EventSourceDefinition.Unlimited && failed.Failures > source.MaxRetries)
                {
                    await DiscardAsync(shard, failed, DiscardReason.RetryAttemptsExhausted, cancellationToken);
                }
                else
                {
                    pending.Push(failed);
                }
            }

            await Task.Delay(wait, cancellationToken);
        }
    }

    /// <returns>Null if the function could not be invoked.</returns>
    private async Task<InvocationResult?> TryInvokeAsync(Batch batch, CancellationToken cancellationToken)
    {
        InvocationResult result;
        try
        {
            result = await invoke(StreamRecord.Event(batch.Records), cancellationToken);
        }
        catch (LocalHostException e)
        {
            log(e.Message);
            return null;
        }

        // When the host stops, it ends the process in the middle of an invocation.
        if (result is not InvocationResult.Succeeded)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        invoked(batch.Records.Count, result);
        return result;
    }

    /// <summary>How many records of a batch, from its beginning, an invocation has handled.</summary>
    private int Handled(InvocationResult? result, IReadOnlyList<StreamRecord> records)
    {
        if (result is not InvocationResult.Succeeded succeeded)
        {
            return 0;
        }

        return source.ReportsFailures ? FirstFailure(succeeded.Response, records) : records.Count;
    }

    /// <summary>The index of the first failed record. A response that cannot be understood means that all have failed.</summary>
    private static int FirstFailure(ReadOnlyMemory<byte> response, IReadOnlyList<StreamRecord> records)
    {
        if (response.Length == 0)
        {
            return records.Count;
        }

        try
        {
            using var json = JsonDocument.Parse(response);
            if (json.RootElement.ValueKind == JsonValueKind.Null
                || !json.RootElement.TryGetProperty("batchItemFailures", out JsonElement failures)
                || failures.ValueKind == JsonValueKind.Null)
            {
                return records.Count;
            }

            int first = records.Count;
            foreach (JsonElement failure in failures.EnumerateArray())
            {
                string? number = failure.GetProperty("itemIdentifier").GetString();
                int index = records.TakeWhile(record => record.SequenceNumber != number).Count();
                first = index == records.Count ? 0 : Math.Min(first, index);
            }

            return first;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return 0;
        }
    }

    private async Task<Batch> DiscardOldAsync(string shard, Batch batch, CancellationToken cancellationToken)
    {
        if (source.MaxRecordAgeSeconds == EventSourceDefinition.Unlimited)
        {
            return batch;
        }

        DateTimeOffset oldest = DateTimeOffset.UtcNow.AddSeconds(-source.MaxRecordAgeSeconds);
        int old = batch.Records.TakeWhile(record => record.Created < oldest).Count();
        if (old > 0)
        {
            await DiscardAsync(shard, batch with { Records = [.. batch.Records.Take(old)] }, DiscardReason.RecordAgeExceeded, cancellationToken);
        }

        return batch with { Records = [.. batch.Records.Skip(old)] };
    }

    private async Task DiscardAsync(string shard, Batch batch, DiscardReason reason, CancellationToken cancellationToken)
    {
        for (int failures = 0; destination is not null;)
        {
            try
            {
                await destination.WriteAsync(shard, batch.Records, reason, batch.Invocations, batch.Last, cancellationToken);
                break;
            }
            catch (Exception e) when (e is Amazon.Runtime.AmazonClientException or HttpRequestException or IOException)
            {
                log($"The failure destination of {source.Name} is not available: {e.Message}");
                await Task.Delay(delays.BeforeRetry(++failures), cancellationToken);
            }
        }

        log($"{source.Name} discarded {batch.Records.Count} records of the stream: {reason}.");
        handled(shard, batch.Records[^1].SequenceNumber);
    }

    /// <param name="Records">In the order of the shard.</param>
    /// <param name="Invocations">How often the function was invoked with the first record.</param>
    /// <param name="Failures">How many of these invocations count as retries.</param>
    /// <param name="Last">The last of these invocations.</param>
    private sealed record Batch(IReadOnlyList<StreamRecord> Records, int Invocations = 0, int Failures = 0, InvocationResult? Last = null)
    {
        /// <summary>The records that are left when an invocation has failed.</summary>
        public Batch After(int handled, InvocationResult result) => handled == 0
            ? new Batch(Records, Invocations + 1, Failures + 1, result)
            : new Batch([.. Records.Skip(handled)], Invocations: 1, Failures: 1, result);

        /// <summary>Two halves, after an invocation that does not count as a retry.</summary>
        public (Batch First, Batch Second) Split(InvocationResult result)
        {
            Batch whole = this with { Invocations = Invocations + 1, Last = result };
            int half = Records.Count / 2;
            return (whole with { Records = [.. Records.Take(half)] }, whole with { Records = [.. Records.Skip(half)] });
        }
    }
}

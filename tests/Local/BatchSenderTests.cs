using System.Text;
using System.Text.Json.Nodes;
using Photos.Local;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Tests.Local;

/// <summary>Retries, splits and discards of an event source mapping, with a fake function.</summary>
public sealed class BatchSenderTests : IDisposable
{
    private static readonly InvocationReport s_report = new("", 0, 0, null, 0);

    private readonly TemporaryFolder _data = new();
    private readonly List<string> _batches = [];
    private readonly List<string> _log = [];
    private readonly StreamPosition _position;
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private Func<string[], InvocationResult> _function;

    public BatchSenderTests()
    {
        _position = StreamPosition.Open(Path.Combine(_data.Path, "positions", "a.json"), "stream");
        _function = _ => Succeeded("""{"batchItemFailures":[]}""");
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private string? Position => _position.LastOf("shard");

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("""{"batchItemFailures":[]}""")]
    [InlineData("""{"batchItemFailures":null}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("")]
    public async Task ABatchIsHandledOnce(string response)
    {
        _function = _ => Succeeded(response);

        await SendAsync(Partial(), "1", "2", "3");

        Assert.Equal(["1 2 3"], _batches);
        Assert.Equal("3", Position);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task TheFirstFailedRecordAndThoseAfterItAreRetried()
    {
        Fail("2", times: 2);

        await SendAsync(Partial(), "1", "2", "3", "4");

        Assert.Equal(["1 2 3 4", "2 3 4", "2 3 4"], _batches);
        Assert.Equal("4", Position);
        Assert.Equal("SweepPhoto failed with 3 of 4 records of the stream. The next attempt is in 0.001 s.", _log[0]);
    }

    [Fact]
    public async Task TheLowestOfSeveralFailuresCounts()
    {
        bool first = true;
        _function = _ => Succeeded(first
            ? """{"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]}"""
            : """{"batchItemFailures":[]}""").Then(() => first = false);

        await SendAsync(Partial(), "1", "2", "3");

        Assert.Equal(["1 2 3", "2 3"], _batches);
    }

    [Theory]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":""}]}""")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":null}]}""")]
    [InlineData("""{"batchItemFailures":[{"itemIdentifier":"9"}]}""")]
    [InlineData("""{"batchItemFailures":[{"item":"2"}]}""")]
    [InlineData("""{"batchItemFailures":[7]}""")]
    [InlineData("""{"batchItemFailures":{}}""")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public async Task AResponseThatCannotBeUnderstoodIsAFailureOfTheWholeBatch(string response)
    {
        bool first = true;
        _function = _ => Succeeded(first ? response : "{}").Then(() => first = false);

        await SendAsync(Partial(), "1", "2");

        Assert.Equal(["1 2", "1 2"], _batches);
    }

    [Fact]
    public async Task WithoutPartialFailuresTheResponseIsIgnored()
    {
        _function = _ => Succeeded("""{"batchItemFailures":[{"itemIdentifier":"1"}]}""");

        await SendAsync(Partial() with { ReportsFailures = false }, "1", "2");

        Assert.Equal(["1 2"], _batches);
    }

    [Theory]
    [InlineData("error")]
    [InlineData("crash")]
    [InlineData("init")]
    [InlineData("timeout")]
    public async Task AFailingBatchIsSplitUntilOnlyTheBadRecordFails(string how)
    {
        int failures = 0;
        _function = records => records.Contains("3", StringComparer.Ordinal) && ++failures < 5 ? TestGateway.Failed(how) : Succeeded("{}");

        await SendAsync(Partial() with { Bisects = true }, "1", "2", "3", "4");

        Assert.Equal(["1 2 3 4", "1 2", "3 4", "3", "3", "3", "4"], _batches);
        Assert.Equal("4", Position);
    }

    [Fact]
    public async Task WithoutBisectingTheWholeBatchIsRetried()
    {
        int failures = 0;
        _function = _ => ++failures < 3 ? TestGateway.Failed("error") : Succeeded("{}");

        await SendAsync(Partial(), "1", "2");

        Assert.Equal(["1 2", "1 2", "1 2"], _batches);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task ABatchIsDiscardedAfterItsRetries(int retries)
    {
        _function = records => records.Contains("1", StringComparer.Ordinal) ? TestGateway.Failed("error") : Succeeded("{}");

        await SendAsync(Partial() with { MaxRetries = retries }, "1", "2");
        await SendAsync(Partial() with { MaxRetries = retries }, "3");

        Assert.Equal([.. Enumerable.Repeat("1 2", retries + 1), "3"], _batches);
        Assert.Equal("3", Position);
        Assert.Contains("SweepPhotoSource discarded 2 records of the stream: RetryAttemptsExhausted.", _log);
    }

    [Fact]
    public async Task SplittingIsNotARetry()
    {
        _function = records => records.Contains("1", StringComparer.Ordinal) ? TestGateway.Failed("error") : Succeeded("{}");

        await SendAsync(Partial() with { MaxRetries = 1, Bisects = true }, "1", "2", "3", "4");

        Assert.Equal(["1 2 3 4", "1 2", "1", "1", "2", "3 4"], _batches);
        Assert.Contains("SweepPhotoSource discarded 1 records of the stream: RetryAttemptsExhausted.", _log);
    }

    [Fact]
    public async Task OldRecordsAreDiscardedAndTheOthersSent()
    {
        await SendAsync(Partial() with { MaxRecordAgeSeconds = 60 }, "old 1", "old 2", "3");

        Assert.Equal(["3"], _batches);
        Assert.Equal("3", Position);
        Assert.Equal(["SweepPhotoSource discarded 2 records of the stream: RecordAgeExceeded."], _log);
    }

    [Fact]
    public async Task ARecordThatKeepsFailingIsDiscardedWhenItIsOld()
    {
        Fail("1", times: int.MaxValue);

        await SendAsync(Partial() with { MaxRecordAgeSeconds = 2 }, "1", "2");

        Assert.InRange(_batches.Count, 2, 100_000);
        Assert.Equal("2", Position);
        Assert.Contains("SweepPhotoSource discarded 2 records of the stream: RecordAgeExceeded.", _log);
    }

    [Fact]
    public async Task AFunctionThatCannotBeInvokedIsTriedAgainAndDoesNotUseRetries()
    {
        int attempts = 0;
        _function = _ => ++attempts < 4 ? throw new LocalHostException("bootstrap is missing.") : Succeeded("{}");

        await SendAsync(Partial() with { MaxRetries = 0, Bisects = true }, "1", "2");

        Assert.Equal(["1 2", "1 2", "1 2", "1 2"], _batches);
        Assert.Contains("bootstrap is missing.", _log);
    }

    [Fact]
    public async Task AnInvocationThatTheStoppingHostEndsIsNotAFailure()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Canceled);
        _function = _ => TestGateway.Failed("crash").Then(stop.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(Partial() with { MaxRetries = 0 }, stop.Token, "1"));

        Assert.Null(Position);
        Assert.Empty(_log);
    }

    [Fact]
    public void WaitsDoubleUpToTheLongest()
    {
        EventSourceDelays delays = EventSourceDelays.Default;

        Assert.Equal([1, 2, 4, 32, 60, 60], ((int[])[1, 2, 3, 6, 7, 5000]).Select(failures => delays.BeforeRetry(failures).TotalSeconds));
    }

    [Fact]
    public void APositionIsKeptForItsStream()
    {
        string file = Path.Combine(_data.Path, "b", "position.json");
        StreamPosition position = StreamPosition.Open(file, "one");
        position.Advance("first", "5");
        position.Finish("first");
        position.Advance("second", "7");

        StreamPosition again = StreamPosition.Open(file, "one");
        StreamPosition other = StreamPosition.Open(file, "two");

        Assert.Equal(("5", true, "7", false), (again.LastOf("first"), again.IsFinished("first"), again.LastOf("second"), again.IsFinished("second")));
        Assert.Equal(position.Mapping, again.Mapping);
        Assert.Equal((null, false), (other.LastOf("first"), other.IsFinished("first")));
        Assert.Equal(position.Mapping, other.Mapping);
    }

    private static EventSourceDefinition Partial() => new("SweepPhotoSource", "SweepPhoto") { ReportsFailures = true };

    private static InvocationResult.Succeeded Succeeded(string response) => new(s_report, Encoding.UTF8.GetBytes(response));

    /// <summary>Makes the fake function report a record as failed.</summary>
    private void Fail(string number, int times) => _function = records =>
        records.Contains(number, StringComparer.Ordinal) && (_failures[number] = _failures.GetValueOrDefault(number) + 1) <= times
            ? Succeeded($$"""{"batchItemFailures":[{"itemIdentifier":"{{number}}"}]}""")
            : Succeeded("""{"batchItemFailures":[]}""");

    private Task SendAsync(EventSourceDefinition source, params string[] numbers) => SendAsync(source, Canceled, numbers);

    private async Task SendAsync(EventSourceDefinition source, CancellationToken cancellationToken, params string[] numbers)
    {
        TimeSpan wait = TimeSpan.FromMilliseconds(1);
        var sender = new BatchSender(source, InvokeAsync, destination: null, _position.Advance, new EventSourceDelays(wait, wait, wait), (_, _) => { }, _log.Add);
        await sender.SendAsync("shard", [.. numbers.Select(Record)], cancellationToken);
    }

    private Task<InvocationResult> InvokeAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        string[] numbers =
        [
            .. JsonNode.Parse(payload.Span)!["Records"]!.AsArray().Select(record => record!["dynamodb"]!["SequenceNumber"]!.GetValue<string>()),
        ];
        _batches.Add(string.Join(' ', numbers));
        return Task.FromResult(_function(numbers));
    }

    private static StreamRecord Record(string number)
    {
        DateTimeOffset created = number.StartsWith("old", StringComparison.Ordinal) ? DateTimeOffset.UtcNow.AddMinutes(-2) : DateTimeOffset.UtcNow;
        var change = new JsonObject { ["SequenceNumber"] = number, ["ApproximateCreationDateTime"] = (double)created.ToUnixTimeSeconds() };
        return StreamRecord.From(new JsonObject { ["dynamodb"] = change }, "stream");
    }
}

/// <summary>Does something after a result was chosen.</summary>
internal static class ResultExtensions
{
    public static InvocationResult Then(this InvocationResult result, Action act)
    {
        act();
        return result;
    }
}

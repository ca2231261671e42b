using Amazon.Runtime;
using Amazon.S3;
using Photos.Local.Template;

namespace Photos.Local.Lambda;

/// <summary>Runs the event source mappings of a stack.</summary>
internal sealed class EventSources : IAsyncDisposable
{
    private readonly List<EventSourcePoller> _pollers = [];
    private readonly AmazonS3Client _s3;

    private EventSources(AmazonS3Client s3) => _s3 = s3;

    /// <summary>Begins to read the streams.</summary>
    /// <param name="options">What the mappings read and invoke.</param>
    /// <param name="output">Receives the log, in whole lines; locked while a line is written.</param>
    /// <exception cref="LocalHostException">A filter pattern is not valid, or the table has no stream.</exception>
    public static EventSources Start(EventSourceOptions options, TextWriter output)
    {
        (EventSourceDefinition Source, FilterPattern[] Filters)[] mappings =
            [.. options.Sources.Select(source => (source, source.Filters.Select(FilterPattern.Parse).ToArray()))];
        if (mappings.Length > 0 && options.StreamArn is null)
        {
            throw new LocalHostException(
                $"{mappings[0].Source.Name} reads the stream of the table, which has none. Give the table a StreamSpecification in the template.");
        }

        var sources = new EventSources(new AmazonS3Client(options.Credentials, new AmazonS3Config
        {
            ServiceURL = options.S3.AbsoluteUri,
            AuthenticationRegion = options.Region,
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        }));
        foreach ((EventSourceDefinition source, FilterPattern[] filters) in mappings)
        {
            sources.Add(options, source, filters, output);
        }

        return sources;
    }

    /// <summary>Begins to stop.</summary>
    public Task StopAsync() => Task.WhenAll(_pollers.Select(poller => poller.StopAsync()));

    /// <summary>Stops reading. Returns when the running invocations have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_pollers.Select(poller => poller.DisposeAsync().AsTask()));
        _s3.Dispose();
    }

    private void Add(EventSourceOptions options, EventSourceDefinition source, FilterPattern[] filters, TextWriter output)
    {
        string streamArn = options.StreamArn!;
        StreamPosition position = StreamPosition.Open(Path.Combine(options.Directory, $"{source.Name}.json"), streamArn);
        string functionArn = $"arn:aws:lambda:{options.Region}:{Intrinsics.AccountId}:function:{source.Function}";
        FailureDestination? failures = source.FailureBucket is { } bucket
            ? new FailureDestination(_s3, bucket, functionArn, streamArn, position.Mapping)
            : null;
        var sender = new BatchSender(
            source,
            (payload, cancellationToken) => options.Invoke(source.Function, payload, cancellationToken),
            failures,

            // Batches that are sent at the same time end in any order. The poller then advances when all of them have ended.
            source.Parallelization == 1 ? position.Advance : static (_, _) => { },
            options.Delays,
            (records, result) => options.Invoked(source.Function, records, result),
            Log);
        var streams = new StreamsClient(options.DynamoDb, options.Region, options.Credentials);
        var poller = new EventSourcePoller(source, filters, streams, streamArn, position, sender, options.Delays, Log);
        _pollers.Add(poller);
        poller.Start();

        void Log(string line)
        {
            lock (output)
            {
                output.WriteLine(line);
            }
        }
    }
}

/// <summary>What event source mappings read and invoke.</summary>
/// <param name="Sources">The mappings.</param>
/// <param name="DynamoDb">The endpoint of the table's engine.</param>
/// <param name="S3">The endpoint of the engine of the failure destinations.</param>
/// <param name="Credentials">The engines' credentials.</param>
/// <param name="Region">The Region.</param>
/// <param name="StreamArn">The table's stream; null if it has none.</param>
/// <param name="Directory">The folder for the positions in the stream.</param>
/// <param name="Invoke">Invokes a function with an event.</param>
/// <param name="Invoked">Called after each invocation with the function, the number of records and the result.</param>
internal sealed record EventSourceOptions(
    IReadOnlyList<EventSourceDefinition> Sources,
    Uri DynamoDb,
    Uri S3,
    AWSCredentials Credentials,
    string Region,
    string? StreamArn,
    string Directory,
    Func<string, ReadOnlyMemory<byte>, CancellationToken, Task<InvocationResult>> Invoke,
    Action<string, int, InvocationResult> Invoked)
{
    /// <summary>How long the mappings wait.</summary>
    public EventSourceDelays Delays { get; init; } = EventSourceDelays.Default;
}

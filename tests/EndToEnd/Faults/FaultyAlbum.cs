using System.Collections.Concurrent;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Engines;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>The whole album on the deployed binaries and real engines, with a proxy in front of each engine.</summary>
public sealed class FaultyAlbum : IAsyncLifetime
{
    private const string StreamsTarget = "DynamoDBStreams_20120810.GetRecords";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    private readonly StorageEngines _engines;
    private readonly bool _ownsEngines;
    private readonly string _functions;
    private readonly TemporaryFolder _data = new();
    private readonly ConcurrentDictionary<string, Interceptor> _interceptors = new(StringComparer.Ordinal);
    private Task _killing = Task.CompletedTask;

    // SweepPhoto's requests are about users too. Interceptors would mistake them for those of the calls, so it gets the records
    // of the stream only when a test says so.
    private TaskCompletionSource _sweeps = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Completes when the host waits for records, which proves that they are held back.
    private readonly TaskCompletionSource _sweepsWait = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LocalHost? _host;
    private FaultProxy? _table;
    private FaultProxy? _bucket;

    public FaultyAlbum()
        : this(new StorageEngines(), Repository.Functions) => _ownsEngines = true;

    /// <summary>An album on engines that other hosts use too.</summary>
    /// <param name="engines">The engines, which have been started.</param>
    /// <param name="functions">The folder that contains <c>FUNCTION/bootstrap</c>.</param>
    internal FaultyAlbum(StorageEngines engines, string functions) => (_engines, _functions) = (engines, functions);

    internal LocalHost Host => _host ?? throw new InvalidOperationException("The album is not started.");

    /// <summary>The running functions, which are child processes of the host.</summary>
    internal FunctionProcesses Functions => new(Host.ProcessId);

    /// <summary>The table and the bucket on the engines, past the proxies.</summary>
    internal AlbumSettings Settings => _engines.Settings;

    /// <summary>The environment variables with which a function reaches the engines through the proxies.</summary>
    internal IReadOnlyDictionary<string, string> FunctionVariables => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AWS_ENDPOINT_URL_DYNAMODB"] = _table!.Url,
        ["AWS_ENDPOINT_URL_S3"] = _bucket!.Url,
        ["AWS_ACCESS_KEY_ID"] = Settings.Aws.AccessKeyId,
        ["AWS_SECRET_ACCESS_KEY"] = Settings.Aws.SecretAccessKey,
        ["PHOTO_TABLE"] = Settings.Table,
        ["PHOTO_BUCKET"] = Settings.Bucket,
    };

    /// <summary>The proxies, which <see cref="StopEnginesAsync"/> stops.</summary>
    private IEnumerable<FaultProxy> Proxies => new[] { _table, _bucket }.OfType<FaultProxy>();

    public async ValueTask InitializeAsync()
    {
        if (_ownsEngines)
        {
            await _engines.InitializeAsync();
        }

        _table = new FaultProxy(_engines.Settings.Aws.DynamoDbEndpoint!.ToUri(), InterceptorOf);
        _bucket = new FaultProxy(_engines.Settings.Aws.S3Endpoint!.ToUri(), InterceptorOf);
        StartEngines();
        _host = await LocalHost.StartAsync(_functions, _data.Path, FunctionVariables);
        await _sweepsWait.Task.WaitAsync(s_startLimit);
    }

    public async ValueTask DisposeAsync()
    {
        await (_host?.DisposeAsync() ?? default);
        await StopEnginesAsync();
        if (_ownsEngines)
        {
            await _engines.DisposeAsync();
        }

        _data.Dispose();
    }

    /// <summary>Sends all storage requests that concern a user through an interceptor.</summary>
    /// <param name="user">The user. The id must not be a part of another user's id.</param>
    internal void Intercept(string user, Interceptor interceptor) => _interceptors[user] = interceptor;

    /// <summary>Removes the user's interceptor, and waits until functions that are being killed have ended, so that no later request reaches one.</summary>
    internal async Task ClearFaultsAsync(string user)
    {
        _interceptors.TryRemove(user, out _);
        await _killing;
    }

    /// <summary>Makes the engines unreachable: nothing listens on their ports.</summary>
    internal async Task StopEnginesAsync()
    {
        foreach (FaultProxy proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    /// <summary>Makes the engines reachable again.</summary>
    internal void StartEngines()
    {
        foreach (FaultProxy proxy in Proxies)
        {
            proxy.Start();
        }
    }

    /// <summary>Kills every running function, and waits until they have ended.</summary>
    internal Task KillFunctionsAsync() => _killing = Functions.KillAllAsync();

    /// <summary>Lets SweepPhoto handle the records of the stream while the action runs.</summary>
    internal async Task<T> SweepAsync<T>(Func<Task<T>> action)
    {
        _sweeps.SetResult();
        try
        {
            return await action();
        }
        finally
        {
            _sweeps = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <inheritdoc cref="SweepAsync{T}(Func{Task{T}})"/>
    internal Task SweepAsync(Func<Task> action) => SweepAsync(async () =>
    {
        await action();
        return true;
    });

    /// <inheritdoc cref="Audit.FindAsync"/>
    internal Task<List<string>> AuditAsync() => AuditAsync(audit => audit.FindAsync());

    /// <inheritdoc cref="Audit.FindAfterExpiryAsync"/>
    internal Task<List<string>> AuditAfterExpiryAsync() => AuditAsync(audit => audit.FindAfterExpiryAsync());

    private async Task<List<string>> AuditAsync(Func<Audit, Task<List<string>>> find)
    {
        await using var audit = new Audit(_engines, Host);
        return await SweepAsync(() => find(audit));
    }

    private async Task<FakeResponse> WhenSweepsRunAsync(HttpRequest request, Func<Task<FakeResponse>> forward, CancellationToken cancellationToken)
    {
        _sweepsWait.TrySetResult();
        await _sweeps.Task.WaitAsync(cancellationToken);
        return await forward();
    }

    private Interceptor? InterceptorOf(HttpRequest request)
    {
        // The host's client writes this header in another case than the functions.
        if (request.Header("x-amz-target", StringComparison.OrdinalIgnoreCase)?.StartsWith(StreamsTarget, StringComparison.Ordinal) == true)
        {
            return WhenSweepsRunAsync;
        }

        string text = request.Target + request.Text;
        return _interceptors.FirstOrDefault(one => text.Contains(one.Key, StringComparison.Ordinal)).Value;
    }
}

/// <summary>One album for most of these tests, one test at a time: some of them kill every function or stop the engines.</summary>
[CollectionDefinition]
public sealed class FaultyAlbumTests : ICollectionFixture<FaultyAlbum>;

/// <summary>A second album for the tests that take longest, so that they run at the same time as the others.</summary>
[CollectionDefinition]
public sealed class SecondFaultyAlbumTests : ICollectionFixture<FaultyAlbum>;

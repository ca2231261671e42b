using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Engines;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>The whole album on real binaries and engines, with a proxy before each engine.</summary>
public sealed class FaultyAlbum : IAsyncLifetime
{
    private readonly StorageEngines _engines = new();
    private readonly TemporaryFolder _data = new();
    private readonly ConcurrentDictionary<string, Interceptor> _interceptors = new(StringComparer.Ordinal);
    private Task _killing = Task.CompletedTask;
    private LocalHost? _host;
    private FaultProxy? _table;
    private FaultProxy? _bucket;

    internal LocalHost Host => _host ?? throw new InvalidOperationException("The album is not started.");

    /// <summary>What <see cref="StopEnginesAsync"/> takes away.</summary>
    private IEnumerable<FaultProxy> Proxies => new[] { _table, _bucket }.OfType<FaultProxy>();

    public async ValueTask InitializeAsync()
    {
        await _engines.InitializeAsync();
        _table = new FaultProxy(_engines.Settings.Aws.DynamoDbEndpoint!, InterceptorOf);
        _bucket = new FaultProxy(_engines.Settings.Aws.S3Endpoint!, InterceptorOf);
        StartEngines();
        _host = await LocalHost.StartAsync(_data.Path, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_ENDPOINT_URL_DYNAMODB"] = _table.Url,
            ["AWS_ENDPOINT_URL_S3"] = _bucket.Url,
            ["AWS_ACCESS_KEY_ID"] = _engines.Settings.Aws.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = _engines.Settings.Aws.SecretAccessKey,
        });
    }

    public async ValueTask DisposeAsync()
    {
        await (_host?.DisposeAsync() ?? default);
        await StopEnginesAsync();
        await _engines.DisposeAsync();
        _data.Dispose();
    }

    /// <summary>Has all storage requests about a user go through an interceptor.</summary>
    /// <param name="user">Whose; the id must be no part of another user's.</param>
    internal void Intercept(string user, Interceptor interceptor) => _interceptors[user] = interceptor;

    /// <summary>Lets everything pass again, and returns when what is being killed is gone: no next request must meet that.</summary>
    internal async Task MendAsync(string user)
    {
        _interceptors.TryRemove(user, out _);
        await _killing;
    }

    /// <summary>From now on nothing listens where the engines were.</summary>
    internal async Task StopEnginesAsync()
    {
        foreach (FaultProxy proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    /// <summary>The opposite of <see cref="StopEnginesAsync"/>.</summary>
    internal void StartEngines()
    {
        foreach (FaultProxy proxy in Proxies)
        {
            proxy.Start();
        }
    }

    /// <summary>Kills what is running of the functions, which are the host's children; returns when the host knows.</summary>
    internal Task KillFunctionsAsync() => _killing = KillAsync();

    /// <inheritdoc cref="Audit.FindAsync"/>
    internal async Task<List<string>> AuditAsync()
    {
        using var audit = new Audit(_engines.Settings);
        return await audit.FindAsync();
    }

    private async Task KillAsync()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int processId) && IsFunction(folder))
                {
                    using var function = Process.GetProcessById(processId);
                    function.Kill();
                    await function.WaitForExitAsync();
                }
            }
            catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException)
            {
                // It has ended meanwhile.
            }
        }
    }

    /// <remarks>man 5 proc_pid_stat: the id, the name in parentheses, the state, the parent's id.</remarks>
    private bool IsFunction(string folder) =>
        File.ReadAllText(Path.Combine(folder, "stat")).Split(' ') is [_, "(bootstrap)", _, var parent, ..] && parent == $"{Host.ProcessId}";

    private Interceptor? InterceptorOf(HttpRequest request)
    {
        string text = request.Target + request.Text;
        return _interceptors.FirstOrDefault(one => text.Contains(one.Key, StringComparison.Ordinal)).Value;
    }
}

/// <summary>One album for all of these tests, one test at a time: some of them kill every function, or take the engines away.</summary>
[CollectionDefinition]
public sealed class FaultyAlbumTests : ICollectionFixture<FaultyAlbum>;

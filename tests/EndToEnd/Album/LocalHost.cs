using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Photos.Local.Identity;

namespace Photos.Tests.EndToEnd.Album;

/// <summary>The local host as <c>make run</c> starts it: a separate process that runs the AOT binaries and the engines.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly string _dataFolder;
    private readonly DevelopmentIssuer _issuer;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _endedStreams;

    private LocalHost(Process process, string dataFolder)
    {
        _process = process;
        _dataFolder = dataFolder;
        _issuer = DevelopmentIssuer.Open(dataFolder);
    }

    /// <summary>The API's address.</summary>
    public Uri Address => _ready.Task.Result;

    /// <summary>The lines that the host has printed so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    public static Task<LocalHost> StartAsync(string dataFolder) => StartAsync(dataFolder, new Dictionary<string, string>());

    /// <param name="environment">Environment variables in addition to this process's own.</param>
    /// <param name="arguments">Further arguments of the command line.</param>
    public static Task<LocalHost> StartAsync(
        string dataFolder, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartAsync(Repository.Functions, dataFolder, environment, arguments);

    /// <param name="functions">The folder that contains <c>FUNCTION/bootstrap</c>.</param>
    public static Task<LocalHost> StartAsync(
        string functions, string dataFolder, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartAsync(Repository.Root, typeof(DevelopmentIssuer).Assembly.Location, functions, dataFolder, environment, arguments);

    /// <summary>Starts the local host of another checkout, as <c>make run</c> there has built it, with its template and its page.</summary>
    public static Task<LocalHost> StartOtherAsync(string checkout, string functions, string dataFolder) => StartAsync(
        checkout, Path.Combine(checkout, "artifacts", "bin", "Local", "release", "Photos.Local.dll"), functions, dataFolder, new Dictionary<string, string>());

    private static async Task<LocalHost> StartAsync(
        string checkout, string program, string functions, string dataFolder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = checkout,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])
            [program, "run", "--port", "0", "--functions", functions, "--data", dataFolder, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        var host = new LocalHost(Process.Start(start)!, dataFolder);
        host._process.OutputDataReceived += (_, line) => host.Read(line.Data);
        host._process.ErrorDataReceived += (_, line) => host.Read(line.Data);
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        try
        {
            await host._ready.Task.WaitAsync(s_limit);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>The parent of the functions' processes.</summary>
    public int ProcessId => _process.Id;

    /// <summary>A client signed in as <paramref name="user"/>.</summary>
    public AlbumClient SignIn(string user) => new(Address, Token(user, TimeSpan.FromHours(1)));

    /// <summary>The private key that signs tokens, as PEM.</summary>
    public string IssuerPem => File.ReadAllText(Path.Combine(_dataFolder, "issuer.pem"));

    public string Token(string user, TimeSpan lifetime) => _issuer.CreateToken(user, lifetime);

    /// <summary>Waits until a line of the log matches.</summary>
    /// <returns>The log.</returns>
    public async Task<string> WaitForLogAsync(Regex line)
    {
        using var limit = new CancellationTokenSource(s_limit);
        while (!_output.Any(line.IsMatch))
        {
            await Task.Delay(20, limit.Token);
        }

        return string.Join('\n', _output);
    }

    /// <summary>Ends the host with SIGTERM, as a service manager does.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            Process.Start("kill", ["-TERM", $"{_process.Id}"]).WaitForExit();
        }

        await _process.WaitForExitAsync().WaitAsync(s_limit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        finally
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
        }
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            if (Interlocked.Increment(ref _endedStreams) == 2)
            {
                _ready.TrySetException(new InvalidOperationException($"The local host ended before it was ready:\n{string.Join('\n', _output)}"));
            }

            return;
        }

        _output.Enqueue(line);
        if (line.StartsWith("ready ", StringComparison.Ordinal))
        {
            _ready.TrySetResult(new Uri(line["ready ".Length..]));
        }
    }
}

/// <summary>One host for all tests that can share one. Each test uses its own users.</summary>
public sealed class SharedLocalHost : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();

    private LocalHost? _host;

    internal LocalHost Host => _host ?? throw new InvalidOperationException("The local host has not been started.");

    public async ValueTask InitializeAsync() => _host = await LocalHost.StartAsync(_data.Path);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _data.Dispose();
    }
}

/// <summary>The tests that share <see cref="SharedLocalHost"/>.</summary>
[CollectionDefinition]
public sealed class LocalHostTests : ICollectionFixture<SharedLocalHost>;

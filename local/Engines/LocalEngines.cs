using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.Runtime;
using Photos.Local.Template;

namespace Photos.Local.Engines;

/// <summary>The engines' options.</summary>
/// <param name="Stack">The template, with the table and the buckets.</param>
/// <param name="EnginesDirectory">The folder of <c>engines.mjs</c> and its lock file.</param>
/// <param name="DataDirectory">The folder in which the built-in engines store data; created if it does not exist.</param>
/// <param name="Address">The address on which the built-in engines listen.</param>
/// <param name="FirstPort">The port of the built-in S3, which is part of presigned URLs. DynamoDB uses the next one. 0 chooses free ports.</param>
/// <param name="DynamoDb">The endpoint of an engine to use instead of the built-in one.</param>
/// <param name="S3">The endpoint of an engine to use instead of the built-in one.</param>
/// <param name="Credentials">
/// The engines' credentials, the only ones that the built-in DynamoDB accepts. The built-in S3 accepts only <see cref="LocalEngines.BuiltInCredentials"/>.
/// </param>
internal sealed record EngineOptions(
    StackDefinition Stack,
    string EnginesDirectory,
    string DataDirectory,
    IPAddress Address,
    int FirstPort,
    Uri? DynamoDb,
    Uri? S3,
    AWSCredentials Credentials)
{
    /// <summary>How often the built-in DynamoDB deletes expired items.</summary>
    public TimeSpan TimeToLiveInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The built-in engines refuse writes that would leave less space than this on the disk of the data, in bytes.</summary>
    public long ReserveBytes { get; init; } = 64 * 1024 * 1024;
}

/// <summary>DynamoDB and S3 on this machine, with the table and the buckets of the template.</summary>
internal sealed class LocalEngines : IAsyncDisposable
{
    /// <summary>The only account that the built-in S3 accepts.</summary>
    public const string AccessKeyId = "S3RVER";

    /// <inheritdoc cref="AccessKeyId"/>
    public const string SecretAccessKey = "S3RVER";

    private const int KeptErrorLines = 10;
    private const int MaxFailedStarts = 5;

    private static readonly TimeSpan s_gracePeriod = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_restartDelay = TimeSpan.FromSeconds(1);

    private readonly TextWriter _output;
    private readonly TaskCompletionSource<string> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lastErrors = new();
    private readonly CancellationTokenSource _stopping = new();
    private FileStream? _lock;
    private Process? _process;
    private Task<int> _ended = Task.FromResult(0);
    private Task _supervision = Task.CompletedTask;

    private LocalEngines(Uri? dynamoDb, Uri? s3, TextWriter output)
    {
        DynamoDb = dynamoDb!;
        S3 = s3!;
        _output = output;
    }

    public static AWSCredentials BuiltInCredentials { get; } = new BasicAWSCredentials(AccessKeyId, SecretAccessKey);

    public Uri DynamoDb { get; private set; }

    public Uri S3 { get; private set; }

    /// <summary>The ARN of the table's stream; null if the template declares none.</summary>
    public string? StreamArn { get; private set; }

    /// <summary>Completes when the built-in engines have ended and cannot be started again, with a message for the user.</summary>
    public Task<string> Failure => _failure.Task;

    /// <summary>Starts the built-in engines that are needed, and creates the table and the buckets if they are missing.</summary>
    /// <exception cref="LocalHostException">An engine cannot be installed, started or reached.</exception>
    public static async Task<LocalEngines> StartAsync(EngineOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var engines = new LocalEngines(options.DynamoDb, options.S3, output);
        try
        {
            if (options.DynamoDb is null || options.S3 is null)
            {
                await EngineInstaller.EnsureInstalledAsync(options.EnginesDirectory, output, cancellationToken);
                await engines.StartBuiltInAsync(options, cancellationToken);
            }

            var provisioning = new Provisioning(options.Credentials);
            engines.StreamArn = await provisioning.CreateTableAsync(engines.DynamoDb, options.Stack.Table, cancellationToken);
            if (options.S3 is not null)
            {
                foreach (BucketDefinition bucket in Buckets(options.Stack))
                {
                    await provisioning.CreateBucketAsync(options.S3, bucket, cancellationToken);
                }
            }

            return engines;
        }
        catch
        {
            await engines.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the built-in engines. Returns when they have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (Volatile.Read(ref _process) is { } process)
        {
            // engines.mjs exits at the end of its standard input.
            process.StandardInput.Close();
            var ended = Task.WhenAll(_ended, _supervision);
            if (await Task.WhenAny(ended, Task.Delay(s_gracePeriod)) != ended)
            {
                process.Kill(entireProcessTree: true);
                await ended;
            }

            process.Dispose();
        }

        _lock?.Dispose();
        _stopping.Dispose();
    }

    private async Task StartBuiltInAsync(EngineOptions options, CancellationToken cancellationToken)
    {
        string data = Path.GetFullPath(options.DataDirectory);
        _lock = DataFolder.Lock(data);
        var configuration = new JsonObject { ["address"] = options.Address.ToString(), ["reserveBytes"] = options.ReserveBytes };
        if (options.DynamoDb is null)
        {
            configuration["dynamoDb"] = new JsonObject
            {
                ["directory"] = Path.Combine(data, "dynamodb"),
                ["port"] = options.FirstPort == 0 ? 0 : options.FirstPort + 1,
                ["ttlIntervalMs"] = options.TimeToLiveInterval.TotalMilliseconds,
            };
        }

        if (options.S3 is null)
        {
            configuration["s3"] = new JsonObject
            {
                ["directory"] = Path.Combine(data, "s3"),
                ["incoming"] = Path.Combine(data, "s3-incoming"),
                ["port"] = options.FirstPort,
                ["buckets"] = new JsonArray([.. Buckets(options.Stack).Select(bucket => new JsonObject { ["name"] = bucket.Name, ["cors"] = CorsXml(bucket.CorsRules) })]),
            };
        }

        JsonElement? listening = await LaunchAsync(options, configuration, cancellationToken);
        if (listening is null)
        {
            await _ended;
            throw new LocalHostException(LastErrors().Contains("EADDRINUSE", StringComparison.Ordinal)
                ? $"The local engines cannot listen: {LastErrors()}. End the program that uses the port, or choose another one with --port (make: PORT=)."
                : $"The local engines did not start. Fix this error, then try again: {LastErrors()}");
        }

        DynamoDb = options.DynamoDb ?? UrlOf("dynamoDb");
        S3 = options.S3 ?? UrlOf("s3");
        _supervision = SuperviseAsync(options, configuration);

        // When the engines are started again, they listen on the same ports.
        Uri UrlOf(string engine)
        {
            int port = listening.Value.GetProperty(engine).GetInt32();
            configuration[engine]!["port"] = port;
            return new UriBuilder("http", options.Address.ToString(), port).Uri;
        }
    }

    /// <returns>The ports that the process listens on; null if it has ended.</returns>
    private async Task<JsonElement?> LaunchAsync(EngineOptions options, JsonObject configuration, CancellationToken cancellationToken)
    {
        ImmutableCredentials keys = options.Credentials.GetCredentials();
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["engines.mjs", configuration.ToJsonString()])
            {
                WorkingDirectory = options.EnginesDirectory,
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["AWS_ACCESS_KEY_ID"] = keys.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = keys.SecretKey },
            },
        };
        process.Start();
        Interlocked.Exchange(ref _process, process)?.Dispose();
        _ended = EndAsync(process);
        string? ports = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return ports is null ? null : JsonElement.Parse(ports);
    }

    /// <summary>Starts the engines again whenever they end, until this instance is disposed or they do not start any more.</summary>
    private async Task SuperviseAsync(EngineOptions options, JsonObject configuration)
    {
        int failedStarts = 0;
        while (true)
        {
            int exitCode = await _ended;
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            if (failedStarts == MaxFailedStarts)
            {
                _failure.TrySetResult(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The local engines ended with exit code {exitCode} and cannot be started again. Your data is safe. Fix this error, then start the local host: {LastErrors()}"));
                return;
            }

            Print(string.Create(CultureInfo.InvariantCulture, $"The local engines ended with exit code {exitCode} and are started again. The reason: {LastError()}"));
            if (failedStarts > 0)
            {
                await Task.Delay(s_restartDelay, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            failedStarts = await LaunchAsync(options, configuration, CancellationToken.None) is null ? failedStarts + 1 : 0;
            if (_stopping.IsCancellationRequested)
            {
                _process!.StandardInput.Close();
            }
        }
    }

    /// <summary>Waits until a process has ended and its errors are read.</summary>
    /// <returns>Its exit code.</returns>
    private async Task<int> EndAsync(Process process)
    {
        await ReadErrorsAsync(process.StandardError);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    /// <summary>The bucket of photos and those of discarded records.</summary>
    private static IEnumerable<BucketDefinition> Buckets(StackDefinition stack) =>
    [
        stack.Bucket,
        .. stack.EventSources.Select(source => source.FailureBucket).OfType<string>().Distinct(StringComparer.Ordinal)
            .Select(name => new BucketDefinition(name, [])),
    ];

    /// <returns>The body of a PutBucketCors request; null when there are no rules.</returns>
    private static string? CorsXml(IReadOnlyList<BucketCorsRule> rules) => rules.Count == 0
        ? null
        : new XElement(
            "CORSConfiguration",
            rules.Select(rule => new XElement(
                "CORSRule",
                rule.AllowedOrigins.Select(origin => new XElement("AllowedOrigin", origin)),
                rule.AllowedMethods.Select(method => new XElement("AllowedMethod", method)),
                rule.AllowedHeaders.Select(header => new XElement("AllowedHeader", header)),
                rule.ExposedHeaders.Select(header => new XElement("ExposeHeader", header)),
                new XElement("MaxAgeSeconds", rule.MaxAgeSeconds)))).ToString(SaveOptions.DisableFormatting);

    private async Task ReadErrorsAsync(StreamReader errors)
    {
        while (await errors.ReadLineAsync() is { } line)
        {
            Print(line);
            lock (_lastErrors)
            {
                _lastErrors.Enqueue(line);
                if (_lastErrors.Count > KeptErrorLines)
                {
                    _lastErrors.Dequeue();
                }
            }
        }
    }

    private void Print(string line)
    {
        lock (_output)
        {
            _output.WriteLine(line);
        }
    }

    private string LastError()
    {
        lock (_lastErrors)
        {
            return _lastErrors.LastOrDefault("(none)");
        }
    }

    private string LastErrors()
    {
        lock (_lastErrors)
        {
            return _lastErrors.Count == 0 ? "(none)" : string.Join(" | ", _lastErrors.Select(line => line.Trim()));
        }
    }
}

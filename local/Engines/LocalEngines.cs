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
/// <param name="Credentials">The engines' credentials. The built-in S3 accepts only <see cref="LocalEngines.BuiltInCredentials"/>.</param>
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
}

/// <summary>DynamoDB and S3 on this machine, with the table and the buckets of the template.</summary>
internal sealed class LocalEngines : IAsyncDisposable
{
    /// <summary>The only account that the built-in S3 accepts.</summary>
    public const string AccessKeyId = "S3RVER";

    /// <inheritdoc cref="AccessKeyId"/>
    public const string SecretAccessKey = "S3RVER";

    private const int KeptErrorLines = 10;

    private static readonly TimeSpan s_gracePeriod = TimeSpan.FromSeconds(2);

    private readonly TextWriter _output;
    private readonly TaskCompletionSource<string> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lastErrors = new();
    private FileStream? _lock;
    private Process? _process;
    private Task _watch = Task.CompletedTask;
    private volatile bool _stopping;

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

    /// <summary>Completes when the built-in engines end unexpectedly, with a message for the user.</summary>
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
        _stopping = true;
        if (Interlocked.Exchange(ref _process, null) is { } process)
        {
            // engines.mjs exits at the end of its standard input.
            process.StandardInput.Close();
            if (await Task.WhenAny(_watch, Task.Delay(s_gracePeriod)) != _watch)
            {
                process.Kill(entireProcessTree: true);
                await _watch;
            }

            process.Dispose();
        }

        _lock?.Dispose();
    }

    private async Task StartBuiltInAsync(EngineOptions options, CancellationToken cancellationToken)
    {
        string data = Path.GetFullPath(options.DataDirectory);
        Directory.CreateDirectory(data);
        _lock = Lock(data);
        var configuration = new JsonObject { ["address"] = options.Address.ToString() };
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

        _process = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["engines.mjs", configuration.ToJsonString()])
            {
                WorkingDirectory = options.EnginesDirectory,
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.Start();
        _watch = WatchAsync(_process);
        string? ports = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        if (ports is null)
        {
            await _watch;
            throw new LocalHostException(LastErrors().Contains("EADDRINUSE", StringComparison.Ordinal)
                ? $"The local engines cannot listen: {LastErrors()}. End the program that uses the port, or choose another one with --port."
                : $"The local engines did not start. Fix this error, then try again: {LastErrors()}");
        }

        using JsonDocument listening = JsonDocument.Parse(ports);
        DynamoDb = options.DynamoDb ?? UrlOf("dynamoDb");
        S3 = options.S3 ?? UrlOf("s3");

        Uri UrlOf(string engine) => new UriBuilder("http", options.Address.ToString(), listening.RootElement.GetProperty(engine).GetInt32()).Uri;
    }

    /// <summary>The bucket of photos and those of discarded records.</summary>
    private static IEnumerable<BucketDefinition> Buckets(StackDefinition stack) =>
    [
        stack.Bucket,
        .. stack.EventSources.Select(source => source.FailureBucket).OfType<string>().Distinct(StringComparer.Ordinal)
            .Select(name => new BucketDefinition(name, [])),
    ];

    private static FileStream Lock(string data)
    {
        try
        {
            // The operating system releases the lock however this process ends.
            return new FileStream(Path.Combine(data, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new LocalHostException($"Another local host uses the folder {data}. End it, or choose another folder with --data.");
        }
    }

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

    private async Task WatchAsync(Process process)
    {
        await ReadErrorsAsync(process.StandardError);
        await process.WaitForExitAsync(CancellationToken.None);
        if (!_stopping)
        {
            _failure.TrySetResult(string.Create(
                CultureInfo.InvariantCulture,
                $"The local engines ended unexpectedly with exit code {process.ExitCode}. Your data is safe. Start the local host again. Their last errors: {LastErrors()}"));
        }
    }

    private async Task ReadErrorsAsync(StreamReader errors)
    {
        while (await errors.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.WriteLine(line);
            }

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

    private string LastErrors()
    {
        lock (_lastErrors)
        {
            return _lastErrors.Count == 0 ? "(none)" : string.Join(" | ", _lastErrors.Select(line => line.Trim()));
        }
    }
}

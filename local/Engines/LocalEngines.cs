using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.Runtime;
using Photos.Local.Template;

namespace Photos.Local.Engines;

/// <summary>What the engines are started with.</summary>
/// <param name="Stack">The table and the bucket.</param>
/// <param name="EnginesDirectory">The folder of <c>engines.mjs</c> and its lock file.</param>
/// <param name="DataDirectory">Where the built-in engines keep what they are given; made if it is not there.</param>
/// <param name="Address">Where the built-in engines listen.</param>
/// <param name="FirstPort">The port of the built-in S3, which presigned URLs carry; DynamoDB's is the next. 0 for any two.</param>
/// <param name="DynamoDb">An engine to use instead of the built-in one.</param>
/// <param name="S3">An engine to use instead of the built-in one.</param>
/// <param name="Credentials">What the engines take; the built-in S3 takes <see cref="LocalEngines.BuiltInCredentials"/> only.</param>
internal sealed record EngineOptions(
    StackDefinition Stack,
    string EnginesDirectory,
    string DataDirectory,
    IPAddress Address,
    int FirstPort,
    Uri? DynamoDb,
    Uri? S3,
    AWSCredentials Credentials);

/// <summary>The table and the bucket, on this machine.</summary>
internal sealed class LocalEngines : IAsyncDisposable
{
    /// <summary>The one account that the built-in S3 knows.</summary>
    internal const string AccessKeyId = "S3RVER";

    /// <inheritdoc cref="AccessKeyId"/>
    internal const string SecretAccessKey = "S3RVER";

    private const int KeptErrorLines = 10;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

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

    internal static AWSCredentials BuiltInCredentials { get; } = new BasicAWSCredentials(AccessKeyId, SecretAccessKey);

    internal Uri DynamoDb { get; private set; }

    internal Uri S3 { get; private set; }

    /// <summary>Completes when the built-in engines end by themselves, with a sentence that says so.</summary>
    internal Task<string> Failure => _failure.Task;

    /// <summary>Starts the engines that are not given, and sees to it that the table and the bucket are there.</summary>
    /// <exception cref="LocalHostException">An engine cannot be installed, started or reached.</exception>
    internal static async Task<LocalEngines> StartAsync(
        EngineOptions options,
        TextWriter output,
        CancellationToken cancellationToken)
    {
        LocalEngines engines = new(options.DynamoDb, options.S3, output);
        try
        {
            if (options.DynamoDb is null || options.S3 is null)
            {
                await EngineInstaller.EnsureInstalledAsync(options.EnginesDirectory, output, cancellationToken);
                await engines.StartBuiltInAsync(options, cancellationToken);
            }

            Provisioning provisioning = new(options.Credentials);
            await provisioning.CreateTableAsync(engines.DynamoDb, options.Stack.Table, cancellationToken);
            if (options.S3 is not null)
            {
                await provisioning.CreateBucketAsync(options.S3, options.Stack.Bucket, cancellationToken);
            }

            return engines;
        }
        catch
        {
            await engines.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the built-in engines; returns when they have gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        if (Interlocked.Exchange(ref _process, null) is { } process)
        {
            // The launcher ends when its standard input does.
            process.StandardInput.Close();
            if (await Task.WhenAny(_watch, Task.Delay(s_patience)) != _watch)
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
        JsonObject configuration = new() { ["address"] = options.Address.ToString() };
        if (options.DynamoDb is null)
        {
            configuration["dynamoDb"] = new JsonObject
            {
                ["directory"] = Path.Combine(data, "dynamodb"),
                ["port"] = options.FirstPort == 0 ? 0 : options.FirstPort + 1,
            };
        }

        if (options.S3 is null)
        {
            configuration["s3"] = new JsonObject
            {
                ["directory"] = Path.Combine(data, "s3"),
                ["incoming"] = Path.Combine(data, "s3-incoming"),
                ["port"] = options.FirstPort,
                ["bucket"] = options.Stack.Bucket.Name,
                ["cors"] = CorsXml(options.Stack.Bucket.CorsRules),
            };
        }

        _process = new()
        {
            StartInfo = new("node", ["engines.mjs", configuration.ToJsonString()])
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
                ? $"The local engines cannot listen: {LastErrors()}. End the program that does, or choose another port."
                : $"The local engines did not start: {LastErrors()}");
        }

        using JsonDocument listening = JsonDocument.Parse(ports);
        DynamoDb = options.DynamoDb ?? UrlOf("dynamoDb");
        S3 = options.S3 ?? UrlOf("s3");

        Uri UrlOf(string engine) => new UriBuilder("http", options.Address.ToString(), listening.RootElement.GetProperty(engine).GetInt32()).Uri;
    }

    private static FileStream Lock(string data)
    {
        try
        {
            // The system lets go of it however this process ends.
            return new(Path.Combine(data, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new LocalHostException($"Another local host works on {data}. End it, or choose another data directory.");
        }
    }

    /// <returns>The body of S3's PutBucketCors; null when there are no rules.</returns>
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
                $"The local engines ended with exit code {process.ExitCode}; the data is safe, start the local host again. Their last words: {LastErrors()}"));
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

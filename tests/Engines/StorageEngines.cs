using System.Net;
using Amazon.DynamoDBv2;
using Amazon.S3;
using Photos.Album;
using Photos.Aws;
using Photos.Local.Engines;
using Photos.Local.Template;
using Photos.Net;
using Photos.Ops;

namespace Photos.Tests.Engines;

/// <summary>The table and the bucket of <c>template.yaml</c> on the local engines, for the tests of the storage classes.</summary>
public sealed class StorageEngines : IAsyncLifetime
{
    private const string Region = "us-east-1";

    private static readonly StackDefinition s_stack = TemplateReader.Read(Repository.Template, Region);

    private readonly TemporaryFolder _data = new();
    private LocalEngines? _engines;
    private AlbumSettings? _settings;

    /// <summary>The settings that a function would read from its environment.</summary>
    public AlbumSettings Settings => _settings ?? throw new InvalidOperationException("The engines have not been started.");

    /// <summary>How often DynamoDB deletes expired items.</summary>
    internal TimeSpan TimeToLiveInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The ARN of the table's stream.</summary>
    internal string StreamArn => _engines!.StreamArn!;

    /// <summary>The file in which S3 stores an object of the bucket of photos.</summary>
    internal string FileOf(string key) => Path.Combine(_data.Path, "s3", Settings.Bucket, $"{key}._S3rver_object");

    /// <summary>Clients of the SDK, for the operators' commands.</summary>
    /// <param name="dynamoDb">The endpoint, if it is not the engine's own.</param>
    /// <param name="s3">The endpoint, if it is not the engine's own.</param>
    internal Deployment Connect(Uri? dynamoDb = null, Uri? s3 = null)
    {
        var table = new AmazonDynamoDBConfig { ServiceURL = dynamoDb?.AbsoluteUri ?? Settings.Aws.DynamoDbEndpoint!.Origin, AuthenticationRegion = Region };
        var buckets = new AmazonS3Config { ServiceURL = s3?.AbsoluteUri ?? Settings.Aws.S3Endpoint!.Origin, AuthenticationRegion = Region, ForcePathStyle = true };
        return new Deployment(
            new AmazonDynamoDBClient(LocalEngines.BuiltInCredentials, table),
            Settings.Table,
            new AmazonS3Client(LocalEngines.BuiltInCredentials, buckets),
            Settings.Bucket,
            s_stack.EventSources[0].FailureBucket!,
            new NoFunctions());
    }

    private sealed class NoFunctions : IStreamFunctions
    {
        public Task<FunctionResult> InvokeAsync(string function, string streamEvent, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The engines run no functions.");

        public ValueTask DisposeAsync() => default;
    }

    public async ValueTask InitializeAsync()
    {
        var options = new EngineOptions(
            s_stack, Path.Combine(Repository.Root, "local", "Engines"), _data.Path, IPAddress.Loopback, FirstPort: 0, DynamoDb: null, S3: null, LocalEngines.BuiltInCredentials)
        {
            TimeToLiveInterval = TimeToLiveInterval,
        };
        _engines = await LocalEngines.StartAsync(options, TextWriter.Null, CancellationToken.None);
        var aws = new AwsSettings(
            Region, LocalEngines.AccessKeyId, LocalEngines.SecretAccessKey,
            SessionToken: null, _engines.DynamoDb.ToEndpoint(), _engines.S3.ToEndpoint(), new ServerTrust(rootsFile: null));
        _settings = new AlbumSettings(s_stack.Table.Name, s_stack.Bucket.Name, aws);
    }

    public async ValueTask DisposeAsync()
    {
        if (_engines is not null)
        {
            await _engines.DisposeAsync();
        }

        _data.Dispose();
    }
}

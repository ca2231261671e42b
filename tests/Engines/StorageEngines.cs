using System.Net;
using Photos.Album;
using Photos.Aws;
using Photos.Local.Engines;
using Photos.Local.Template;
using Photos.Net;

namespace Photos.Tests.Engines;

/// <summary>The table and the bucket of <c>template.yaml</c> on the local engines, for the tests of the storage classes.</summary>
public sealed class StorageEngines : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private LocalEngines? _engines;
    private AlbumSettings? _settings;

    /// <summary>The settings that a function would read from its environment.</summary>
    public AlbumSettings Settings => _settings ?? throw new InvalidOperationException("The engines have not been started.");

    /// <summary>The ARN of the table's stream.</summary>
    internal string StreamArn => _engines!.StreamArn!;

    /// <summary>The file in which S3 stores an object of the bucket of photos.</summary>
    internal string FileOf(string key) => Path.Combine(_data.Path, "s3", Settings.Bucket, $"{key}._S3rver_object");

    public async ValueTask InitializeAsync()
    {
        StackDefinition stack = TemplateReader.Read(Repository.Template, "us-east-1");
        var options = new EngineOptions(
            stack, Path.Combine(Repository.Root, "local", "Engines"), _data.Path, IPAddress.Loopback, FirstPort: 0, DynamoDb: null, S3: null, LocalEngines.BuiltInCredentials)
        {
            TimeToLiveInterval = TimeSpan.FromMilliseconds(200),
        };
        _engines = await LocalEngines.StartAsync(options, TextWriter.Null, CancellationToken.None);
        var aws = new AwsSettings(
            "us-east-1", LocalEngines.AccessKeyId, LocalEngines.SecretAccessKey,
            SessionToken: null, _engines.DynamoDb, _engines.S3, new ServerTrust(rootsFile: null));
        _settings = new AlbumSettings(stack.Table.Name, stack.Bucket.Name, aws);
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

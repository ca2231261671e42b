using System.Globalization;
using System.Runtime.Versioning;
using Amazon.DynamoDBv2.Model;
using Amazon.S3.Model;
using Photos.Album;
using Photos.Local;
using Photos.Local.Engines;
using Photos.Local.Lambda;
using Photos.Local.Template;
using Photos.Ops;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.Engines;

namespace Photos.Tests.Ops;

/// <summary>
/// The table and the bucket on real engines, with a proxy in front of each, the binary of SweepPhoto, and the event source mapping
/// of the template. Tests change items and objects as the functions do.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class OpsAlbum : IAsyncDisposable
{
    /// <summary>How often the mapping retries a batch.</summary>
    public const int MaxRetries = 2;

    private const string User = "ops";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly string s_program = typeof(BucketAudit).Assembly.Location;

    private readonly StorageEngines _engines = new() { TimeToLiveInterval = TimeSpan.FromMilliseconds(200) };
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StackDefinition _stack = TemplateReader.Read(Repository.Template, "us-east-1");
    private FaultProxy? _table;
    private FaultProxy? _bucket;
    private Deployment? _deployment;
    private FunctionPool? _pool;

    private OpsAlbum()
    {
    }

    /// <summary>The clients of the engines themselves.</summary>
    public Deployment Direct { get; private set; } = null!;

    /// <summary>The clients of the proxies.</summary>
    public Deployment Deployment => _deployment!;

    /// <summary>The mapping of the template, with fewer and faster retries.</summary>
    public EventSourceDefinition Source => _stack.EventSources[0] with { BatchingWindow = TimeSpan.Zero, MaxRetries = MaxRetries };

    /// <summary>Handles the requests to the proxies; <see langword="null"/> to forward them.</summary>
    public Interceptor? Interceptor { get; set; }

    /// <summary>Further environment variables of the commands.</summary>
    public List<(string Name, string Value)> Variables { get; } = [];

    public string StreamArn => _engines.StreamArn;

    /// <summary>What the function and the event source have logged.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <param name="table">The table of the functions, if it is not that of the template.</param>
    public static async Task<OpsAlbum> StartAsync(string? table = null)
    {
        var album = new OpsAlbum();
        await album._engines.InitializeAsync();
        album._table = new FaultProxy(album._engines.Settings.Aws.DynamoDbEndpoint!.ToUri(), _ => album.Interceptor);
        album._bucket = new FaultProxy(album._engines.Settings.Aws.S3Endpoint!.ToUri(), _ => album.Interceptor);
        album._table.Start();
        album._bucket.Start();
        album.Direct = album._engines.Connect();
        album._deployment = album._engines.Connect(new Uri(album._table.Url), new Uri(album._bucket.Url));

        // A folder of its own, so that a test can tell the function's process from those of other tests.
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Functions, album.Source.Function)))
        {
            Directory.CreateDirectory(album.FunctionFolder);
            File.Copy(file, Path.Combine(album.FunctionFolder, Path.GetFileName(file)));
        }

        FunctionDefinition sweepPhoto = album._stack.Functions.Single(function => function.Name == album.Source.Function);
        var environment = new Dictionary<string, string>(sweepPhoto.Environment, StringComparer.Ordinal) { ["PHOTO_TABLE"] = table ?? album._stack.Table.Name };
        album._pool = new FunctionPool(
            sweepPhoto with { Environment = environment },
            album.FunctionFolder,
            LocalHost.SharedVariables("us-east-1", new Uri(album._table.Url), new Uri(album._bucket.Url), LocalEngines.BuiltInCredentials),
            album._output);
        return album;
    }

    private string FunctionFolder => Path.Combine(_folder.Path, Source.Function);

    public async ValueTask DisposeAsync()
    {
        await (_pool?.DisposeAsync() ?? default);
        await Direct.DisposeAsync();
        await Deployment.DisposeAsync();
        await (_table?.DisposeAsync() ?? default);
        await (_bucket?.DisposeAsync() ?? default);
        await _engines.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Runs a command as an operator does, on the proxies.</summary>
    public Task<ToolResult> RunAsync(params string[] arguments) => Tool.RunAsync(
        "dotnet",
        [s_program, .. arguments],
        [
            .. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(one => ((string)one.Key, (string)one.Value!)),
            ("AWS_ENDPOINT_URL_DYNAMODB", _table!.Url),
            ("AWS_ENDPOINT_URL_S3", _bucket!.Url),
            ("AWS_ACCESS_KEY_ID", LocalEngines.AccessKeyId),
            ("AWS_SECRET_ACCESS_KEY", LocalEngines.SecretAccessKey),
            .. Variables,
        ]);

    /// <summary>Replays as an operator does.</summary>
    public Task<ToolResult> ReplayAsync() => RunAsync("replay", "--functions", _folder.Path);

    /// <summary>Audits in this process.</summary>
    /// <param name="deployment">The clients: those of the engines, or those of the proxies.</param>
    /// <param name="repairs">Whether it repairs.</param>
    public static async Task<List<Finding>> AuditAsync(Deployment deployment, bool repairs = false)
    {
        List<Finding> findings = [];
        var audit = new BucketAudit(deployment, repairs, finding =>
        {
            lock (findings)
            {
                findings.Add(finding);
            }
        });
        await audit.RunAsync(TestContext.Current.CancellationToken);
        return [.. findings.OrderBy(finding => finding.Key, StringComparer.Ordinal)];
    }

    /// <summary>Starts the mapping, which invokes SweepPhoto with the records of the stream.</summary>
    public EventSources StartSweeps(EventSourceDefinition source, string? streamArn = null, bool isThrottled = false) => EventSources.Start(
        new EventSourceOptions(
            [source],
            _engines.Settings.Aws.DynamoDbEndpoint!.ToUri(),
            _engines.Settings.Aws.S3Endpoint!.ToUri(),
            LocalEngines.BuiltInCredentials,
            "us-east-1",
            streamArn ?? StreamArn,
            Path.Combine(_folder.Path, "event-sources"),
            (_, payload, cancellationToken) => isThrottled
                ? throw new LocalHostException("Rate Exceeded.")
                : _pool!.InvokeAsync(payload, cancellationToken),
            (_, _, _) => { })
        {
            Delays = new EventSourceDelays(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)),
        },
        _output);

    /// <summary>Kills SweepPhoto, and waits until it has ended.</summary>
    public async Task KillSweepPhotoAsync()
    {
        string bootstrap = Path.Combine(FunctionFolder, "bootstrap");
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                if (File.ResolveLinkTarget(Path.Combine(folder, "exe"), returnFinalTarget: false)?.FullName == bootstrap)
                {
                    using var process = System.Diagnostics.Process.GetProcessById(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
                    process.Kill();
                    await process.WaitForExitAsync();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
            {
                // The process has ended, or is another user's.
            }
        }
    }

    public static string NewId() => PhotoId.Create(DateTimeOffset.UtcNow).Value;

    /// <summary>The key of a photo's object.</summary>
    public static string KeyOf(string id) => $"private/{User}/{id}";

    /// <summary>The key of a photo's item.</summary>
    public static Dictionary<string, AttributeValue> ItemKeyOf(string id) => new()
    {
        [PhotoItem.User] = new(User),
        [PhotoItem.Id] = new(id),
    };

    /// <summary>The item of a photo in a state; <see langword="null"/> for a listed one.</summary>
    public static Dictionary<string, AttributeValue> ItemOf(string id, string? state, DateTimeOffset? expires = null)
    {
        Dictionary<string, AttributeValue> item = PhotoItem.Of(Parse(User), new Photo(PhotoId.Parse(id), "photo.jpg", "2026-11-24T05:00:00.000Z", 5, "image/jpeg"));
        if (state is not null)
        {
            item[PhotoItem.State] = new(state);
            item[PhotoItem.Expires] = PhotoItem.Time(expires ?? DateTimeOffset.UtcNow.AddDays(1));
        }

        return item;
    }

    public Task PutItemAsync(string id, string? state = null, DateTimeOffset? expires = null) =>
        Direct.DynamoDb.PutItemAsync(Direct.Table, ItemOf(id, state, expires));

    public async Task DeletePhotoAsync(string id)
    {
        await PutItemAsync(id, PhotoItem.Deleted);
        await DeleteObjectAsync(KeyOf(id));
    }

    public Task DeleteItemAsync(string id) => Direct.DynamoDb.DeleteItemAsync(Direct.Table, ItemKeyOf(id));

    public async Task<Dictionary<string, AttributeValue>?> ItemAsync(string id) =>
        (await Direct.DynamoDb.GetItemAsync(Direct.Table, ItemKeyOf(id))) is { IsItemSet: true } response ? response.Item : null;

    public Task PutDiscardedAsync(string key, string content) => Direct.S3.PutObjectAsync(
        new PutObjectRequest { BucketName = Direct.FailureBucket, Key = key, ContentBody = content, UseChunkEncoding = false });

    public Task PutObjectAsync(string key) => Direct.S3.PutObjectAsync(
        new PutObjectRequest { BucketName = Direct.Bucket, Key = key, ContentBody = "photo", UseChunkEncoding = false });

    /// <summary>Stores an object that was last modified some time ago.</summary>
    public async Task PutObjectAsync(string key, TimeSpan age)
    {
        await PutObjectAsync(key);
        File.SetLastWriteTimeUtc(_engines.FileOf(key), DateTime.UtcNow - age);
    }

    /// <summary>Stores objects as copies of the first one's files, because thousands of requests would take minutes under load.</summary>
    public async Task PutObjectsAsync(string[] keys)
    {
        await PutObjectAsync(keys[0]);
        string file = _engines.FileOf(keys[0]);
        foreach (string source in Directory.EnumerateFiles(Path.GetDirectoryName(file)!, $"{Path.GetFileNameWithoutExtension(file)}.*"))
        {
            foreach (string copy in keys[1..].Select(key => Path.ChangeExtension(_engines.FileOf(key), null) + source[file.LastIndexOf('.')..]))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(source, copy);
            }
        }
    }

    public Task DeleteObjectAsync(string key) => Direct.S3.DeleteObjectAsync(Direct.Bucket, key);

    public bool HasObject(string key) => File.Exists(_engines.FileOf(key));

    /// <summary>The objects in the bucket of discarded records, by their keys.</summary>
    public async Task<Dictionary<string, string>> DiscardedAsync()
    {
        Dictionary<string, string> discarded = [];
        ListObjectsV2Response page = await Direct.S3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Direct.FailureBucket });
        foreach (S3Object one in page.S3Objects ?? [])
        {
            using GetObjectResponse response = await Direct.S3.GetObjectAsync(Direct.FailureBucket, one.Key);
            using var reader = new StreamReader(response.ResponseStream);
            discarded.Add(one.Key, await reader.ReadToEndAsync());
        }

        return discarded;
    }

    /// <summary>Waits until a condition holds.</summary>
    public async Task WaitAsync(Func<Task<bool>> holds)
    {
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; !await holds();)
        {
            Assert.True(Environment.TickCount64 < end, $"It did not happen within {s_patience}:\n{Output}");
            await Task.Delay(20);
        }
    }

    private static UserId Parse(string user) => UserId.TryParse(user, out UserId parsed) ? parsed : throw new ArgumentException(user, nameof(user));
}

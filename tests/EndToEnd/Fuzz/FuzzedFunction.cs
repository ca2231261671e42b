using Photos.Bench;
using Photos.Bench.Lambda;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>A deployed binary that is invoked again and again, with its storage and every byte that it logs.</summary>
internal sealed class FuzzedFunction : IDisposable
{
    public const string SecretAccessKey = "FUZZ/SECRET+ACCESS/KEY";
    public const string SessionToken = "FUZZ/SESSION+TOKEN==";
    public const long MaxPhotoBytes = 26_214_400;
    public const string Table = "photoUsers";
    public const string Bucket = "photos";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();
    private readonly FileStream _log;
    private readonly RunningFunction _function;

    public FuzzedFunction(string name, string logFormat)
    {
        string log = Path.Combine(_folder.Path, "log");
        _log = new FileStream(log, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        string binary = Path.Combine(Repository.Functions, name, "bootstrap");
        var environment = new Dictionary<string, string>
        {
            ["AWS_REGION"] = "us-east-1",
            ["AWS_ACCESS_KEY_ID"] = "AKIDFUZZ",
            ["AWS_SECRET_ACCESS_KEY"] = SecretAccessKey,
            ["AWS_SESSION_TOKEN"] = SessionToken,
            ["AWS_ENDPOINT_URL_DYNAMODB"] = Storage.Address,
            ["AWS_ENDPOINT_URL_S3"] = Storage.Address,
            ["AWS_LAMBDA_LOG_FORMAT"] = logFormat,
            ["AWS_LAMBDA_LOG_LEVEL"] = "TRACE",
            ["PHOTO_TABLE"] = Table,
            ["PHOTO_BUCKET"] = Bucket,
            ["ALLOWED_ORIGIN"] = "*",
            ["MAX_PHOTO_BYTES"] = "26214400",
            ["PHOTOS_WARMUP"] = "off",
        };

        // To a file, not a pipe: what was written before an answer is there when the answer is.
        string[] command = ["/bin/sh", "-c", "exec \"$0\" >>\"$1\"", binary, log];
        _function = new RunningFunction(name, new Launch(command, binary, environment), new Dictionary<string, string>(), s_limit);
    }

    public StorageStandIn Storage { get; } = new();

    public string RequestId => _function.RequestId;

    public Holdings Holdings => Holdings.Of(_function.ProcessId);

    /// <returns>The response.</returns>
    /// <exception cref="BenchException">The process ended, reported an error, or was later than its deadline.</exception>
    public byte[] Invoke(byte[] payload)
    {
        _function.Invoke(payload);
        return _function.Response;
    }

    /// <summary>What it has logged since the last call.</summary>
    public byte[] TakeLog()
    {
        byte[] log = new byte[_log.Length];
        _log.Position = 0;
        _log.ReadExactly(log);
        if (log.Length > 0)
        {
            // Nothing is written between a response and the next event.
            _log.SetLength(0);
        }

        return log;
    }

    public void Dispose()
    {
        _function.Dispose();
        Storage.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }
}

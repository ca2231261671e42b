using System.Text;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>A deployable binary that is invoked many times, with its storage and everything that it logs.</summary>
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
    private readonly Func<RunningFunction> _start;
    private RunningFunction _function;

    public FuzzedFunction(string name, string logFormat)
    {
        string log = Path.Combine(_folder.Path, "log");
        Directory.CreateDirectory(TemporaryFiles);
        _log = new FileStream(log, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        string folder = Path.Combine(Repository.Functions, name);
        Dictionary<string, string> environment = LambdaEnvironment.Create(
            name,
            Storage.Address,
            ("AWS_ACCESS_KEY_ID", "AKIDFUZZ"),
            ("AWS_SECRET_ACCESS_KEY", SecretAccessKey),
            ("AWS_SESSION_TOKEN", SessionToken),
            ("AWS_LAMBDA_LOG_FORMAT", logFormat),
            ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
            ("PHOTO_TABLE", Table),
            ("PHOTO_BUCKET", Bucket),
            ("MAX_PHOTO_BYTES", $"{MaxPhotoBytes}"),
            ("PHOTOS_WARMUP", "off"),
            ("TMPDIR", TemporaryFiles));

        // To a file, not to a pipe: whatever was written before a response is there when the response arrives.
        string[] command = ["/bin/sh", "-c", "exec \"$0\" >>\"$1\"", Path.Combine(folder, "bootstrap"), log];
        _start = () => new RunningFunction(name, command, folder, environment, s_limit);
        _function = _start();
    }

    public StorageStandIn Storage { get; } = new();

    public string RequestId => _function.RequestId;

    /// <summary>The function's folder for temporary files, which it must leave empty.</summary>
    public string TemporaryFiles => Path.Combine(_folder.Path, "tmp");

    public ResourceUsage ResourceUsage => ResourceUsage.Of(_function.ProcessId);

    /// <summary>
    /// Sends the process one event. As Lambda does, this method starts another process if the last one has ended itself because its
    /// credentials had expired.
    /// </summary>
    /// <returns>The response.</returns>
    /// <exception cref="FunctionFailedException">The process ended for another reason, reported an error, or missed its deadline.</exception>
    public byte[] Invoke(byte[] payload)
    {
        try
        {
            _function.Invoke(payload);
        }
        catch (FunctionFailedException) when (Encoding.UTF8.GetString(TakeLog()).Contains("The credentials have expired.", StringComparison.Ordinal))
        {
            _function.Dispose();
            _function = _start();
            _function.Invoke(payload);
        }

        return _function.Response;
    }

    /// <summary>Returns what the process has logged since the last call.</summary>
    public byte[] TakeLog()
    {
        byte[] log = new byte[_log.Length];
        _log.Position = 0;
        _log.ReadExactly(log);
        if (log.Length > 0)
        {
            // The process writes nothing between a response and the next event.
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

using System.Text;
using System.Text.Json;
using Album.Net;

namespace Album.Storage;

/// <summary>
/// Sends signed requests to one service of AWS, over one connection, and again where a repeat may help. It stands in for the
/// SDK's pipeline, which docs/cold-start.md weighs.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html: the standard mode, as in the SDKs.</remarks>
internal sealed class AwsClient
{
    private const int Tries = 3;

    // Three tries of this length, with their pauses, end before a function's time-out of 10 s and its margin.
    private static readonly TimeSpan s_tryTimeout = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan s_longestFirstPause = TimeSpan.FromMilliseconds(50);

    private readonly string _host;
    private readonly StorageSettings _settings;
    private readonly SigningKey _key;
    private readonly HttpConnection _connection;

    private AwsClient(string host, StorageSettings settings, SigningKey key, HttpConnection connection)
    {
        _host = host;
        _settings = settings;
        _key = key;
        _connection = connection;
    }

    /// <summary>A client that lives as long as the process does.</summary>
    /// <param name="service">As signatures name it.</param>
    /// <param name="endpoint">Where it is; http or https.</param>
    /// <param name="settings">Whose credentials sign, and whom to trust.</param>
    public static AwsClient Create(string service, Uri endpoint, StorageSettings settings)
    {
        ServerTrust? trust = endpoint.Scheme == Uri.UriSchemeHttps ? new ServerTrust(settings.RootsFile) : null;
        return new AwsClient(
            endpoint.IsDefaultPort ? endpoint.Host : endpoint.Authority,
            settings,
            new SigningKey(settings, service),
            new HttpConnection(endpoint.IdnHost, endpoint.Port, trust, s_tryTimeout));
    }

    /// <summary>Sends a request.</summary>
    /// <returns>The answer, whatever its status. Valid until the next request.</returns>
    /// <exception cref="IOException">The service is away, too slow, or sends what is no HTTP.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public AwsAnswer Send(AwsRequest request, CancellationToken cancellationToken)
    {
        for (int tried = 1; ; tried++)
        {
            try
            {
                byte[] head = request.ToHead(_host, _settings, _key, DateTime.UtcNow);
                var answer = new AwsAnswer(_connection.Exchange(head, request.Body.Span, cancellationToken), _connection);
                if (tried == Tries || !StorageFault.IsPassing(answer))
                {
                    return answer;
                }
            }
            catch (IOException) when (tried < Tries)
            {
                // Away or too slow: tried again.
            }

            Pause(tried, cancellationToken);
        }
    }

    private static void Pause(int tried, CancellationToken cancellationToken)
    {
        TimeSpan longest = s_longestFirstPause * (1 << (tried - 1));
        cancellationToken.WaitHandle.WaitOne(longest * Random.Shared.NextDouble());
        cancellationToken.ThrowIfCancellationRequested();
    }
}

/// <summary>A service's answer. Valid until the next request.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="connection">Has the rest.</param>
internal readonly struct AwsAnswer(int status, HttpConnection connection)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Whether the status says so.</summary>
    public bool IsSuccess => status is >= 200 and < 300;

    /// <summary>The body.</summary>
    public ArraySegment<byte> Body => connection.Body;

    /// <inheritdoc cref="HttpConnection.Header"/>
    public string? Header(ReadOnlySpan<byte> name) => connection.Header(name);

    /// <summary>
    /// The service's name for what is wrong: DynamoDB's <c>__type</c> without its prefix, S3's <c>Code</c>;
    /// <see langword="null"/> where there is none, as in every answer to HEAD.
    /// </summary>
    public string? ErrorCode()
    {
        if (Header("content-type"u8)?.Contains("json", StringComparison.Ordinal) != true)
        {
            string xml = Encoding.UTF8.GetString(Body);
            int start = xml.IndexOf("<Code>", StringComparison.Ordinal) + "<Code>".Length;
            int end = xml.IndexOf("</Code>", StringComparison.Ordinal);
            return start <= end ? xml[start..end] : null;
        }

        try
        {
            using var error = JsonDocument.Parse(Body);
            return error.RootElement.TryGetProperty("__type"u8, out JsonElement type) && type.GetString() is string name
                ? name[(name.IndexOf('#', StringComparison.Ordinal) + 1)..]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The exception for an answer that nobody expected.</summary>
    public AwsException ToException() => new(status, ErrorCode(), Encoding.UTF8.GetString(Body));
}

/// <summary>AWS refused a request.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The service's name for what is wrong.</param>
/// <param name="body">What it said.</param>
internal sealed class AwsException(int status, string? code, string body) : Exception($"AWS answered {status} {code}: {body}")
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>The service's name for what is wrong.</summary>
    public string? Code => code;
}

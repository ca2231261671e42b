using Album.Net;

namespace Album.Storage;

/// <summary>
/// Sends signed requests to one service of AWS, over one connection, and again where a repeat may help. It stands in for the
/// SDK's pipeline, which docs/cold-start.md weighs.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html: the standard mode, as in the SDKs.</remarks>
internal sealed class AwsClient
{
    /// <summary>How often a request is sent at the most.</summary>
    internal const int Tries = 3;

    /// <summary>How long one try may wait, once the host's address is known; the template's <c>RES_OPTIONS</c> limit how long that takes.</summary>
    internal static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(2.5);

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
        ServerTrust? trust = endpoint.Scheme == Uri.UriSchemeHttps ? settings.Trust : null;
        return new AwsClient(
            endpoint.IsDefaultPort ? endpoint.Host : endpoint.Authority,
            settings,
            new SigningKey(settings, service),
            new HttpConnection(endpoint.IdnHost, endpoint.Port, trust, TryTimeout));
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
                var answer = new AwsAnswer(_connection.Exchange(head, request.Body.Span, cancellationToken), _connection, isRepeat: tried > 1);
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

using Photos.Net;

namespace Photos.Aws;

/// <summary>
/// Sends signed requests to one AWS service over one connection, and retries transient failures. It replaces the SDK's
/// pipeline; docs/cold-start.md says what that saves.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html: the SDKs' standard mode.</remarks>
internal sealed class AwsClient
{
    /// <summary>How often a request is sent at most. A correction of the clock allows for one more.</summary>
    internal const int MaxAttempts = 3;

    /// <summary>
    /// How long one attempt may wait once the host's address is known. The template's <c>RES_OPTIONS</c> limits the time that
    /// name resolution takes.
    /// </summary>
    internal static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(2.5);

    private static readonly TimeSpan s_longestFirstPause = TimeSpan.FromMilliseconds(50);

    private readonly string _host;
    private readonly AwsSettings _settings;
    private readonly SigV4 _signature;
    private readonly HttpConnection _connection;

    private AwsClient(string host, AwsSettings settings, SigV4 signature, HttpConnection connection)
    {
        _host = host;
        _settings = settings;
        _signature = signature;
        _connection = connection;
    }

    /// <summary>Creates a client that lives as long as the process.</summary>
    /// <param name="service">The service's name in signatures.</param>
    /// <param name="endpoint">The service's endpoint.</param>
    /// <param name="settings">The credentials and the trusted roots.</param>
    public static AwsClient Create(string service, ServiceEndpoint endpoint, AwsSettings settings)
    {
        ServerTrust? trust = endpoint.IsSecure ? settings.Trust : null;
        return new AwsClient(
            endpoint.Authority,
            settings,
            new SigV4(settings, service),
            new HttpConnection(endpoint.Host, endpoint.Port, trust, AttemptTimeout));
    }

    /// <summary>Sends a request.</summary>
    /// <returns>The response, whatever its status. Valid until the next request.</returns>
    /// <exception cref="IOException">The service is unreachable, too slow, or violates HTTP.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public AwsResponse Send(AwsRequest request, CancellationToken cancellationToken)
    {
        int maxAttempts = MaxAttempts;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                byte[] head = request.ToHead(_host, _settings.SessionToken, _signature, _settings.Signing.UtcNow);
                int status = _connection.Exchange(head, request.Body.Span, cancellationToken);
                var response = new AwsResponse(status, _connection, isRepeat: attempt > 1, _settings.Signing.IsNew);
                if (response.IsSuccess)
                {
                    return response;
                }

                string? code = response.Status is 400 or 403 or 409 ? response.ErrorCode() : null;
                if (maxAttempts == MaxAttempts && CorrectsClock(response, code))
                {
                    // Otherwise a wrong clock that shows on the last attempt would be an error that a retry would not mend.
                    maxAttempts++;
                }
                else if (!MaySucceed(response, code) || attempt >= maxAttempts)
                {
                    return response;
                }
            }
            catch (IOException) when (attempt < maxAttempts)
            {
                // Unreachable or too slow: retried.
            }

            Pause(attempt, cancellationToken);
        }
    }

    /// <summary>Whether the request may succeed when this process sends it again.</summary>
    private bool MaySucceed(AwsResponse response, string? code)
    {
        if (TransientErrors.AreExpiredCredentials(response.Status, code))
        {
            if (code is not null || response.Body.Count == 0)
            {
                _settings.Signing.Expire();
            }

            return false;
        }

        return TransientErrors.Include(response.Status, code);
    }

    private bool CorrectsClock(AwsResponse response, string? code) =>
        TransientErrors.MayBeClockSkew(response.Status, code) && _settings.Signing.TryFollow(response.Header("date"u8));

    private static void Pause(int attempt, CancellationToken cancellationToken)
    {
        TimeSpan longest = s_longestFirstPause * (1 << (attempt - 1));
        cancellationToken.WaitHandle.WaitOne(longest * Random.Shared.NextDouble());
        cancellationToken.ThrowIfCancellationRequested();
    }
}

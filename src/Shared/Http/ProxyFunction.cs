using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Album.Photos;
using Album.Runtime;
using Album.Telemetry;

namespace Album.Http;

/// <summary>Answers one request of the API.</summary>
public delegate ProxyResponse ProxyHandler(ProxyRequest request, CancellationToken cancellationToken);

/// <summary>Puts HTTP between the runtime and a handler: whatever happens, the client gets an answer in JSON.</summary>
public sealed class ProxyFunction
{
    private readonly ProxyHandler _handler;
    private readonly string _allowedOrigin;
    private readonly string? _developmentUser;
    private readonly FunctionLog _log;

    /// <param name="handler">Answers the requests; refuses with <see cref="PhotoException"/>.</param>
    /// <param name="environment">
    /// <c>ALLOWED_ORIGIN</c>, the origin that may read the answers, or <c>*</c>; under <c>sam local</c>, and nowhere else,
    /// <c>PHOTOS_DEVELOPMENT_USER</c>, the user of a request without claims.
    /// </param>
    /// <param name="log">Takes the faults that the client is not told.</param>
    /// <exception cref="FunctionEnvironmentException"><c>ALLOWED_ORIGIN</c> is missing.</exception>
    public ProxyFunction(ProxyHandler handler, FunctionEnvironment environment, FunctionLog log)
    {
        _handler = handler;
        _allowedOrigin = environment.Required("ALLOWED_ORIGIN");

        // SAM's local API asks no authorizer; it alone sets this variable.
        // https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-local-start-api.html
        _developmentUser = environment.Optional("AWS_SAM_LOCAL") == "true" ? environment.Optional("PHOTOS_DEVELOPMENT_USER") : null;
        _log = log;
    }

    /// <inheritdoc cref="InvocationHandler"/>
    public void Invoke(Invocation invocation, IBufferWriter<byte> response, CancellationToken cancellationToken) =>
        Answer(invocation.Payload, cancellationToken).WriteTo(response, _allowedOrigin);

    /// <summary>Handles an event of our own as if it had been asked, and drops the answer.</summary>
    /// <param name="proxyEvent">The event's bytes.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public void WarmUp(ReadOnlyMemory<byte> proxyEvent, CancellationToken cancellationToken) =>
        Answer(proxyEvent, cancellationToken).WriteTo(new ArrayBufferWriter<byte>(), _allowedOrigin);

    private ProxyResponse Answer(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            return Read(payload) is ProxyRequest request
                ? _handler(request, cancellationToken)
                : ErrorResponse.NotAProxyEvent();
        }
        catch (PhotoException e)
        {
            LogLevel level = e.Fault == PhotoFault.StorageUnavailable ? LogLevel.Warn : LogLevel.Debug;
            _log.Write(level, "The request was refused.", e);
            return ErrorResponse.For(e);
        }
        catch (Exception e)
        {
            _log.Write(LogLevel.Error, "The request failed.", e);
            return ErrorResponse.Internal();
        }
    }

    private ProxyRequest? Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return ProxyRequest.Parse(payload, _developmentUser);
        }
        catch (JsonException e)
        {
            // Not the exception itself: its message may quote the rest of the event, with the token in its headers.
            string where = e.Path ?? string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber}, byte {e.BytePositionInLine}");
            _log.Write(LogLevel.Warn, $"The event is no proxy event: {where}.");
            return null;
        }
    }
}

using System.Globalization;
using System.Text.Json;
using Photos.Album;
using Photos.Runtime;

namespace Photos.Api;

/// <summary>Handles one request to the API.</summary>
public delegate ProxyResponse ProxyHandler(ProxyRequest request, CancellationToken cancellationToken);

/// <summary>Connects the runtime to an HTTP handler. Whatever happens, the client gets a JSON response.</summary>
public sealed class ProxyFunction
{
    private readonly ProxyHandler _handler;
    private readonly string _allowedOrigin;
    private readonly string? _developmentUser;
    private readonly FunctionLog _log;

    /// <param name="handler">Handles the requests; throws <see cref="PhotoException"/> to refuse one.</param>
    /// <param name="environment">
    /// <c>ALLOWED_ORIGIN</c>, the origin that may read the responses, or <c>*</c>; and, under <c>sam local</c> only,
    /// <c>PHOTOS_DEVELOPMENT_USER</c>, the user of a request without claims.
    /// </param>
    /// <param name="log">Receives the errors that the client does not see.</param>
    /// <exception cref="FunctionEnvironmentException"><c>ALLOWED_ORIGIN</c> is missing.</exception>
    public ProxyFunction(ProxyHandler handler, FunctionEnvironment environment, FunctionLog log)
    {
        _handler = handler;
        _allowedOrigin = environment.Required("ALLOWED_ORIGIN");

        // SAM's local API does not run authorizers. Only SAM sets this variable.
        // https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-local-start-api.html
        _developmentUser = environment.Optional("AWS_SAM_LOCAL") == "true" ? environment.Optional("PHOTOS_DEVELOPMENT_USER") : null;
        _log = log;
    }

    /// <inheritdoc cref="InvocationHandler"/>
    public void Invoke(Invocation invocation, ResponseBuffer response, CancellationToken cancellationToken) =>
        Respond(invocation.Payload, response, cancellationToken);

    /// <summary>Handles an event as if a client had sent it, and discards the response.</summary>
    /// <param name="proxyEvent">The event's bytes.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public void WarmUp(ReadOnlyMemory<byte> proxyEvent, CancellationToken cancellationToken) =>
        Respond(proxyEvent, new ResponseBuffer(), cancellationToken);

    private void Respond(ReadOnlyMemory<byte> payload, ResponseBuffer output, CancellationToken cancellationToken)
    {
        try
        {
            _handler(Read(payload), cancellationToken).WriteTo(output, _allowedOrigin);
        }
        catch (Exception e)
        {
            // The handler's response may be written in part.
            output.Clear();
            ErrorOf(e).WriteTo(output, _allowedOrigin);
        }
    }

    private ProxyResponse ErrorOf(Exception exception)
    {
        switch (exception)
        {
            case PhotoException e:
                LogLevel level = e.Fault == PhotoFault.StorageUnavailable ? LogLevel.Warn : LogLevel.Debug;
                _log.Write(level, "The request was refused.", e);
                return ErrorResponse.For(e);
            case InvalidEventException e:
                _log.Write(LogLevel.Warn, e.Message);
                return ErrorResponse.For(e);
            default:
                _log.Write(LogLevel.Error, "The request failed.", exception);
                return ErrorResponse.Internal();
        }
    }

    private ProxyRequest Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var request = ProxyRequest.Parse(payload, _developmentUser);
            _log.ApiRequestId = request.RequestId;
            _log.ApiExtendedRequestId = request.ExtendedRequestId;
            return request;
        }
        catch (JsonException e)
        {
            // Without the exception: its message may quote the event, and with it the token in its headers. The name of the field is from
            // the event too, so only the log, which escapes it, has it.
            string where = e.Path ?? string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber}, byte {e.BytePositionInLine}");
            _log.Write(LogLevel.Warn, $"The event is not valid at {where}.");
            throw new InvalidEventException("The event is not valid JSON, or a field has the wrong type.");
        }
    }
}

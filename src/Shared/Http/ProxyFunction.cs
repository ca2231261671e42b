using System.Buffers;
using System.Text.Json;
using Album.Photos;
using Album.Runtime;
using Album.Telemetry;

namespace Album.Http;

/// <summary>Answers one request of the API.</summary>
public delegate ProxyResponse ProxyHandler(ProxyRequest request, CancellationToken cancellationToken);

/// <summary>Puts HTTP between the runtime and a handler: whatever happens, the client gets an answer in JSON.</summary>
/// <param name="handler">Answers the requests; refuses with <see cref="PhotoException"/>.</param>
/// <param name="allowedOrigin">The origin that may read the answers, or <c>*</c>.</param>
/// <param name="log">Takes the faults that the client is not told.</param>
public sealed class ProxyFunction(ProxyHandler handler, string allowedOrigin, FunctionLog log)
{
    /// <inheritdoc cref="InvocationHandler"/>
    public void Invoke(Invocation invocation, IBufferWriter<byte> response, CancellationToken cancellationToken) =>
        Answer(invocation.Payload, cancellationToken).WriteTo(response, allowedOrigin);

    /// <summary>Handles an event of our own as if it had been asked, and drops the answer.</summary>
    /// <param name="proxyEvent">The event's bytes.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public void WarmUp(ReadOnlyMemory<byte> proxyEvent, CancellationToken cancellationToken) =>
        Answer(proxyEvent, cancellationToken).WriteTo(new ArrayBufferWriter<byte>(), allowedOrigin);

    private ProxyResponse Answer(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            return Read(payload) is ProxyRequest request
                ? handler(request, cancellationToken)
                : ErrorResponse.NotAProxyEvent();
        }
        catch (PhotoException e)
        {
            LogLevel level = e.Fault == PhotoFault.StorageUnavailable ? LogLevel.Warn : LogLevel.Debug;
            log.Write(level, "The request was refused.", e);
            return ErrorResponse.For(e);
        }
        catch (Exception e)
        {
            log.Write(LogLevel.Error, "The request failed.", e);
            return ErrorResponse.Internal();
        }
    }

    private ProxyRequest? Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return ProxyRequest.Parse(payload);
        }
        catch (JsonException e)
        {
            log.Write(LogLevel.Warn, "The event is no proxy event.", e);
            return null;
        }
    }
}

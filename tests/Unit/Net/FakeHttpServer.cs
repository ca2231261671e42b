using System.Net.Security;

namespace Photos.Tests.Unit.Net;

/// <summary>An HTTP server that records every request and sends the responses that the test chooses, valid or not.</summary>
internal sealed class FakeHttpServer : IDisposable, IAsyncDisposable
{
    private readonly Func<HttpRequest, CancellationToken, ValueTask<FakeResponse>> _respond;
    private readonly BlockingHttpServer _server;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _lock = new();
    private readonly List<Exception> _failures = [];
    private List<HttpRequest> _requests = [];

    /// <summary>Starts to listen.</summary>
    /// <param name="respond">Creates the response to a request. The token fires when the server is disposed.</param>
    /// <param name="tls">For HTTPS.</param>
    /// <param name="port">0 for any free port.</param>
    /// <param name="patience">How long the server waits for a client to send or to read before it closes the connection; forever by default.</param>
    public FakeHttpServer(
        Func<HttpRequest, CancellationToken, ValueTask<FakeResponse>> respond,
        SslServerAuthenticationOptions? tls = null,
        int port = 0,
        TimeSpan patience = default)
    {
        _respond = respond;
        _server = new BlockingHttpServer(Respond, tls, port: port, patience: patience);
    }

    /// <summary>The address and the port, joined by a colon.</summary>
    public string Address => $"127.0.0.1:{Port}";

    public int Port => _server.Port;

    /// <summary>How many connections the server has accepted so far.</summary>
    public int ConnectionCount => _server.ConnectionCount;

    public IReadOnlyList<HttpRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Returns the requests since the last call.</summary>
    public List<HttpRequest> TakeRequests()
    {
        lock (_lock)
        {
            List<HttpRequest> taken = _requests;
            _requests = [];
            return taken;
        }
    }

    /// <summary>Closes every connection. Fails the test if a response could not be created.</summary>
    public void Dispose()
    {
        _disposed.Cancel();
        _server.Dispose();
        _disposed.Dispose();
        Assert.Empty(_failures);
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private FakeResponse Respond(HttpRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
        }

        try
        {
            return _respond(request, _disposed.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return FakeResponse.HangUp;
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                _failures.Add(e);
            }

            return FakeResponse.HangUp;
        }
    }
}

using System.Net.Sockets;
using System.Text;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>A proxy in front of a storage engine. It forwards every request that is not intercepted.</summary>
/// <param name="engine">The engine's address.</param>
/// <param name="find">Returns the interceptor of a request; <see langword="null"/> to forward it.</param>
internal sealed class FaultProxy(Uri engine, Func<HttpRequest, Interceptor?> find) : IAsyncDisposable
{
    private FakeHttpServer? _server;
    private int _port;

    /// <summary>The address that the functions use as the engine's.</summary>
    public string Url => $"http://127.0.0.1:{_port}";

    /// <summary>Listens; after <see cref="DisposeAsync"/>, on the same port as before.</summary>
    public void Start()
    {
        _server = new FakeHttpServer(RespondAsync, port: _port);
        _port = _server.Port;
    }

    /// <summary>Closes every connection and refuses new ones.</summary>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;

    private async ValueTask<FakeResponse> RespondAsync(HttpRequest request, CancellationToken cancellationToken) =>
        find(request) is Interceptor interceptor
            ? await interceptor(request, () => ForwardAsync(request, cancellationToken), cancellationToken)
            : await ForwardAsync(request, cancellationToken);

    private async Task<FakeResponse> ForwardAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(engine.Host, engine.Port, cancellationToken);
        NetworkStream stream = socket.GetStream();

        // The signature does not cover this header. With it, the response ends when the connection does.
        int line = request.Raw.AsSpan().IndexOf("\r\n"u8) + 2;
        await stream.WriteAsync((byte[])[.. request.Raw[..line], .. "Connection: close\r\n"u8, .. request.Raw[line..]], cancellationToken);
        using var response = new MemoryStream();
        await stream.CopyToAsync(response, cancellationToken);
        byte[] bytes = response.ToArray();
        int head = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        string headers = Encoding.Latin1.GetString(bytes, 0, head).Replace("\r\nConnection: close", "", StringComparison.OrdinalIgnoreCase);
        return new FakeResponse([[.. Encoding.Latin1.GetBytes(headers), .. bytes[head..]]]);
    }
}

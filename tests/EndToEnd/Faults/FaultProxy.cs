using System.Net.Sockets;
using System.Text;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Stands before an engine, and passes everything on that nobody intercepts.</summary>
/// <param name="engine">Where it passes it on to.</param>
/// <param name="find">Finds who intercepts a request.</param>
internal sealed class FaultProxy(Uri engine, Func<HttpRequest, Interceptor?> find) : IAsyncDisposable
{
    private FakeHttpServer? _server;
    private int _port;

    /// <summary>Where the functions are told that the engine is.</summary>
    public string Url => $"http://127.0.0.1:{_port}";

    /// <summary>Listens, after <see cref="DisposeAsync"/> at the same place again.</summary>
    public void Start()
    {
        _server = new FakeHttpServer(AnswerAsync, port: _port);
        _port = _server.Port;
    }

    /// <summary>Closes every connection and refuses new ones.</summary>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;

    private async ValueTask<FakeResponse> AnswerAsync(HttpRequest request, CancellationToken cancellationToken) =>
        find(request) is Interceptor interceptor
            ? await interceptor(request, () => ForwardAsync(request, cancellationToken), cancellationToken)
            : await ForwardAsync(request, cancellationToken);

    private async Task<FakeResponse> ForwardAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(engine.Host, engine.Port, cancellationToken);
        NetworkStream stream = socket.GetStream();

        // No signature covers this header, and with it the answer's end is the connection's.
        int line = request.Raw.AsSpan().IndexOf("\r\n"u8) + 2;
        await stream.WriteAsync((byte[])[.. request.Raw[..line], .. "Connection: close\r\n"u8, .. request.Raw[line..]], cancellationToken);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, cancellationToken);
        byte[] bytes = answer.ToArray();
        int head = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        string headers = Encoding.Latin1.GetString(bytes, 0, head).Replace("\r\nConnection: close", "", StringComparison.OrdinalIgnoreCase);
        return new FakeResponse([[.. Encoding.Latin1.GetBytes(headers), .. bytes[head..]]]);
    }
}

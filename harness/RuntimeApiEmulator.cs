using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Photos.Harness;

/// <summary>
/// The Runtime API for one process. It has no thread: requests are received and responses are sent on the caller's thread, so
/// that a time stamp around a call is the time of the bytes.
/// </summary>
internal sealed class RuntimeApiEmulator : IDisposable
{
    private static readonly byte[] s_accepted = "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n"u8.ToArray();

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Dictionary<Socket, HttpRequestReader> _connections = [];
    private Socket? _waiting;
    private int _accepted;
    private int _invocations;

    public RuntimeApiEmulator()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string Address => _listener.LocalEndPoint!.ToString()!;

    /// <summary>The request id of the last event.</summary>
    public string RequestId => string.Create(CultureInfo.InvariantCulture, $"8476a536-e9f4-11e8-9739-{_invocations:x12}");

    /// <summary>Waits for the next request. Respond to it before you receive another.</summary>
    /// <param name="pause">Called after every 100 ms without a request; throws to end the wait.</param>
    public HttpRequest Receive(Action pause)
    {
        while (true)
        {
            List<Socket> ready = [_listener, .. _connections.Keys];
            Socket.Select(ready, null, null, TimeSpan.FromMilliseconds(100));
            if (ready.Count == 0)
            {
                pause();
            }

            foreach (Socket socket in ready)
            {
                if (socket == _listener)
                {
                    Socket connection = _listener.Accept();
                    connection.NoDelay = true;
                    _connections.Add(connection, new HttpRequestReader(new NetworkStream(connection), ++_accepted));
                }
                else if (TryRead(_connections[socket]) is HttpRequest request)
                {
                    _waiting = socket;
                    return request;
                }
                else
                {
                    _connections.Remove(socket);
                    socket.Dispose();
                }
            }
        }
    }

    /// <summary>Responds to <c>next</c>.</summary>
    /// <param name="payload">The event.</param>
    /// <param name="time">The time until the invocation's deadline.</param>
    public void SendEvent(ReadOnlySpan<byte> payload, TimeSpan time)
    {
        _invocations++;
        byte[] head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            HTTP/1.1 200 OK
            Content-Type: application/json
            Lambda-Runtime-Aws-Request-Id: {RequestId}
            Lambda-Runtime-Deadline-Ms: {(DateTimeOffset.UtcNow + time).ToUnixTimeMilliseconds()}
            Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:photos
            Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0
            Content-Length: {payload.Length}


            """).ReplaceLineEndings("\r\n"));
        byte[] response = [.. head, .. payload];
        _waiting!.Send(response);
    }

    /// <summary>Responds to a post with 202.</summary>
    public void Accept() => _waiting!.Send(s_accepted);

    public void Dispose()
    {
        foreach (Socket connection in _connections.Keys)
        {
            connection.Dispose();
        }

        _listener.Dispose();
    }

    private static HttpRequest? TryRead(HttpRequestReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (IOException)
        {
            // The process was killed, which resets its connections.
            return null;
        }
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Photos.Harness;

/// <summary>
/// An HTTP/1.1 server with one thread for each connection and blocking calls only, so that nothing is queued between a
/// request and its response.
/// </summary>
internal sealed class BlockingHttpServer : IDisposable
{
    private readonly Func<HttpRequest, FakeResponse> _respond;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly TimeSpan _patience;
    private readonly List<Socket> _listeners = [];
    private readonly List<Thread> _acceptors = [];
    private readonly Lock _lock = new();
    private readonly Dictionary<Socket, Thread> _connections = [];
    private int _connectionCount;
    private bool _isDisposed;

    /// <summary>Starts to listen.</summary>
    /// <param name="respond">Creates the response to a request, on the thread of its connection. An exception ends the program.</param>
    /// <param name="tls">For HTTPS.</param>
    /// <param name="host">The server listens on each of the addresses of this name.</param>
    /// <param name="port">0 for any free port.</param>
    /// <param name="patience">How long the server waits for a client to send or to read before it closes the connection; forever by default.</param>
    public BlockingHttpServer(
        Func<HttpRequest, FakeResponse> respond,
        SslServerAuthenticationOptions? tls = null,
        string host = "127.0.0.1",
        int port = 0,
        TimeSpan patience = default)
    {
        _respond = respond;
        _tls = tls;
        _patience = patience;
        Port = port;
        foreach (IPAddress address in Dns.GetHostAddresses(host).OrderBy(address => address.AddressFamily))
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listeners.Add(listener);
            listener.Bind(new IPEndPoint(address, Port));
            listener.Listen();
            Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
            _acceptors.Add(Start(() => Accept(listener)));
        }
    }

    public int Port { get; }

    /// <summary>How many connections the server has accepted so far.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>Closes every connection and returns when no response is being created any more.</summary>
    public void Dispose()
    {
        KeyValuePair<Socket, Thread>[] connections;
        lock (_lock)
        {
            _isDisposed = true;
            connections = [.. _connections];
        }

        _listeners.ForEach(listener => listener.Dispose());
        foreach (KeyValuePair<Socket, Thread> connection in connections)
        {
            End(connection.Key);
        }

        _acceptors.ForEach(thread => thread.Join());
        foreach (KeyValuePair<Socket, Thread> connection in connections)
        {
            connection.Value.Join();
        }
    }

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <summary>Has the connection's thread see the end of the stream, and the client a regular end.</summary>
    private static void End(Socket connection)
    {
        try
        {
            connection.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection has just ended.
        }
    }

    private void Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket connection = listener.Accept();
                lock (_lock)
                {
                    if (_isDisposed)
                    {
                        connection.Dispose();
                        return;
                    }

                    int number = ++_connectionCount;
                    _connections.Add(connection, Start(() => Serve(connection, number)));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void Serve(Socket connection, int number)
    {
        try
        {
            connection.NoDelay = true;
            connection.ReceiveTimeout = (int)_patience.TotalMilliseconds;
            connection.SendTimeout = (int)_patience.TotalMilliseconds;
            using Stream stream = OpenStream(connection);
            var reader = new HttpRequestReader(stream, number);
            int clientPort = ((IPEndPoint)connection.RemoteEndPoint!).Port;
            while (reader.Read() is HttpRequest request && Send(stream, _respond(request with { ClientPort = clientPort })))
            {
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or InvalidDataException or SocketException or ObjectDisposedException)
        {
            // The client has closed the connection, does not trust the server, or gets no response and reports that itself.
        }

        connection.Dispose();
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    private Stream OpenStream(Socket connection)
    {
        var stream = new NetworkStream(connection, ownsSocket: true);
        if (_tls is null)
        {
            return stream;
        }

        var secure = new SslStream(stream);
        secure.AuthenticateAsServer(_tls);
        return secure;
    }

    /// <returns>Whether the connection stays open.</returns>
    private static bool Send(Stream stream, FakeResponse response)
    {
        for (int i = 0; i < response.Pieces.Count; i++)
        {
            if (i > 0)
            {
                Thread.Sleep(response.Pause);
            }

            stream.Write(response.Pieces[i]);
        }

        return !response.Close;
    }
}

using System.Net;
using System.Net.Sockets;
using Photos.Bench;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>What a Runtime API answers, byte for byte.</summary>
/// <param name="Next">In how many pieces, to the first request for an invocation.</param>
/// <param name="Post">To a response or an error.</param>
/// <param name="Closes">Whether the connection ends after each.</param>
internal sealed record RuntimeScript(byte[][] Next, byte[] Post, bool Closes);

/// <summary>
/// A Runtime API on one thread of its own, for one client after another: the next one connects when the last one is through
/// with its script, after which it is told to end.
/// </summary>
internal sealed class ScriptedRuntimeApi : IDisposable
{
    // A client that waits for what never comes gets the end of its connection, and its case fails.
    private const int HangMilliseconds = 5000;

    private static readonly byte[] s_end = "HTTP/1.1 500 The end\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();

    private static readonly byte[] s_endOfClient = "GET / HTTP/1.1\r\n\r\n"u8.ToArray();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private RuntimeScript _script = new([], [], Closes: true);
    private bool _isStarted;
    private List<HttpRequest> _requests = [];

    public ScriptedRuntimeApi()
    {
        _listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public void Begin(RuntimeScript script)
    {
        lock (_lock)
        {
            _script = script;
            _isStarted = false;
            _requests = [];
        }
    }

    /// <summary>What the client asked for, now that it is through.</summary>
    public List<HttpRequest> TakeRequests()
    {
        // Connections are served in the order in which they came: when this one is, the client's are.
        using var connection = new TcpClient();
        connection.Connect((IPEndPoint)_listener.LocalEndpoint);
        using NetworkStream stream = connection.GetStream();
        stream.Write(s_endOfClient);
        stream.ReadByte();
        lock (_lock)
        {
            return _requests;
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                using Socket connection = _listener.AcceptSocket();
                connection.NoDelay = true;
                connection.ReceiveTimeout = HangMilliseconds;
                connection.SendTimeout = HangMilliseconds;
                Serve(connection);
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private void Serve(Socket connection)
    {
        using var stream = new NetworkStream(connection);
        var reader = new HttpRequestReader(stream);
        try
        {
            while (reader.Read() is HttpRequest request)
            {
                (byte[][] pieces, bool closes) = Answer(request);
                foreach (byte[] piece in pieces)
                {
                    connection.Send(piece);
                    if (pieces.Length > 1)
                    {
                        // Lets the client read what it has.
                        Thread.Yield();
                    }
                }

                if (closes)
                {
                    connection.Shutdown(SocketShutdown.Send);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client had enough, or it hangs.
        }
    }

    private (byte[][] Pieces, bool Closes) Answer(HttpRequest request)
    {
        lock (_lock)
        {
            if (request.Target == "/")
            {
                return ([], true);
            }

            _requests.Add(request);
            if (request.Method == "POST")
            {
                return ([_script.Post], _script.Closes);
            }

            if (_isStarted)
            {
                return ([s_end], true);
            }

            _isStarted = true;
            return (_script.Next, _script.Closes);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Photos.Bench;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>
/// DynamoDB and S3 for one function, which has one request at a time. It records what it is asked and answers what it is
/// told to, with blocking calls, as it has to keep up with a hundred thousand events.
/// </summary>
internal sealed class StorageStandIn : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private List<HttpRequest> _requests = [];
    private Func<HttpRequest, FakeAnswer> _answer = _ => FakeAnswer.HangUp;

    public StorageStandIn()
    {
        _listener.Start();
        Start(Accept);
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>Sets what the next requests are answered.</summary>
    public void AnswerWith(Func<HttpRequest, FakeAnswer> answer)
    {
        lock (_lock)
        {
            _answer = answer;
        }
    }

    /// <summary>The requests since the last call.</summary>
    public List<HttpRequest> TakeRequests()
    {
        lock (_lock)
        {
            List<HttpRequest> taken = _requests;
            _requests = [];
            return taken;
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Start(ThreadStart run) => new Thread(run) { IsBackground = true }.Start();

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket connection = _listener.AcceptSocket();
                Start(() => Serve(connection));
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private void Serve(Socket connection)
    {
        connection.NoDelay = true;
        using var stream = new NetworkStream(connection, ownsSocket: true);
        var reader = new HttpRequestReader(stream);
        try
        {
            while (reader.Read() is HttpRequest request)
            {
                FakeAnswer answer = Answer(request);
                foreach (byte[] piece in answer.Pieces)
                {
                    stream.Write(piece);
                }

                if (answer.Close)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The function has closed the connection or was ended.
        }
    }

    private FakeAnswer Answer(HttpRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
            return _answer(request);
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Photos.Tests.Unit.Net;

/// <summary>One request, byte for byte as it came, and taken apart.</summary>
/// <param name="Connection">Which connection brought it, from 1.</param>
internal sealed record RecordedRequest(
    int Connection,
    byte[] Raw,
    string Method,
    string Path,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => Headers.SingleOrDefault(header => header.Key == name).Value;
}

/// <summary>What is sent back: each piece in a write of its own, then perhaps the end of the connection.</summary>
internal sealed record FakeAnswer(IReadOnlyList<byte[]> Pieces, bool Close = false)
{
    /// <summary>Between two pieces; time for the other end to read what it has, so that they do not arrive as one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The connection ends without an answer.</summary>
    public static FakeAnswer HangUp { get; } = new([], Close: true);

    public static FakeAnswer Status(int status) => Http(status, [], "{\"status\":\"OK\"}"u8);

    public static FakeAnswer Invocation(string requestId, string payload, params string[] headers) =>
        Http(200, [$"Lambda-Runtime-Aws-Request-Id: {requestId}", .. headers], Encoding.UTF8.GetBytes(payload));

    public static FakeAnswer Http(int status, IEnumerable<string> headers, ReadOnlySpan<byte> body) =>
        new([[.. Head(status, [.. headers, $"Content-Length: {body.Length}"]), .. body]]);

    public static FakeAnswer Chunked(int status, IEnumerable<string> headers, ReadOnlySpan<byte> body, int chunkSize)
    {
        List<byte> answer = [.. Head(status, [.. headers, "Transfer-Encoding: chunked"])];
        for (ReadOnlySpan<byte> rest = body; !rest.IsEmpty;)
        {
            ReadOnlySpan<byte> chunk = rest[..Math.Min(chunkSize, rest.Length)];
            rest = rest[chunk.Length..];
            answer.AddRange(Encoding.ASCII.GetBytes(chunk.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            answer.AddRange(chunk);
            answer.AddRange("\r\n"u8);
        }

        answer.AddRange("0\r\n\r\n"u8);
        return new([[.. answer]]);
    }

    /// <summary>The same bytes in two writes.</summary>
    public FakeAnswer SplitAt(int position)
    {
        byte[] all = Bytes();
        return this with { Pieces = [all[..position], all[position..]] };
    }

    public byte[] Bytes() => [.. Pieces.SelectMany(piece => piece)];

    private static byte[] Head(int status, IEnumerable<string> headers) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 {status} Any reason\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
}

/// <summary>An HTTP server on a socket of its own. It records what it is sent and answers what it is told to; it judges nothing.</summary>
/// <param name="answer">Gives the answer to a request, when it likes.</param>
/// <param name="tls">For a server behind TLS.</param>
/// <param name="port">Where it listens; 0 for any that is free.</param>
internal sealed class FakeHttpServer(
    Func<RecordedRequest, CancellationToken, ValueTask<FakeAnswer>> answer, SslServerAuthenticationOptions? tls = null, int port = 0) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port);
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _lock = new();
    private readonly List<RecordedRequest> _requests = [];
    private readonly List<Task> _connections = [];
    private Task _accepting = Task.CompletedTask;

    /// <summary>The address and the port, joined by a colon.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int ConnectionCount
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    public IReadOnlyList<RecordedRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    public FakeHttpServer Start()
    {
        _listener.Start();
        _accepting = AcceptAsync();
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _accepting;
        _listener.Stop();
        Task[] connections;
        lock (_lock)
        {
            connections = [.. _connections];
        }

        await Task.WhenAll(connections);
        _disposed.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_disposed.Token);
                lock (_lock)
                {
                    _connections.Add(ServeAsync(socket, _connections.Count + 1));
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeAsync(Socket socket, int connection)
    {
        await Task.Yield();
        socket.NoDelay = true;
        await using Stream stream = Wrap(socket);
        List<byte> received = [];
        try
        {
            if (stream is SslStream secure)
            {
                await secure.AuthenticateAsServerAsync(tls!, _disposed.Token);
            }

            while (await ReadRequestAsync(stream, connection, received) is RecordedRequest request)
            {
                lock (_lock)
                {
                    _requests.Add(request);
                }

                FakeAnswer given = await answer(request, _disposed.Token);
                for (int i = 0; i < given.Pieces.Count; i++)
                {
                    await Task.Delay(i == 0 ? TimeSpan.Zero : given.Pause, _disposed.Token);
                    await stream.WriteAsync(given.Pieces[i], _disposed.Token);
                }

                if (given.Close)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or AuthenticationException)
        {
        }
    }

    private Stream Wrap(Socket socket)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        return tls is null ? stream : new SslStream(stream);
    }

    /// <returns><see langword="null"/> when the other end has closed the connection.</returns>
    private async Task<RecordedRequest?> ReadRequestAsync(Stream stream, int connection, List<byte> received)
    {
        byte[] buffer = new byte[64 * 1024];
        int headEnd;
        while ((headEnd = EndOfHead(received)) < 0)
        {
            if (!await ReceiveAsync())
            {
                return null;
            }
        }

        string[] lines = Encoding.UTF8.GetString([.. received[..headEnd]]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] requestLine = lines[0].Split(' ');
        KeyValuePair<string, string>[] headers =
        [
            .. lines.Skip(1).Select(line => line.Split(':', 2)).Select(parts => KeyValuePair.Create(parts[0], parts[^1].Trim())),
        ];
        string? length = headers.FirstOrDefault(header => header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value;
        int end = headEnd + int.Parse(length ?? "0", CultureInfo.InvariantCulture);
        while (received.Count < end)
        {
            if (!await ReceiveAsync())
            {
                return null;
            }
        }

        byte[] raw = [.. received[..end]];
        received.RemoveRange(0, end);
        return new RecordedRequest(
            connection, raw, requestLine[0], requestLine.ElementAtOrDefault(1) ?? "", headers, raw[headEnd..]);

        async Task<bool> ReceiveAsync()
        {
            int count = await stream.ReadAsync(buffer, _disposed.Token);
            received.AddRange(buffer.AsSpan(0, count));
            return count > 0;
        }
    }

    private static int EndOfHead(List<byte> received)
    {
        int at = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(received).IndexOf("\r\n\r\n"u8);
        return at < 0 ? -1 : at + 4;
    }
}

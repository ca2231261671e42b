using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Photos.Net;

/// <summary>
/// One blocking keep-alive HTTP/1.1 connection. A process serves one invocation at a time, so its thread may block;
/// HttpClient would start its handlers, pools and threads before the first event.
/// </summary>
/// <param name="host">A host name or an IP address.</param>
/// <param name="port">The port.</param>
/// <param name="trust">Decides which servers to trust; <see langword="null"/> for a connection without TLS.</param>
/// <param name="timeout">The limit on connecting, on each send and on each receive; <see langword="null"/> for none.</param>
internal sealed class HttpConnection(string host, int port, ServerTrust? trust, TimeSpan? timeout) : IDisposable
{
    private readonly ResponseParser _parser = new();
    private readonly byte[] _sent = GC.AllocateUninitializedArray<byte>(8 * 1024);
    private volatile Socket? _socket;
    private TlsConnection? _tls;

    /// <summary>Whether the last exchange received at least one byte.</summary>
    public bool ResponseBegan => _parser.Buffer.Count > 0;

    /// <summary>The last response's body. Valid until the next exchange.</summary>
    public ArraySegment<byte> Body => _parser.Body;

    /// <summary>Sends a request and reads the whole response. Opens the connection if it is not open.</summary>
    /// <param name="head">The request line and the headers, with the empty line that ends them.</param>
    /// <param name="body">The body.</param>
    /// <param name="cancellationToken">Closes the connection, even while the exchange blocks.</param>
    /// <returns>The status code.</returns>
    /// <exception cref="IOException">The peer is unreachable or too slow, or its response is not valid HTTP/1.1.</exception>
    /// <exception cref="AuthenticationException">The peer's certificate is not trusted.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public int Exchange(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration abort = cancellationToken.UnsafeRegister(
            static connection => ((HttpConnection)connection!)._socket?.Dispose(), this);
        _parser.Begin(isHeadRequest: head.StartsWith("HEAD "u8));
        try
        {
            // No request is in flight, so a readable socket means that the peer has closed.
            if (_socket?.Poll(0, SelectMode.SelectRead) == true)
            {
                Close();
            }

            if (_socket is null)
            {
                Open(cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            Send(head, body);
            Receive();
            return _parser.Status;
        }
        catch (Exception e)
        {
            Close();
            cancellationToken.ThrowIfCancellationRequested();
            if (e is SocketException or ObjectDisposedException)
            {
                throw new IOException(e.Message, e);
            }

            throw;
        }
    }

    /// <summary>The trimmed value of a header of the last response; <see langword="null"/> if absent or empty.</summary>
    /// <param name="name">In lower case. Case does not matter in the response.</param>
    public string? Header(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> value = _parser.Header(name);
        return value.IsEmpty ? null : Encoding.UTF8.GetString(value);
    }

    public void Dispose() => Close();

    private void Open(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket = socket;

        // A token that fired before there was a socket has not closed it.
        cancellationToken.ThrowIfCancellationRequested();
        if (timeout is TimeSpan limit)
        {
            // On Linux, the send timeout also limits connecting.
            socket.SendTimeout = (int)limit.TotalMilliseconds;
            socket.ReceiveTimeout = (int)limit.TotalMilliseconds;
        }

        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            socket.Connect(address, port);
        }
        else
        {
            socket.Connect(host, port);
        }

        _tls = trust is null ? null : new TlsConnection(socket, trust, host);
    }

    private void Close()
    {
        _tls?.Dispose();
        _socket?.Dispose();
        _tls = null;
        _socket = null;
    }

    private void Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        if (head.Length + body.Length > _sent.Length)
        {
            Send(head);
            Send(body);
            return;
        }

        // One packet and, with TLS, one record.
        head.CopyTo(_sent);
        body.CopyTo(_sent.AsSpan(head.Length));
        Send(_sent.AsSpan(0, head.Length + body.Length));
    }

    private void Send(ReadOnlySpan<byte> data)
    {
        if (_tls is null)
        {
            _socket!.Send(data);
        }
        else
        {
            _tls.Send(data);
        }
    }

    private void Receive()
    {
        while (!_parser.Parse())
        {
            ArraySegment<byte> free = _parser.Buffer.Free();
            int count = _tls is null ? _socket!.Receive(free) : _tls.Receive(free);
            if (count == 0)
            {
                _parser.ParseEnd();
                break;
            }

            _parser.Buffer.Add(count);
        }

        if (_parser.ClosesConnection)
        {
            Close();
        }
    }
}

using System.Net.Sockets;
using System.Security.Authentication;

namespace Photos.Net;

/// <summary>
/// A TLS connection over a blocking socket. OpenSSL reads and writes memory, and this class the socket, so that timeouts and disposal from
/// another thread work as they do without TLS.
/// </summary>
/// <remarks>https://docs.openssl.org/3.0/man3/SSL_get_error/</remarks>
internal sealed unsafe class TlsConnection : IDisposable
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(8 * 1024);
    private readonly Socket _socket;
    private readonly nint _received;
    private readonly nint _toSend;
    private nint _connection;

    /// <summary>Connects.</summary>
    /// <param name="socket">The socket, which is connected.</param>
    /// <param name="trust">Decides which servers to trust.</param>
    /// <param name="host">The host whose certificate is accepted.</param>
    /// <exception cref="AuthenticationException">The peer's certificate is not trusted, or the two sides do not agree.</exception>
    /// <exception cref="IOException">The peer has closed the connection.</exception>
    /// <exception cref="SocketException">The peer is too slow, or the connection is broken.</exception>
    public TlsConnection(Socket socket, ServerTrust trust, string host)
    {
        _socket = socket;
        _connection = trust.NewConnection(host);
        _received = OpenSsl.Check(OpenSsl.BIO_new(OpenSsl.BIO_s_mem()));
        _toSend = OpenSsl.Check(OpenSsl.BIO_new(OpenSsl.BIO_s_mem()));
        OpenSsl.SSL_set_bio(_connection, _received, _toSend);
        try
        {
            Connect(host);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Receives some bytes.</summary>
    /// <returns>How many; 0 when the peer has ended the connection.</returns>
    /// <exception cref="IOException">The peer broke the connection off or violates TLS.</exception>
    /// <exception cref="SocketException">The peer is too slow, or the connection is broken.</exception>
    public int Receive(Span<byte> buffer)
    {
        while (true)
        {
            OpenSsl.ERR_clear_error();
            int count;
            fixed (byte* to = buffer)
            {
                count = OpenSsl.SSL_read(_connection, to, buffer.Length);
            }

            if (count > 0)
            {
                return count;
            }

            int error = OpenSsl.SSL_get_error(_connection, count);
            if (error == OpenSsl.ZeroReturn)
            {
                return 0;
            }

            if (error != OpenSsl.WantRead)
            {
                throw new IOException($"The TLS connection failed: {OpenSsl.LastError()}.");
            }

            Exchange();
        }
    }

    /// <summary>Sends all bytes, as one record if they fit.</summary>
    /// <exception cref="IOException">The peer broke the connection off or violates TLS.</exception>
    /// <exception cref="SocketException">The peer is too slow, or the connection is broken.</exception>
    public void Send(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            OpenSsl.ERR_clear_error();
            int count;
            fixed (byte* from = data)
            {
                count = OpenSsl.SSL_write(_connection, from, data.Length);
            }

            if (count > 0)
            {
                data = data[count..];
                Flush();
            }
            else if (OpenSsl.SSL_get_error(_connection, count) == OpenSsl.WantRead)
            {
                Exchange();
            }
            else
            {
                throw new IOException($"The TLS connection failed: {OpenSsl.LastError()}.");
            }
        }
    }

    public void Dispose()
    {
        // It frees the two buffers, too.
        OpenSsl.SSL_free(_connection);
        _connection = 0;
    }

    private void Connect(string host)
    {
        int result;
        while ((result = OpenSsl.SSL_connect(_connection)) != 1)
        {
            if (OpenSsl.SSL_get_error(_connection, result) != OpenSsl.WantRead)
            {
                nint verification = OpenSsl.SSL_get_verify_result(_connection);
                string reason = OpenSsl.LastError();

                // An alert tells the peer.
                Flush();
                throw new AuthenticationException(verification == 0
                    ? $"The TLS handshake with {host} failed: {reason}."
                    : $"The certificate of {host} is not trusted: {OpenSsl.TextOf(OpenSsl.X509_verify_cert_error_string(verification))}. certs/README.md explains how to find the cause, and how to trust the system's roots until it is fixed.");
            }

            Exchange();
        }

        Flush();
    }

    /// <summary>Sends what OpenSSL has to send, and receives what it waits for.</summary>
    private void Exchange()
    {
        Flush();
        int count = _socket.Receive(_buffer);
        if (count == 0)
        {
            // Otherwise an attacker could cut a response short (RFC 8446, 6.1).
            throw new IOException("The peer closed the connection without ending TLS.");
        }

        fixed (byte* from = _buffer)
        {
            OpenSsl.Check(OpenSsl.BIO_write(_received, from, count));
        }
    }

    private void Flush()
    {
        fixed (byte* to = _buffer)
        {
            int count;
            while ((count = OpenSsl.BIO_read(_toSend, to, _buffer.Length)) > 0)
            {
                _socket.Send(_buffer.AsSpan(0, count));
            }
        }
    }
}

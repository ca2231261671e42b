using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Photos.Net;

namespace Photos.Tests.Unit.Net;

/// <summary>HTTP over TLS against .NET's own server.</summary>
public sealed class TlsConnectionTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly Issuer _root = Issuer.Root("root");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public void BodiesOfManyRecordsArriveWhole(SslProtocols protocol)
    {
        byte[] body = RandomNumberGenerator.GetBytes(300_000);
        using var server = new FakeHttpServer(
            (request, _) => ValueTask.FromResult(FakeResponse.Http(200, [], request.Body.Span)),
            new SslServerAuthenticationOptions { ServerCertificate = _root.Leaf("localhost"), EnabledSslProtocols = protocol });
        using HttpConnection connection = ConnectTo("localhost", server.Port);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(200, connection.Exchange("POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n"u8, body, TestContext.Current.CancellationToken));
            Assert.Equal(body, connection.Body.ToArray());
        }

        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public void AnAddressMustBeInTheCertificate()
    {
        Assert.Equal(200, Exchange("127.0.0.1", _root.Leaf("127.0.0.1")));
        Assert.Throws<AuthenticationException>(() => Exchange("127.0.0.1", _root.Leaf("127.0.0.2")));
        Assert.Throws<AuthenticationException>(() => Exchange("127.0.0.1", _root.Leaf("localhost")));
        Assert.Throws<AuthenticationException>(() => Exchange("localhost", _root.Leaf("127.0.0.1")));
    }

    /// <summary>Without authenticated encryption (RFC 9325, 4.2), or without forward secrecy.</summary>
    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, false)]
    [UnsupportedOSPlatform("windows")]
    public void AServerWithAWeakCipherIsRefused(TlsCipherSuite cipher, bool isAccepted)
    {
        using var server = new FakeHttpServer(
            (_, _) => ValueTask.FromResult(FakeResponse.Http(200, [], "{}"u8)),
            new SslServerAuthenticationOptions
            {
                ServerCertificate = _root.Leaf("localhost"),
                EnabledSslProtocols = SslProtocols.Tls12,
                CipherSuitesPolicy = new CipherSuitesPolicy([cipher]),
            });
        using HttpConnection connection = ConnectTo("localhost", server.Port);

        if (isAccepted)
        {
            Assert.Equal(200, Get(connection));
        }
        else
        {
            Assert.Contains("handshake", Assert.Throws<AuthenticationException>(() => Get(connection)).Message, StringComparison.Ordinal);
            Assert.Empty(server.Requests);
        }
    }

    [Fact]
    public void TheMessageNamesTheHostAndTheReason()
    {
        string message = Assert.Throws<AuthenticationException>(() => Exchange("localhost", _root.Leaf("example.com"))).Message;

        Assert.StartsWith("The certificate of localhost is not trusted: hostname mismatch. certs/README.md ", message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void AServerThatDoesNotSpeakTlsIsRefused()
    {
        using var listener = new Peer(stream => stream.Write("HTTP/1.1 400 Bad Request\r\n\r\n"u8));
        using HttpConnection connection = ConnectTo("localhost", listener.Port);

        Assert.Throws<AuthenticationException>(() => Get(connection));
    }

    /// <summary>A body without a length ends with the connection, which only the server's own end of TLS proves (RFC 8446, 6.1).</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ABodyThatIsCutShortIsAnError(bool endsTls)
    {
        using X509Certificate2 certificate = _root.Leaf("localhost");
        using var listener = new Peer(stream =>
        {
            using var secure = new SslStream(stream, leaveInnerStreamOpen: true);
            secure.AuthenticateAsServer(certificate);
            secure.ReadExactly(new byte[Request.Length]);
            secure.Write("HTTP/1.1 200 OK\r\n\r\n{}"u8);
            if (endsTls)
            {
                secure.ShutdownAsync().GetAwaiter().GetResult();
            }
        });
        using HttpConnection connection = ConnectTo("localhost", listener.Port);

        if (endsTls)
        {
            Assert.Equal(200, Get(connection));
            Assert.Equal("{}"u8, connection.Body.AsSpan());
        }
        else
        {
            Assert.Throws<IOException>(() => Get(connection));
        }
    }

    /// <summary>It accepts the connection and sends nothing.</summary>
    [Fact]
    public async Task ASilentServerEndsAtTheTimeoutAndByCancellation()
    {
        using var listener = new Peer(stream => stream.ReadExactly(new byte[1024 * 1024]));
        using var hasty = new HttpConnection("localhost", listener.Port, Trust(), TimeSpan.FromMilliseconds(200));
        Assert.Throws<IOException>(() => Get(hasty));

        using HttpConnection patient = ConnectTo("localhost", listener.Port);
        using var canceled = new CancellationTokenSource();
        Task exchange = Task.Run(() => patient.Exchange(Request, default, canceled.Token), TestContext.Current.CancellationToken);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await canceled.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => exchange);
    }

    private static ReadOnlySpan<byte> Request => "GET / HTTP/1.1\r\n\r\n"u8;

    private static int Get(HttpConnection connection) => connection.Exchange(Request, default, TestContext.Current.CancellationToken);

    private int Exchange(string host, X509Certificate2 certificate)
    {
        using var server = new FakeHttpServer(
            (_, _) => ValueTask.FromResult(FakeResponse.Http(200, [], "{}"u8)), new SslServerAuthenticationOptions { ServerCertificate = certificate });
        using HttpConnection connection = ConnectTo(host, server.Port);
        return Get(connection);
    }

    private HttpConnection ConnectTo(string host, int port) => new(host, port, Trust(), s_patience);

    private ServerTrust Trust()
    {
        string file = Path.Combine(_folder.Path, "roots.pem");
        File.WriteAllText(file, _root.Certificate.ExportCertificatePem());
        return new ServerTrust(file);
    }

    /// <summary>A server that does the same with each connection and then closes it.</summary>
    private sealed class Peer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private volatile bool _isDisposed;

        public Peer(Action<NetworkStream> serve)
        {
            _listener.Start();
            var thread = new Thread(() => Run(serve)) { IsBackground = true };
            thread.Start();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose()
        {
            _isDisposed = true;
            _listener.Dispose();
        }

        private void Run(Action<NetworkStream> serve)
        {
            while (true)
            {
                try
                {
                    using var stream = new NetworkStream(_listener.AcceptSocket(), ownsSocket: true);
                    serve(stream);
                }
                catch (Exception e) when (!_isDisposed && e is (IOException or SocketException))
                {
                    // The client has closed the connection.
                }
                catch (Exception) when (_isDisposed)
                {
                    return;
                }
            }
        }
    }
}

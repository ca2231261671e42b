using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Photos.Bench.Aws;

/// <summary>
/// A TLS endpoint that answers at once for DynamoDB and S3. A thread a connection and blocking calls: nothing is queued
/// between a request and its answer.
/// </summary>
internal sealed class AwsStandIn : IDisposable
{
    private readonly SslServerAuthenticationOptions _tls;
    private readonly List<Socket> _listeners = [];

    public AwsStandIn(SslStreamCertificateContext certificate)
    {
        _tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,

            // What AWS offers.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };

        // On each address of localhost, or a client would try one in vain first.
        int port = 0;
        foreach (IPAddress address in Dns.GetHostAddresses("localhost").OrderBy(address => address.AddressFamily))
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listeners.Add(listener);
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen();
            port = ((IPEndPoint)listener.LocalEndPoint!).Port;
            Start(() => Accept(listener));
        }

        Address = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}");
    }

    /// <summary>For <c>AWS_ENDPOINT_URL_*</c>.</summary>
    public string Address { get; }

    public void Dispose() => _listeners.ForEach(listener => listener.Dispose());

    private static void Start(Action action) => new Thread(() => action()) { IsBackground = true }.Start();

    private void Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket connection = listener.Accept();
                Start(() => Serve(connection));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void Serve(Socket connection)
    {
        connection.NoDelay = true;
        using var stream = new SslStream(new NetworkStream(connection, ownsSocket: true));
        try
        {
            stream.AuthenticateAsServer(_tls);
            var reader = new HttpRequestReader(stream);
            while (reader.Read() is { } request)
            {
                stream.Write(StandInAnswers.To(request));
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or InvalidDataException)
        {
            // The process was ended, or its own error says what it made of this.
        }
    }
}

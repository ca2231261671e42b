using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using Photos.Harness;

namespace Photos.Bench.Aws;

/// <summary>An HTTPS endpoint that responds for DynamoDB and S3 at once.</summary>
internal sealed class AwsStandIn : IDisposable
{
    private readonly BlockingHttpServer _server;

    public AwsStandIn(SslStreamCertificateContext certificate)
    {
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,

            // The versions that AWS supports.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };

        // On every address of localhost. A client that tries them in turn would otherwise lose time on a refused one.
        _server = new BlockingHttpServer(StandInResponses.To, tls, host: "localhost");
        Address = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{_server.Port}");
    }

    /// <summary>The value of <c>AWS_ENDPOINT_URL_DYNAMODB</c> and <c>AWS_ENDPOINT_URL_S3</c>.</summary>
    public string Address { get; }

    public void Dispose() => _server.Dispose();
}

using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Photos.Bench.Aws;

/// <summary>A root certificate and a certificate for localhost, created for each run.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _leaf;

    public CertificateAuthority()
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddHours(-1);
        DateTimeOffset to = from.AddDays(1);

        var root = new CertificateRequest("CN=Photos benchmark root", _rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        root.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        root.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(root.PublicKey, critical: false));
        _root = root.CreateSelfSigned(from, to);

        var leaf = new CertificateRequest("CN=localhost", _leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        leaf.CertificateExtensions.Add(names.Build());
        leaf.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        leaf.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        leaf.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        leaf.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        using X509Certificate2 signed = leaf.Create(_root, from, to, RandomNumberGenerator.GetBytes(8));
        _leaf = signed.CopyWithPrivateKey(_leafKey);

        ServerCertificate = SslStreamCertificateContext.Create(_leaf, [_root], offline: true);
    }

    /// <summary>The certificate that the server presents.</summary>
    public SslStreamCertificateContext ServerCertificate { get; }

    /// <summary>The root certificate that clients trust, as PEM.</summary>
    public string RootPem => _root.ExportCertificatePem();

    public void Dispose()
    {
        _leaf.Dispose();
        _root.Dispose();
        _leafKey.Dispose();
        _rootKey.Dispose();
    }
}

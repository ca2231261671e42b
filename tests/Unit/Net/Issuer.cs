using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Photos.Tests.Unit.Net;

/// <summary>A certificate authority and its key.</summary>
internal sealed record Issuer(X509Certificate2 Certificate, ECDsa Key)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly DateTimeOffset s_from = DateTimeOffset.UtcNow.AddDays(-2);
    private static readonly DateTimeOffset s_to = DateTimeOffset.UtcNow.AddDays(2);

    public static Issuer Root(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new Issuer(Authority(name, key).CreateSelfSigned(s_from, s_to), key);
    }

    public Issuer Intermediate(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new Issuer(Sign(Authority(name, key), s_to), key);
    }

    /// <summary>A certificate with the same name and key, signed by another authority.</summary>
    public Issuer SignedBy(Issuer other) =>
        this with { Certificate = other.Sign(new CertificateRequest(Certificate.SubjectName, Key, HashAlgorithmName.SHA256) { CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, critical: true) } }, s_to) };

    public X509Certificate2 Leaf(string host, bool expired = false, string purpose = ServerAuthentication)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        using X509Certificate2 signed = Sign(request, expired ? DateTimeOffset.UtcNow.AddDays(-1) : s_to.AddHours(-1));
        return signed.CopyWithPrivateKey(key);
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset to) => request.Create(
        Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(Key), s_from, to, RandomNumberGenerator.GetBytes(8));

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        return request;
    }
}

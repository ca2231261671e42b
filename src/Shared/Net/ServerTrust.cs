using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Photos.Net;

/// <summary>
/// Trusts, beside the system's roots, those of a PEM file. Parsing a root costs about 1.7 million instructions, so only the
/// one that a server's certificates end in is parsed, when they are there.
/// </summary>
/// <param name="rootsFile">The PEM file; <see langword="null"/> to trust the system's roots alone.</param>
public sealed class ServerTrust(string? rootsFile)
{
    // RFC 5280, 4.2.1.12: the key may stand for a TLS server.
    private static readonly Oid s_serverAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly List<X509Certificate2> _parsed = [];

    /// <summary>How to open a connection to <paramref name="host"/>.</summary>
    internal SslClientAuthenticationOptions OptionsFor(string host) => new()
    {
        TargetHost = host,
        RemoteCertificateValidationCallback = rootsFile is null ? null : Trusts,
        CertificateChainPolicy = Policy(),
    };

    private static X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            RevocationMode = X509RevocationMode.NoCheck,

            // A server sends its intermediates (RFC 8446, 4.4.2); what else a certificate points to is not fetched.
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(s_serverAuthentication);
        return policy;
    }

    private bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // Any other error, as a wrong host name, no root makes good.
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 server || chain is null)
        {
            return errors == SslPolicyErrors.None;
        }

        foreach (X509ChainElement element in chain.ChainElements)
        {
            if (Find(element.Certificate.IssuerName.RawData) is X509Certificate2 root && EndsIn(root, server, chain))
            {
                return true;
            }
        }

        return false;
    }

    private static bool EndsIn(X509Certificate2 root, X509Certificate2 server, X509Chain chain)
    {
        using var anchored = new X509Chain { ChainPolicy = Policy() };
        anchored.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        anchored.ChainPolicy.CustomTrustStore.Add(root);
        anchored.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        bool trusted = anchored.Build(server);
        foreach (X509ChainElement element in anchored.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return trusted;
    }

    /// <summary>The root whose subject is <paramref name="name"/>, found by its bytes.</summary>
    private X509Certificate2? Find(byte[] name)
    {
        if (_parsed.Find(root => IsNamed(root, name)) is X509Certificate2 known)
        {
            return known;
        }

        ReadOnlySpan<char> pem = File.ReadAllText(rootsFile!);
        while (PemEncoding.TryFind(pem, out PemFields fields))
        {
            byte[] der = new byte[fields.DecodedDataLength];
            if (Convert.TryFromBase64Chars(pem[fields.Base64Data], der, out _) && der.AsSpan().IndexOf(name) >= 0)
            {
                X509Certificate2 root = X509CertificateLoader.LoadCertificate(der);
                if (IsNamed(root, name))
                {
                    _parsed.Add(root);
                    return root;
                }

                root.Dispose();
            }

            pem = pem[fields.Location.End..];
        }

        return null;
    }

    private static bool IsNamed(X509Certificate2 root, byte[] name) => root.SubjectName.RawData.AsSpan().SequenceEqual(name);
}

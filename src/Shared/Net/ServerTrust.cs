using System.Buffers;
using System.Buffers.Text;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Photos.Net;

/// <summary>
/// Decides which servers to trust: those whose certificate chain ends in a root of the system or of a PEM file. Parsing a
/// root takes about 1.7 million instructions, so a root of the file is parsed only when a server's chain needs it.
/// </summary>
/// <param name="rootsFile">The path of the PEM file; <see langword="null"/> to trust only the system's roots.</param>
public sealed class ServerTrust(string? rootsFile)
{
    // RFC 5280, 4.2.1.12: the certificate may be used for a TLS server.
    private static readonly Oid s_serverAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly List<X509Certificate2> _parsed = [];

    /// <summary>The options for a TLS connection to <paramref name="host"/>.</summary>
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

            // Servers send their intermediates (RFC 8446, 4.4.2), so nothing is downloaded.
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(s_serverAuthentication);
        return policy;
    }

    private bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // Other errors, such as a host-name mismatch, are never overridden.
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

    /// <summary>The file's root whose subject is <paramref name="name"/>, a DER-encoded name.</summary>
    private X509Certificate2? Find(byte[] name)
    {
        if (_parsed.Find(root => IsNamed(root, name)) is X509Certificate2 known)
        {
            return known;
        }

        // As bytes: a reader of text uses three times the memory. Some editors begin a file with a byte order mark.
        ReadOnlySpan<byte> pem = File.ReadAllBytes(rootsFile!);
        pem = pem.StartsWith("\ufeff"u8) ? pem["\ufeff"u8.Length..] : pem;
        while (PemEncoding.TryFindUtf8(pem, out PemFields fields))
        {
            byte[] der = new byte[fields.DecodedDataLength];
            if (Base64.DecodeFromUtf8(pem[fields.Base64Data], der, out _, out _) == OperationStatus.Done && der.AsSpan().IndexOf(name) >= 0)
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

using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Photos.Net;

/// <summary>
/// Decides which servers to trust: those whose certificate chain ends in a root of a PEM file, or else in one of the system's roots.
/// Parsing a root takes about a million instructions, so OpenSSL gets a root of the file only when it looks for an issuer of that name.
/// </summary>
/// <param name="rootsFile">The path of the PEM file; <see langword="null"/> to trust the system's roots.</param>
public sealed unsafe class ServerTrust(string? rootsFile)
{
    // OpenSSL's objects live as long as the process, as the clients of the services do.
    private nint _context;
    private byte[] _roots = [];

    /// <summary>Creates an SSL object that accepts only the certificate of <paramref name="host"/>.</summary>
    /// <param name="host">A host name or an IP address.</param>
    internal nint NewConnection(string host)
    {
        if (_context == 0)
        {
            _context = NewContext();
        }

        nint connection = OpenSsl.Check(OpenSsl.SSL_new(_context));
        fixed (byte* name = Encoding.ASCII.GetBytes($"{host}\0"))
        {
            if (IPAddress.TryParse(host, out _))
            {
                OpenSsl.Check(OpenSsl.X509_VERIFY_PARAM_set1_ip_asc(OpenSsl.SSL_get0_param(connection), name));
            }
            else
            {
                OpenSsl.SSL_set_hostflags(connection, OpenSsl.NoPartialWildcards);
                OpenSsl.Check(OpenSsl.SSL_set1_host(connection, name));
                OpenSsl.Check(OpenSsl.SSL_ctrl(connection, OpenSsl.SetServerName, 0, name));
            }
        }

        return connection;
    }

    private nint NewContext()
    {
        nint context = OpenSsl.Check(OpenSsl.SSL_CTX_new(OpenSsl.TLS_client_method()));
        OpenSsl.SSL_CTX_set_verify(context, OpenSsl.VerifyPeer, 0);
        OpenSsl.SSL_CTX_set_options(context, OpenSsl.NoRenegotiation);

        // Forward secrecy and authenticated encryption (RFC 9325, 4.2). TLS 1.3 has no other ciphers.
        OpenSsl.Check(OpenSsl.SSL_CTX_set_cipher_list(context, OpenSsl.Literal("ECDHE+AESGCM:ECDHE+CHACHA20"u8)));

        // The system's policy may allow only newer versions.
        if (OpenSsl.SSL_CTX_ctrl(context, OpenSsl.GetMinProtocolVersion, 0, 0) < OpenSsl.Tls12)
        {
            OpenSsl.Check(OpenSsl.SSL_CTX_ctrl(context, OpenSsl.SetMinProtocolVersion, OpenSsl.Tls12, 0));
        }

        if (rootsFile is null)
        {
            OpenSsl.Check(OpenSsl.SSL_CTX_set_default_verify_paths(context));
            return context;
        }

        _roots = File.ReadAllBytes(rootsFile);
        nint method = OpenSsl.Check(OpenSsl.X509_LOOKUP_meth_new(OpenSsl.Literal("roots of a file"u8)));
        OpenSsl.Check(OpenSsl.X509_LOOKUP_meth_set_get_by_subject(method, &FindRoot));
        nint lookup = OpenSsl.Check(OpenSsl.X509_STORE_add_lookup(OpenSsl.SSL_CTX_get_cert_store(context), method));
        OpenSsl.Check(OpenSsl.X509_LOOKUP_set_method_data(lookup, GCHandle.ToIntPtr(GCHandle.Alloc(this))));
        return context;
    }

    /// <summary>Gives OpenSSL the root with a name.</summary>
    /// <returns>1 if there is one, otherwise 0.</returns>
    /// <remarks>https://docs.openssl.org/3.0/man3/X509_LOOKUP_meth_new/</remarks>
    [UnmanagedCallersOnly]
    private static int FindRoot(nint lookup, int type, nint name, nint result)
    {
        byte* der;
        nuint length;
        if (type != OpenSsl.LookUpCertificate || OpenSsl.X509_NAME_get0_der(name, &der, &length) != 1)
        {
            return 0;
        }

        var trust = (ServerTrust)GCHandle.FromIntPtr(OpenSsl.X509_LOOKUP_get_method_data(lookup)).Target!;
        nint root = trust.Parse(new ReadOnlySpan<byte>(der, (int)length), name);
        if (root == 0)
        {
            return 0;
        }

        // Both keep a reference. The store finds the root next time.
        int found = OpenSsl.X509_STORE_add_cert(OpenSsl.X509_LOOKUP_get_store(lookup), root) & OpenSsl.X509_OBJECT_set1_X509(result, root);
        OpenSsl.X509_free(root);
        return found;
    }

    /// <summary>Parses the file's root with a name.</summary>
    /// <returns>An X509 object; 0 if the file has no such root.</returns>
    private nint Parse(ReadOnlySpan<byte> der, nint name)
    {
        // Some editors begin a file with a byte order mark.
        ReadOnlySpan<byte> pem = _roots;
        pem = pem.StartsWith("\ufeff"u8) ? pem["\ufeff"u8.Length..] : pem;
        while (PemEncoding.TryFindUtf8(pem, out PemFields fields))
        {
            byte[] certificate = new byte[fields.DecodedDataLength];
            if (Base64.DecodeFromUtf8(pem[fields.Base64Data], certificate, out _, out int length) == OperationStatus.Done
                && certificate.AsSpan().IndexOf(der) >= 0)
            {
                fixed (byte* start = certificate)
                {
                    byte* at = start;
                    nint root = OpenSsl.d2i_X509(0, &at, length);
                    if (root != 0 && OpenSsl.X509_NAME_cmp(OpenSsl.X509_get_subject_name(root), name) == 0)
                    {
                        return root;
                    }

                    OpenSsl.X509_free(root);
                }
            }

            pem = pem[fields.Location.End..];
        }

        return 0;
    }
}

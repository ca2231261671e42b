using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Photos.Net;

/// <summary>
/// The functions of the system's OpenSSL 3 that this project calls, with the names that OpenSSL's manual pages have. .NET's own binding
/// initializes more of OpenSSL than one connection needs, and brings a second implementation of certificate chains into the binary.
/// </summary>
/// <remarks>https://docs.openssl.org/3.0/man3/. OpenSSL keeps the binary interface of a major version, which is in the names of the libraries.</remarks>
internal static unsafe partial class OpenSsl
{
    public const int VerifyPeer = 1;
    public const int WantRead = 2;
    public const int ZeroReturn = 6;
    public const int SetMinProtocolVersion = 123;
    public const int GetMinProtocolVersion = 130;
    public const int SetServerName = 55;
    public const int Tls12 = 0x0303;
    public const ulong NoRenegotiation = 1UL << 30;
    public const uint NoPartialWildcards = 4;
    public const int LookUpCertificate = 1;

    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";

    /// <summary>Whether the functions run where they are deployed. On macOS, the local host runs them too, but without TLS.</summary>
    public static bool IsAvailable => OperatingSystem.IsLinux();

    [LibraryImport(Ssl)]
    public static partial nint TLS_client_method();

    [LibraryImport(Ssl)]
    public static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Ssl)]
    public static partial nint SSL_CTX_ctrl(nint context, int command, nint value, nint pointer);

    [LibraryImport(Ssl)]
    public static partial ulong SSL_CTX_set_options(nint context, ulong options);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_CTX_set_cipher_list(nint context, string ciphers);

    [LibraryImport(Ssl)]
    public static partial void SSL_CTX_set_verify(nint context, int mode, nint callback);

    [LibraryImport(Ssl)]
    public static partial int SSL_CTX_set_default_verify_paths(nint context);

    [LibraryImport(Ssl)]
    public static partial nint SSL_CTX_get_cert_store(nint context);

    [LibraryImport(Ssl)]
    public static partial nint SSL_new(nint context);

    [LibraryImport(Ssl)]
    public static partial void SSL_free(nint connection);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint SSL_ctrl(nint connection, int command, nint value, string text);

    [LibraryImport(Ssl, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_set1_host(nint connection, string name);

    [LibraryImport(Ssl)]
    public static partial void SSL_set_hostflags(nint connection, uint flags);

    [LibraryImport(Ssl)]
    public static partial nint SSL_get0_param(nint connection);

    [LibraryImport(Ssl)]
    public static partial void SSL_set_bio(nint connection, nint read, nint write);

    [LibraryImport(Ssl)]
    public static partial int SSL_connect(nint connection);

    [LibraryImport(Ssl)]
    public static partial int SSL_read(nint connection, ref byte buffer, int count);

    [LibraryImport(Ssl)]
    public static partial int SSL_write(nint connection, ref byte buffer, int count);

    [LibraryImport(Ssl)]
    public static partial int SSL_get_error(nint connection, int result);

    [LibraryImport(Ssl)]
    public static partial nint SSL_get_verify_result(nint connection);

    [LibraryImport(Crypto)]
    public static partial nint BIO_s_mem();

    [LibraryImport(Crypto)]
    public static partial nint BIO_new(nint method);

    [LibraryImport(Crypto)]
    public static partial int BIO_read(nint bio, ref byte buffer, int count);

    [LibraryImport(Crypto)]
    public static partial int BIO_write(nint bio, ref byte buffer, int count);

    [LibraryImport(Crypto)]
    public static partial void ERR_clear_error();

    [LibraryImport(Crypto)]
    public static partial nuint ERR_peek_last_error();

    [LibraryImport(Crypto)]
    public static partial nint ERR_reason_error_string(nuint error);

    [LibraryImport(Crypto)]
    public static partial nint X509_verify_cert_error_string(nint error);

    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int X509_VERIFY_PARAM_set1_ip_asc(nint parameters, string address);

    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint X509_LOOKUP_meth_new(string name);

    [LibraryImport(Crypto)]
    public static partial int X509_LOOKUP_meth_set_get_by_subject(nint method, delegate* unmanaged<nint, int, nint, nint, int> find);

    [LibraryImport(Crypto)]
    public static partial nint X509_STORE_add_lookup(nint store, nint method);

    [LibraryImport(Crypto)]
    public static partial int X509_LOOKUP_set_method_data(nint lookup, nint data);

    [LibraryImport(Crypto)]
    public static partial nint X509_LOOKUP_get_method_data(nint lookup);

    [LibraryImport(Crypto)]
    public static partial int X509_NAME_get0_der(nint name, out byte* der, out nuint length);

    [LibraryImport(Crypto)]
    public static partial nint X509_LOOKUP_get_store(nint lookup);

    [LibraryImport(Crypto)]
    public static partial int X509_STORE_add_cert(nint store, nint certificate);

    [LibraryImport(Crypto)]
    public static partial nint d2i_X509(nint result, ref byte* der, nint length);

    [LibraryImport(Crypto)]
    public static partial nint X509_get_subject_name(nint certificate);

    [LibraryImport(Crypto)]
    public static partial int X509_NAME_cmp(nint one, nint other);

    [LibraryImport(Crypto)]
    public static partial int X509_OBJECT_set1_X509(nint result, nint certificate);

    [LibraryImport(Crypto)]
    public static partial void X509_free(nint certificate);

    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint EVP_MD_fetch(nint library, string algorithm, nint properties);

    [LibraryImport(Crypto)]
    public static partial int EVP_Digest(ref byte data, nuint count, ref byte digest, nint size, nint algorithm, nint engine);

    [LibraryImport(Crypto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint EVP_MAC_fetch(nint library, string algorithm, nint properties);

    [LibraryImport(Crypto)]
    public static partial nint EVP_MAC_CTX_new(nint mac);

    [LibraryImport(Crypto)]
    public static partial int EVP_MAC_init(nint context, ref byte key, nuint count, in Parameter parameters);

    [LibraryImport(Crypto)]
    public static partial int EVP_MAC_init(nint context, nint key, nuint count, nint parameters);

    [LibraryImport(Crypto)]
    public static partial int EVP_MAC_update(nint context, ref byte data, nuint count);

    [LibraryImport(Crypto)]
    public static partial int EVP_MAC_final(nint context, ref byte mac, out nuint length, nuint size);

    /// <returns><paramref name="result"/></returns>
    /// <exception cref="InvalidOperationException">It is zero or null, with which OpenSSL says that a call has failed.</exception>
    public static nint Check(nint result) => result != 0 ? result : throw new InvalidOperationException($"OpenSSL failed: {LastError()}.");

    /// <summary>The reason of this thread's last error.</summary>
    public static string LastError() => Marshal.PtrToStringUTF8(ERR_reason_error_string(ERR_peek_last_error())) ?? "no reason was given";

    /// <summary>OSSL_PARAM. A list ends with the default.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly struct Parameter
    {
        private const uint Utf8Text = 4;

        private readonly nint _key;
        private readonly uint _type;
        private readonly nint _value;
        private readonly nuint _size;
        private readonly nuint _returnSize;

        private Parameter(nint key, uint type, nint value, nuint size) => (_key, _type, _value, _size, _returnSize) = (key, type, value, size, 0);

        /// <param name="key">A literal, so that it does not move and ends with a zero.</param>
        /// <param name="value">As <paramref name="key"/>.</param>
        public static Parameter Text(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => new(
            (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(key)), Utf8Text, (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(value)), (nuint)value.Length);
    }
}

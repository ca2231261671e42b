using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Photos.Net;

/// <summary>
/// The functions of the system's OpenSSL 3 that this project calls, with the names and parameters that OpenSSL's manual pages have. .NET's
/// own binding initializes more of OpenSSL than one connection needs, and brings a second implementation of certificate chains into the
/// binary. Function pointers, because the first call of a method with <see cref="LibraryImportAttribute"/> needs reflection.
/// </summary>
/// <remarks>https://docs.openssl.org/3.0/man3/. OpenSSL keeps the binary interface of a major version, which is in the names of the libraries.</remarks>
internal static unsafe class OpenSsl
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

    private static readonly nint s_ssl = NativeLibrary.Load("libssl.so.3");
    private static readonly nint s_crypto = NativeLibrary.Load("libcrypto.so.3");

    public static readonly delegate* unmanaged<nint> TLS_client_method = (delegate* unmanaged<nint>)Ssl(nameof(TLS_client_method));

    public static readonly delegate* unmanaged<nint, nint> SSL_CTX_new = (delegate* unmanaged<nint, nint>)Ssl(nameof(SSL_CTX_new));
    public static readonly delegate* unmanaged<nint, int, nint, nint, nint> SSL_CTX_ctrl = (delegate* unmanaged<nint, int, nint, nint, nint>)Ssl(nameof(SSL_CTX_ctrl));
    public static readonly delegate* unmanaged<nint, ulong, ulong> SSL_CTX_set_options = (delegate* unmanaged<nint, ulong, ulong>)Ssl(nameof(SSL_CTX_set_options));
    public static readonly delegate* unmanaged<nint, byte*, int> SSL_CTX_set_cipher_list = (delegate* unmanaged<nint, byte*, int>)Ssl(nameof(SSL_CTX_set_cipher_list));
    public static readonly delegate* unmanaged<nint, int, nint, void> SSL_CTX_set_verify = (delegate* unmanaged<nint, int, nint, void>)Ssl(nameof(SSL_CTX_set_verify));
    public static readonly delegate* unmanaged<nint, int> SSL_CTX_set_default_verify_paths = (delegate* unmanaged<nint, int>)Ssl(nameof(SSL_CTX_set_default_verify_paths));
    public static readonly delegate* unmanaged<nint, nint> SSL_CTX_get_cert_store = (delegate* unmanaged<nint, nint>)Ssl(nameof(SSL_CTX_get_cert_store));
    public static readonly delegate* unmanaged<nint, nint> SSL_new = (delegate* unmanaged<nint, nint>)Ssl(nameof(SSL_new));
    public static readonly delegate* unmanaged<nint, void> SSL_free = (delegate* unmanaged<nint, void>)Ssl(nameof(SSL_free));
    public static readonly delegate* unmanaged<nint, int, nint, byte*, nint> SSL_ctrl = (delegate* unmanaged<nint, int, nint, byte*, nint>)Ssl(nameof(SSL_ctrl));
    public static readonly delegate* unmanaged<nint, byte*, int> SSL_set1_host = (delegate* unmanaged<nint, byte*, int>)Ssl(nameof(SSL_set1_host));
    public static readonly delegate* unmanaged<nint, uint, void> SSL_set_hostflags = (delegate* unmanaged<nint, uint, void>)Ssl(nameof(SSL_set_hostflags));
    public static readonly delegate* unmanaged<nint, nint> SSL_get0_param = (delegate* unmanaged<nint, nint>)Ssl(nameof(SSL_get0_param));
    public static readonly delegate* unmanaged<nint, nint, nint, void> SSL_set_bio = (delegate* unmanaged<nint, nint, nint, void>)Ssl(nameof(SSL_set_bio));
    public static readonly delegate* unmanaged<nint, int> SSL_connect = (delegate* unmanaged<nint, int>)Ssl(nameof(SSL_connect));
    public static readonly delegate* unmanaged<nint, byte*, int, int> SSL_read = (delegate* unmanaged<nint, byte*, int, int>)Ssl(nameof(SSL_read));
    public static readonly delegate* unmanaged<nint, byte*, int, int> SSL_write = (delegate* unmanaged<nint, byte*, int, int>)Ssl(nameof(SSL_write));
    public static readonly delegate* unmanaged<nint, int, int> SSL_get_error = (delegate* unmanaged<nint, int, int>)Ssl(nameof(SSL_get_error));
    public static readonly delegate* unmanaged<nint, nint> SSL_get_verify_result = (delegate* unmanaged<nint, nint>)Ssl(nameof(SSL_get_verify_result));

    public static readonly delegate* unmanaged<nint> BIO_s_mem = (delegate* unmanaged<nint>)Crypto(nameof(BIO_s_mem));
    public static readonly delegate* unmanaged<nint, nint> BIO_new = (delegate* unmanaged<nint, nint>)Crypto(nameof(BIO_new));
    public static readonly delegate* unmanaged<nint, byte*, int, int> BIO_read = (delegate* unmanaged<nint, byte*, int, int>)Crypto(nameof(BIO_read));
    public static readonly delegate* unmanaged<nint, byte*, int, int> BIO_write = (delegate* unmanaged<nint, byte*, int, int>)Crypto(nameof(BIO_write));

    public static readonly delegate* unmanaged<void> ERR_clear_error = (delegate* unmanaged<void>)Crypto(nameof(ERR_clear_error));
    public static readonly delegate* unmanaged<nuint> ERR_peek_last_error = (delegate* unmanaged<nuint>)Crypto(nameof(ERR_peek_last_error));
    public static readonly delegate* unmanaged<nuint, byte*> ERR_reason_error_string = (delegate* unmanaged<nuint, byte*>)Crypto(nameof(ERR_reason_error_string));

    public static readonly delegate* unmanaged<nint, byte*> X509_verify_cert_error_string = (delegate* unmanaged<nint, byte*>)Crypto(nameof(X509_verify_cert_error_string));
    public static readonly delegate* unmanaged<nint, byte*, int> X509_VERIFY_PARAM_set1_ip_asc = (delegate* unmanaged<nint, byte*, int>)Crypto(nameof(X509_VERIFY_PARAM_set1_ip_asc));
    public static readonly delegate* unmanaged<byte*, nint> X509_LOOKUP_meth_new = (delegate* unmanaged<byte*, nint>)Crypto(nameof(X509_LOOKUP_meth_new));
    public static readonly delegate* unmanaged<nint, delegate* unmanaged<nint, int, nint, nint, int>, int> X509_LOOKUP_meth_set_get_by_subject = (delegate* unmanaged<nint, delegate* unmanaged<nint, int, nint, nint, int>, int>)Crypto(nameof(X509_LOOKUP_meth_set_get_by_subject));
    public static readonly delegate* unmanaged<nint, nint, nint> X509_STORE_add_lookup = (delegate* unmanaged<nint, nint, nint>)Crypto(nameof(X509_STORE_add_lookup));
    public static readonly delegate* unmanaged<nint, nint, int> X509_LOOKUP_set_method_data = (delegate* unmanaged<nint, nint, int>)Crypto(nameof(X509_LOOKUP_set_method_data));
    public static readonly delegate* unmanaged<nint, nint> X509_LOOKUP_get_method_data = (delegate* unmanaged<nint, nint>)Crypto(nameof(X509_LOOKUP_get_method_data));
    public static readonly delegate* unmanaged<nint, byte**, nuint*, int> X509_NAME_get0_der = (delegate* unmanaged<nint, byte**, nuint*, int>)Crypto(nameof(X509_NAME_get0_der));
    public static readonly delegate* unmanaged<nint, nint> X509_LOOKUP_get_store = (delegate* unmanaged<nint, nint>)Crypto(nameof(X509_LOOKUP_get_store));
    public static readonly delegate* unmanaged<nint, nint, int> X509_STORE_add_cert = (delegate* unmanaged<nint, nint, int>)Crypto(nameof(X509_STORE_add_cert));

    public static readonly delegate* unmanaged<nint, byte**, nint, nint> d2i_X509 = (delegate* unmanaged<nint, byte**, nint, nint>)Crypto(nameof(d2i_X509));

    public static readonly delegate* unmanaged<nint, nint> X509_get_subject_name = (delegate* unmanaged<nint, nint>)Crypto(nameof(X509_get_subject_name));
    public static readonly delegate* unmanaged<nint, nint, int> X509_NAME_cmp = (delegate* unmanaged<nint, nint, int>)Crypto(nameof(X509_NAME_cmp));
    public static readonly delegate* unmanaged<nint, nint, int> X509_OBJECT_set1_X509 = (delegate* unmanaged<nint, nint, int>)Crypto(nameof(X509_OBJECT_set1_X509));
    public static readonly delegate* unmanaged<nint, void> X509_free = (delegate* unmanaged<nint, void>)Crypto(nameof(X509_free));

    public static readonly delegate* unmanaged<nint, byte*, nint, nint> EVP_MD_fetch = (delegate* unmanaged<nint, byte*, nint, nint>)Crypto(nameof(EVP_MD_fetch));
    public static readonly delegate* unmanaged<byte*, nuint, byte*, nint, nint, nint, int> EVP_Digest = (delegate* unmanaged<byte*, nuint, byte*, nint, nint, nint, int>)Crypto(nameof(EVP_Digest));
    public static readonly delegate* unmanaged<nint, byte*, nint, nint> EVP_MAC_fetch = (delegate* unmanaged<nint, byte*, nint, nint>)Crypto(nameof(EVP_MAC_fetch));
    public static readonly delegate* unmanaged<nint, nint> EVP_MAC_CTX_new = (delegate* unmanaged<nint, nint>)Crypto(nameof(EVP_MAC_CTX_new));
    public static readonly delegate* unmanaged<nint, byte*, nuint, Parameter*, int> EVP_MAC_init = (delegate* unmanaged<nint, byte*, nuint, Parameter*, int>)Crypto(nameof(EVP_MAC_init));
    public static readonly delegate* unmanaged<nint, byte*, nuint, int> EVP_MAC_update = (delegate* unmanaged<nint, byte*, nuint, int>)Crypto(nameof(EVP_MAC_update));
    public static readonly delegate* unmanaged<nint, byte*, nuint*, nuint, int> EVP_MAC_final = (delegate* unmanaged<nint, byte*, nuint*, nuint, int>)Crypto(nameof(EVP_MAC_final));

    /// <returns><paramref name="result"/></returns>
    /// <exception cref="InvalidOperationException">It is zero or null, with which OpenSSL says that a call has failed.</exception>
    public static nint Check(nint result) => result != 0 ? result : throw new InvalidOperationException($"OpenSSL failed: {LastError()}.");

    /// <summary>The reason of this thread's last error.</summary>
    public static string LastError() => TextOf(ERR_reason_error_string(ERR_peek_last_error()));

    /// <summary>A text of OpenSSL.</summary>
    public static string TextOf(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "no reason was given";

    /// <summary>The address of a literal, which does not move and ends with a zero.</summary>
    public static byte* Literal(ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));

    private static void* Ssl(string name) => (void*)NativeLibrary.GetExport(s_ssl, name);

    private static void* Crypto(string name) => (void*)NativeLibrary.GetExport(s_crypto, name);

    /// <summary>OSSL_PARAM. A list ends with the default.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly struct Parameter
    {
        private const uint Utf8Text = 4;

        private readonly byte* _key;
        private readonly uint _type;
        private readonly byte* _value;
        private readonly nuint _size;
        private readonly nuint _returnSize;

        private Parameter(byte* key, uint type, byte* value, nuint size)
        {
            _key = key;
            _type = type;
            _value = value;
            _size = size;
            _returnSize = 0;
        }

        /// <param name="key">A literal.</param>
        /// <param name="value">A literal.</param>
        public static Parameter Text(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
            new(Literal(key), Utf8Text, Literal(value), (nuint)value.Length);
    }
}

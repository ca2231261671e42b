using System.Buffers;
using System.Globalization;

namespace Photos.Aws;

/// <summary>Where a service listens. <see cref="Uri"/> would bring its parsers of every scheme into the binary.</summary>
/// <param name="IsSecure">Whether the service uses TLS.</param>
/// <param name="Host">A host name in lower case, or an IP address without brackets.</param>
/// <param name="Port">The port.</param>
public sealed record ServiceEndpoint(bool IsSecure, string Host, int Port)
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("-.0123456789_abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> s_addressCharacters = SearchValues.Create(".:0123456789abcdef");

    /// <summary>The value of the <c>Host</c> header: without the port where that is the scheme's default.</summary>
    /// <remarks>https://www.rfc-editor.org/rfc/rfc9110#section-7.2</remarks>
    public string Authority
    {
        get
        {
            string host = Host.Contains(':') ? $"[{Host}]" : Host;
            return Port == DefaultPort(IsSecure) ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
        }
    }

    /// <summary>The URL without a path.</summary>
    public string Origin => $"{(IsSecure ? "https" : "http")}://{Authority}";

    /// <summary>The endpoint of a host on the port of HTTPS.</summary>
    /// <param name="host">A host name in lower case.</param>
    public static ServiceEndpoint Https(string host) => new(IsSecure: true, host, HttpsPort);

    /// <summary>Parses an http or https URL.</summary>
    /// <param name="url">The URL. Its host is in ASCII, and it has neither a user nor a path, a query or a fragment.</param>
    /// <returns><see langword="null"/> if it is anything else.</returns>
    /// <remarks>https://www.rfc-editor.org/rfc/rfc3986#section-3.2</remarks>
    public static ServiceEndpoint? Parse(string url)
    {
        string text = url.ToLowerInvariant();
        bool isSecure = text.StartsWith("https://", StringComparison.Ordinal);
        if (!isSecure && !text.StartsWith("http://", StringComparison.Ordinal))
        {
            return null;
        }

        ReadOnlySpan<char> authority = text.AsSpan(isSecure ? "https://".Length : "http://".Length);
        authority = authority is [.. var withoutSlash, '/'] ? withoutSlash : authority;

        ReadOnlySpan<char> host;
        ReadOnlySpan<char> rest;
        if (authority is ['[', ..] && authority.IndexOf(']') is int end and > 0)
        {
            host = authority[1..end];
            rest = authority[(end + 1)..];
            if (!host.Contains(':') || host.ContainsAnyExcept(s_addressCharacters))
            {
                return null;
            }
        }
        else
        {
            int colon = authority.IndexOf(':');
            host = colon < 0 ? authority : authority[..colon];
            rest = authority[host.Length..];
            if (host.IsEmpty || host.ContainsAnyExcept(s_nameCharacters))
            {
                return null;
            }
        }

        int port = DefaultPort(isSecure);
        bool hasPort = rest is not ([] or [':']);
        return hasPort && !(rest[0] == ':' && int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= ushort.MaxValue)
            ? null
            : new ServiceEndpoint(isSecure, host.ToString(), port);
    }

    private static int DefaultPort(bool isSecure) => isSecure ? HttpsPort : HttpPort;
}

using System.Globalization;

namespace Photos.Aws;

/// <summary>
/// Presigns S3 requests: Signature Version 4 in the query. The SDK's presigner runs its whole request pipeline for each URL,
/// and a page has a hundred; this class keeps the query that URLs with the same time of signing share.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html</remarks>
internal sealed class UrlSigner
{
    private readonly string _host;
    private readonly string _origin;
    private readonly AwsSettings _settings;
    private readonly SigV4 _signature;
    private DateTimeOffset _now;
    private string _time = "";
    private string _signedNames = "";
    private TimeSpan _lifetime;
    private string _query = "";
    private string _responseHeaders = "";
    private string _queryWithHeaders = "";

    /// <summary>A signer for the URLs of one origin.</summary>
    /// <param name="origin">The bucket's endpoint.</param>
    /// <param name="settings">The credentials and the Region.</param>
    public UrlSigner(ServiceEndpoint origin, AwsSettings settings)
    {
        _host = origin.Authority;
        _origin = origin.Origin;
        _settings = settings;
        _signature = new SigV4(settings, "s3");
    }

    /// <summary>Presigns one request.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path, not yet percent-encoded.</param>
    /// <param name="headers">The headers to sign in addition to <c>Host</c>, in the alphabetical order of their names.</param>
    /// <param name="now">The time of signing.</param>
    /// <param name="lifetime">How long the URL is valid, at most 7 days.</param>
    /// <param name="responseHeaders">
    /// Parameters such as <c>&amp;response-cache-control=no-store</c>, encoded and in alphabetical order. In a canonical query,
    /// they follow the parameters of the signature, because capital letters come first.
    /// </param>
    /// <returns>The URL.</returns>
    public string Sign(
        string method,
        string path,
        ReadOnlySpan<KeyValuePair<string, string>> headers,
        DateTimeOffset now,
        TimeSpan lifetime,
        string responseHeaders = "")
    {
        (string names, string lines) = headers.IsEmpty ? ("host", $"host:{_host}\n") : Canonicalize(headers);
        string encodedPath = SigV4.Encode(path, keepSlashes: true);
        string query = Query(now, names, lifetime, responseHeaders);
        string signature = _signature.Sign(_time, method, encodedPath, query, lines, names, SigV4.UnsignedPayload);
        return string.Concat([_origin, encodedPath, "?", query, "&X-Amz-Signature=", signature]);
    }

    private string Query(DateTimeOffset now, string signedNames, TimeSpan lifetime, string responseHeaders)
    {
        if (_now != now || _signedNames != signedNames || _lifetime != lifetime)
        {
            _time = SigV4.FormatTime(now.UtcDateTime);
            _query = $"X-Amz-Algorithm={SigV4.Algorithm}"
                + $"&X-Amz-Credential={SigV4.Encode(_signature.Credential(_time))}"
                + $"&X-Amz-Date={_time}"
                + $"&X-Amz-Expires={((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)}"
                + (_settings.SessionToken is string token ? $"&X-Amz-Security-Token={SigV4.Encode(token)}" : "")
                + $"&X-Amz-SignedHeaders={SigV4.Encode(signedNames)}";
            _queryWithHeaders = _query + _responseHeaders;
            (_now, _signedNames, _lifetime) = (now, signedNames, lifetime);
        }

        // Two queries take turns in a page: the thumbnails' and the originals'.
        if (responseHeaders.Length > 0 && _responseHeaders != responseHeaders)
        {
            _queryWithHeaders = _query + responseHeaders;
            _responseHeaders = responseHeaders;
        }

        return responseHeaders.Length == 0 ? _query : _queryWithHeaders;
    }

    private (string Names, string Lines) Canonicalize(ReadOnlySpan<KeyValuePair<string, string>> headers)
    {
        var canonical = new CanonicalHeaders();
        bool hasHost = false;
        foreach (KeyValuePair<string, string> header in headers)
        {
            string name = header.Key.ToLowerInvariant();
            if (!hasHost && string.CompareOrdinal(name, "host") > 0)
            {
                canonical.Add("host", _host);
                hasHost = true;
            }

            canonical.Add(name, header.Value);
        }

        if (!hasHost)
        {
            canonical.Add("host", _host);
        }

        return (canonical.Names, canonical.Lines);
    }
}

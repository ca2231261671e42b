using Amazon.S3;
using Amazon.S3.Model;
using Photos.Aws;
using Photos.Net;

namespace Photos.Tests.Unit.Aws;

/// <summary>The SDK signs, then the signer signs for the same second. Both URLs must be equal.</summary>
public class UrlSignerTests
{
    private const string Bucket = "photos-dev-123456789012-eu-central-1";
    private const string Id = "0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a";

    [Theory]
    [InlineData("alice", null)]
    [InlineData("us-east-1:9f1c0a52", null)]
    [InlineData("alice", "IQoJb3JpZ2luX2VjE+/=token")]
    public void DownloadUrlsEqualTheSdks(string user, string? sessionToken)
    {
        AwsSettings settings = Settings(sessionToken, endpoint: null);

        AssertSameUrl(settings, HttpVerb.GET, $"private/{user}/{Id}", []);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:3001")]
    [InlineData("http://localhost")]
    public void UploadUrlsEqualTheSdks(string? endpoint)
    {
        AwsSettings settings = Settings("token", endpoint is null ? null : new Uri(endpoint));

        AssertSameUrl(settings, HttpVerb.PUT, $"private/alice/{Id}",
        [
            new("Content-Length", "1234"),
            new("Content-Type", "image/jpeg"),
            new("If-None-Match", "*"),
            new("x-amz-tagging", "photos-upload=unfinished"),
        ]);
    }

    /// <summary>The parameters of the response are signed too, in the order of a canonical query.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("IQoJb3JpZ2luX2VjE+/=token")]
    public void ResponseHeadersEqualTheSdks(string? sessionToken)
    {
        const string Name = "attachment; filename=\"_ 'a'(*).jpg\"; filename*=UTF-8''%C3%89%20%27a%27%28%2A%29.jpg";
        AwsSettings settings = Settings(sessionToken, endpoint: null);

        AssertSameUrl(settings, HttpVerb.GET, $"private/alice/{Id}", [], new() { CacheControl = "private, max-age=31536000, immutable" });
        AssertSameUrl(settings, HttpVerb.GET, $"private/alice/{Id}", [], new() { ContentDisposition = Name });
        AssertSameUrl(settings, HttpVerb.GET, $"private/alice/{Id}", [], new() { CacheControl = "no-store", ContentDisposition = Name });
    }

    /// <summary>The signer keeps queries for the next URL; each URL must have its own.</summary>
    [Fact]
    public void UrlsThatTakeTurnsAreSignedAsAlone()
    {
        AwsSettings settings = Settings("token", endpoint: null);
        var origin = ServiceEndpoint.Https("bucket.s3.eu-central-1.amazonaws.com");
        DateTimeOffset time = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        (string Method, KeyValuePair<string, string>[] Headers, DateTimeOffset Time, int Minutes, string ResponseHeaders)[] requests =
        [
            ("GET", [], time, 30, ""),
            ("GET", [], time, 30, "&response-cache-control=no-store"),
            ("GET", [], time, 30, "&response-content-disposition=attachment"),
            ("GET", [], time.AddMinutes(15), 30, "&response-cache-control=no-store"),
            ("GET", [], time.AddDays(1), 30, ""),
            ("GET", [], time, 15, ""),
            ("PUT", [new("Content-Length", "1")], time, 30, ""),
        ];
        string Sign(UrlSigner signer, int i) =>
            signer.Sign(requests[i].Method, "/a", requests[i].Headers, requests[i].Time, TimeSpan.FromMinutes(requests[i].Minutes), requests[i].ResponseHeaders);
        string[] alone = [.. requests.Select((_, i) => Sign(new UrlSigner(origin, settings), i))];
        var signer = new UrlSigner(origin, settings);

        Assert.Equal(requests.Length, alone.Distinct().Count());
        Assert.All(
            from first in Enumerable.Range(0, requests.Length) from second in Enumerable.Range(0, requests.Length) from i in (int[])[first, second, first] select i,
            i => Assert.Equal(alone[i], Sign(signer, i)));
    }

    private static AwsSettings Settings(string? sessionToken, Uri? endpoint) => new(
        "eu-central-1", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        sessionToken, DynamoDbEndpoint: null, endpoint?.ToEndpoint(), new ServerTrust(rootsFile: null));

    private static void AssertSameUrl(
        AwsSettings settings, HttpVerb verb, string key, KeyValuePair<string, string>[] headers, ResponseHeaderOverrides? response = null)
    {
        using AmazonS3Client sdk = SdkClients.S3(settings);
        var request = new GetPreSignedUrlRequest
        {
            BucketName = Bucket,
            Key = key,
            Verb = verb,
            Protocol = settings.S3Endpoint is { IsSecure: false } ? Protocol.HTTP : Protocol.HTTPS,
            Expires = DateTime.UtcNow.AddMinutes(15),
        };
        foreach (KeyValuePair<string, string> header in headers)
        {
            request.Headers[header.Key] = header.Value;
        }

        string responseHeaders = "";
        if (response is not null)
        {
            request.ResponseHeaderOverrides = response;
            responseHeaders = string.Concat(
                from one in ((string Name, string? Value)[])[("response-cache-control", response.CacheControl), ("response-content-disposition", response.ContentDisposition)]
                where one.Value is not null
                select $"&{one.Name}={SigV4.Encode(one.Value)}");
        }

        var theirs = new Uri(sdk.GetPreSignedURL(request));
        SortedDictionary<string, string> theirQuery = Query(theirs);
        DateTimeOffset signed = DateTimeOffset.ParseExact(
            theirQuery["X-Amz-Date"], "yyyyMMdd'T'HHmmss'Z'", null, System.Globalization.DateTimeStyles.AssumeUniversal);
        TimeSpan lifetime = TimeSpan.FromSeconds(int.Parse(theirQuery["X-Amz-Expires"], null));

        ServiceEndpoint origin = theirs.ToEndpoint();
        string path = (settings.S3Endpoint is null ? "/" : $"/{Bucket}/") + key;
        var ours = new Uri(new UrlSigner(origin, settings).Sign(verb.ToString(), path, headers, signed, lifetime, responseHeaders));

        Assert.Equal(theirs.AbsolutePath, ours.AbsolutePath);
        Assert.Equal(theirQuery, Query(ours));
    }

    private static SortedDictionary<string, string> Query(Uri url)
    {
        var query = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in url.Query[1..].Split('&'))
        {
            string[] parts = pair.Split('=', 2);
            query.Add(parts[0], Uri.UnescapeDataString(parts[1]));
        }

        return query;
    }
}

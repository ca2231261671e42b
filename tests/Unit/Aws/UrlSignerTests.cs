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

    private static AwsSettings Settings(string? sessionToken, Uri? endpoint) => new(
        "eu-central-1", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        sessionToken, DynamoDbEndpoint: null, endpoint, new ServerTrust(rootsFile: null));

    private static void AssertSameUrl(
        AwsSettings settings, HttpVerb verb, string key, KeyValuePair<string, string>[] headers)
    {
        using AmazonS3Client sdk = SdkClients.S3(settings);
        var request = new GetPreSignedUrlRequest
        {
            BucketName = Bucket,
            Key = key,
            Verb = verb,
            Protocol = settings.S3Endpoint?.Scheme == "http" ? Protocol.HTTP : Protocol.HTTPS,
            Expires = DateTime.UtcNow.AddMinutes(15),
        };
        foreach (KeyValuePair<string, string> header in headers)
        {
            request.Headers[header.Key] = header.Value;
        }

        var theirs = new Uri(sdk.GetPreSignedURL(request));
        SortedDictionary<string, string> theirQuery = Query(theirs);
        DateTimeOffset signed = DateTimeOffset.ParseExact(
            theirQuery["X-Amz-Date"], "yyyyMMdd'T'HHmmss'Z'", null, System.Globalization.DateTimeStyles.AssumeUniversal);
        TimeSpan lifetime = TimeSpan.FromSeconds(int.Parse(theirQuery["X-Amz-Expires"], null));

        Uri origin = new(theirs.GetLeftPart(UriPartial.Authority));
        string path = (settings.S3Endpoint is null ? "/" : $"/{Bucket}/") + key;
        var ours = new Uri(new UrlSigner(origin, settings).Sign(verb.ToString(), path, headers, signed, lifetime));

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

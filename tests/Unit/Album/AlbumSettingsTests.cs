using Photos.Album;
using Photos.Aws;
using Photos.Runtime;

namespace Photos.Tests.Unit.Album;

public class AlbumSettingsTests
{
    private static readonly Dictionary<string, string> s_environment = new()
    {
        ["PHOTO_TABLE"] = "table",
        ["PHOTO_BUCKET"] = "bucket",
        ["AWS_REGION"] = "eu-central-1",
        ["AWS_ACCESS_KEY_ID"] = "id",
        ["AWS_SECRET_ACCESS_KEY"] = "secret",
    };

    [Fact]
    public void OptionalVariablesMayBeAbsentOrEmpty()
    {
        AlbumSettings settings = Read(("PHOTOS_ROOTS", ""), ("AWS_SESSION_TOKEN", ""), ("AWS_ENDPOINT_URL_S3", ""));

        Assert.Equal(("table", "bucket", "eu-central-1", "id", "secret"), (settings.Table, settings.Bucket, settings.Aws.Region, settings.Aws.AccessKeyId, settings.Aws.SecretAccessKey));
        Assert.Null(settings.Aws.SessionToken);
        Assert.Null(settings.Aws.S3Endpoint);
        Assert.Null(settings.Aws.DynamoDbEndpoint);
    }

    [Theory]
    [InlineData("PHOTO_TABLE", "")]
    [InlineData("AWS_SECRET_ACCESS_KEY", "")]
    [InlineData("AWS_ENDPOINT_URL_DYNAMODB", "localhost:8000")]
    [InlineData("AWS_ENDPOINT_URL_S3", "ftp://localhost")]
    [InlineData("AWS_ENDPOINT_URL", "localhost")]
    [InlineData("AWS_ENDPOINT_URL", "http://localhost/path")]
    [InlineData("AWS_USE_FIPS_ENDPOINT", "yes")]
    [InlineData("AWS_USE_DUALSTACK_ENDPOINT", "1")]
    [InlineData("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "no")]
    [InlineData("PHOTOS_ROOTS", "/nowhere/roots.pem")]
    public void AnInvalidVariableIsNamed(string name, string value)
    {
        FunctionEnvironmentException wrong = Assert.Throws<FunctionEnvironmentException>(() => Read((name, value)));

        Assert.Contains(name, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheBucketsOriginHasItsName() =>
        Assert.Equal((ServiceEndpoint.Https("bucket.s3.eu-central-1.amazonaws.com"), "/"), PhotoBucket.Locate(Read()));

    /// <summary>The order of the SDKs: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html</summary>
    [Fact]
    public void AServicesOwnUrlPrecedesTheCommonOne()
    {
        AlbumSettings common = Read(("AWS_ENDPOINT_URL", "http://localhost:1"));
        AlbumSettings both = Read(("AWS_ENDPOINT_URL", "http://localhost:1"), ("AWS_ENDPOINT_URL_S3", "http://localhost:2"));
        AlbumSettings ignored = Read(
            ("AWS_ENDPOINT_URL", "http://localhost:1"), ("AWS_ENDPOINT_URL_S3", "http://localhost:2"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"));

        var one = new ServiceEndpoint(IsSecure: false, "localhost", 1);
        Assert.Equal((one, one), (common.Aws.DynamoDbEndpoint, common.Aws.S3Endpoint));
        Assert.Equal((one, one with { Port = 2 }), (both.Aws.DynamoDbEndpoint, both.Aws.S3Endpoint));
        Assert.Equal((null, null), (ignored.Aws.DynamoDbEndpoint, ignored.Aws.S3Endpoint));
    }

    [Theory]
    [InlineData("c2s.ic.gov", "AWS_USE_DUALSTACK_ENDPOINT", "c2s.ic.gov has no dual-stack endpoints")]
    [InlineData("amazonaws.com.cn", "AWS_USE_FIPS_ENDPOINT", "amazonaws.com.cn has no FIPS endpoints")]
    public void APartitionWithoutSuchEndpointsIsNamed(string suffix, string variable, string message) => Assert.Contains(
        message,
        Assert.Throws<FunctionEnvironmentException>(() => Read(("DNS_SUFFIX", suffix), (variable, "true"))).Message,
        StringComparison.Ordinal);

    private static AlbumSettings Read(params (string Name, string Value)[] others) => AlbumSettings.Read(
        new FunctionEnvironment(name => others.FirstOrDefault(other => other.Name == name).Value ?? s_environment.GetValueOrDefault(name)));
}

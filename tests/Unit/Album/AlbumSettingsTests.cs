using Photos.Album;
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
    [InlineData("PHOTOS_ROOTS", "/nowhere/roots.pem")]
    public void AnInvalidVariableIsNamed(string name, string value)
    {
        FunctionEnvironmentException wrong = Assert.Throws<FunctionEnvironmentException>(() => Read((name, value)));

        Assert.Contains(name, wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eu-central-1", "https://bucket.s3.eu-central-1.amazonaws.com/")]
    [InlineData("us-gov-west-1", "https://bucket.s3.us-gov-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", "https://bucket.s3.cn-north-1.amazonaws.com.cn/")]
    public void TheBucketsOriginFollowsTheRegion(string region, string origin) =>
        Assert.Equal(new Uri(origin), PhotoBucket.Locate(Read(("AWS_REGION", region))).Origin);

    private static AlbumSettings Read(params (string Name, string Value)[] others) => AlbumSettings.Read(
        new FunctionEnvironment(name => others.FirstOrDefault(other => other.Name == name).Value ?? s_environment.GetValueOrDefault(name)));
}

namespace Photos.Tests.Harness;

public sealed class LambdaEnvironmentTests
{
    [Fact]
    public void AnOverrideAddsReplacesOrRemovesAVariable()
    {
        Dictionary<string, string> environment = LambdaEnvironment.Create(
            "ListPhotos", LambdaEnvironment.Unreachable, ("PHOTOS_WARMUP", "off"), ("AWS_REGION", "eu-west-1"), ("PHOTO_TABLE", null));

        Assert.Equal("off", environment["PHOTOS_WARMUP"]);
        Assert.Equal("eu-west-1", environment["AWS_REGION"]);
        Assert.DoesNotContain("PHOTO_TABLE", environment.Keys);
        Assert.Equal("ListPhotos", environment["AWS_LAMBDA_FUNCTION_NAME"]);
    }
}

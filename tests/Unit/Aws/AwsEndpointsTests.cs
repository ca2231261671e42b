using Amazon;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Aws;
using Photos.Net;

namespace Photos.Tests.Unit.Aws;

/// <summary>The endpoints are those of the SDK, in every Region and partition that it knows.</summary>
public sealed class AwsEndpointsTests
{
    private static readonly BasicAWSCredentials s_credentials = new("id", "secret");

    /// <summary>All but the SDK's pseudo-Region for a setting.</summary>
    public static MatrixTheoryData<string, bool, bool> Regions { get; } =
        new(RegionEndpoint.EnumerableAllRegions.Select(region => region.SystemName).Where(name => name != "us-east-1-regional"), [false, true], [false, true]);

    [Theory]
    [MemberData(nameof(Regions))]
    public void EndpointsAreTheSdks(string name, bool fips, bool dualStack)
    {
        var region = RegionEndpoint.GetBySystemName(name);
        if (fips && !AwsEndpoints.HasFips(region.PartitionDnsSuffix))
        {
            Assert.Equal("aws-cn", region.PartitionName);
            return;
        }

        if (dualStack && !AwsEndpoints.HasDualStack(region.PartitionDnsSuffix))
        {
            Assert.Contains(region.PartitionName, (string[])["aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]);
            return;
        }

        var settings = new AwsSettings(name, "id", "secret", SessionToken: null, DynamoDbEndpoint: null, S3Endpoint: null, new ServerTrust(rootsFile: null))
        {
            DnsSuffix = region.PartitionDnsSuffix,
            UsesFips = fips,
            UsesDualStack = dualStack,
        };

        using var dynamoDb = new AmazonDynamoDBClient(s_credentials, Configure(new AmazonDynamoDBConfig { AccountIdEndpointMode = AccountIdEndpointMode.DISABLED }));
        using var s3 = new AmazonS3Client(s_credentials, Configure(new AmazonS3Config { USEast1RegionalEndpointValue = S3UsEast1RegionalEndpointValue.Regional }));
        Assert.Equal(new Uri(dynamoDb.DetermineServiceOperationEndpoint(new GetItemRequest { TableName = "t" }).URL), AwsEndpoints.DynamoDb(settings).ToUri());
        Assert.Equal(new Uri(s3.DetermineServiceOperationEndpoint(new GetObjectRequest { BucketName = "bucket", Key = "k" }).URL), AwsEndpoints.S3(settings, "bucket").ToUri());

        T Configure<T>(T config)
            where T : ClientConfig
        {
            config.RegionEndpoint = region;
            config.UseFIPSEndpoint = fips;
            config.UseDualstackEndpoint = dualStack;
            return config;
        }
    }
}

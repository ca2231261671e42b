using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Photos.Aws;

namespace Photos.Tests.Unit.Aws;

/// <summary>The SDK's client and credentials, to compare ours with.</summary>
internal static class SdkClients
{
    public static AWSCredentials Credentials(AwsSettings settings) => settings.SessionToken is string token
        ? new SessionAWSCredentials(settings.AccessKeyId, settings.SecretAccessKey, token)
        : new BasicAWSCredentials(settings.AccessKeyId, settings.SecretAccessKey);

    public static AmazonS3Client S3(AwsSettings settings)
    {
        var config = new AmazonS3Config { ForcePathStyle = settings.S3Endpoint is not null };
        if (settings.S3Endpoint is ServiceEndpoint endpoint)
        {
            config.ServiceURL = endpoint.Origin;
            config.AuthenticationRegion = settings.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }

        return new AmazonS3Client(Credentials(settings), config);
    }
}

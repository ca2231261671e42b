using Amazon;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.S3;

namespace Album.Storage;

/// <summary>
/// Makes the SDK's clients from explicit settings: the SDK's own search for credentials, regions and profiles would cost
/// a cold start what it finds anyway.
/// </summary>
internal static class AwsClients
{
    // Three tries of this length, with their pauses, end before a function's time-out of 10 s and its margin.
    private static readonly TimeSpan s_tryTimeout = TimeSpan.FromSeconds(2.5);
    private const int Retries = 2;

    public static AmazonDynamoDBClient DynamoDb(StorageSettings settings)
    {
        var config = new AmazonDynamoDBConfig { Timeout = s_tryTimeout, MaxErrorRetry = Retries, RetryMode = RequestRetryMode.Standard };
        Locate(config, settings, settings.DynamoDbEndpoint);
        return new AmazonDynamoDBClient(Credentials(settings), config);
    }

    public static AmazonS3Client S3(StorageSettings settings)
    {
        var config = new AmazonS3Config
        {
            Timeout = s_tryTimeout,
            MaxErrorRetry = Retries,
            RetryMode = RequestRetryMode.Standard,
            ForcePathStyle = settings.S3Endpoint is not null,
        };
        Locate(config, settings, settings.S3Endpoint);
        return new AmazonS3Client(Credentials(settings), config);
    }

    private static void Locate(ClientConfig config, StorageSettings settings, Uri? endpoint)
    {
        if (endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }
        else
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = settings.Region;
        }
    }

    private static AWSCredentials Credentials(StorageSettings settings) => settings.SessionToken is string token
        ? new SessionAWSCredentials(settings.AccessKeyId, settings.SecretAccessKey, token)
        : new BasicAWSCredentials(settings.AccessKeyId, settings.SecretAccessKey);
}

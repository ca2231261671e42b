using Album.Net;
using Album.Runtime;

namespace Album.Storage;

/// <summary>Where the photos are and who asks for them, read once while the function initialises.</summary>
/// <remarks>
/// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html: Lambda sets the region and the credentials.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html: the endpoints name other engines.
/// <c>PHOTOS_ROOTS</c> is a PEM file of roots to trust beside the system's.
/// </remarks>
public sealed record StorageSettings(
    string Table,
    string Bucket,
    string Region,
    string AccessKeyId,
    string SecretAccessKey,
    string? SessionToken,
    Uri? DynamoDbEndpoint,
    Uri? S3Endpoint,
    ServerTrust Trust)
{
    /// <summary>Where the region's services are.</summary>
    /// <remarks>https://docs.aws.amazon.com/general/latest/gr/rande.html</remarks>
    public string DnsSuffix => Region.StartsWith("cn-", StringComparison.Ordinal) ? "amazonaws.com.cn" : "amazonaws.com";

    /// <exception cref="FunctionEnvironmentException">A variable is missing or wrong.</exception>
    public static StorageSettings Read(FunctionEnvironment environment) => new(
        environment.Required("PHOTO_TABLE"),
        environment.Required("PHOTO_BUCKET"),
        environment.Required("AWS_REGION"),
        environment.Required("AWS_ACCESS_KEY_ID"),
        environment.Required("AWS_SECRET_ACCESS_KEY"),
        environment.Optional("AWS_SESSION_TOKEN"),
        environment.OptionalUrl("AWS_ENDPOINT_URL_DYNAMODB"),
        environment.OptionalUrl("AWS_ENDPOINT_URL_S3"),
        new ServerTrust(environment.OptionalFile("PHOTOS_ROOTS")));
}

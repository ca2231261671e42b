using Photos.Aws;
using Photos.Net;

namespace Photos.Runtime;

/// <summary>Reads the AWS settings that Lambda sets for every function.</summary>
/// <remarks>
/// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html lists the Region and the credentials;
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html the custom endpoints. <c>PHOTOS_ROOTS</c> names
/// a PEM file of roots to trust in addition to the system's.
/// </remarks>
public static class AwsEnvironment
{
    /// <summary>Reads the settings.</summary>
    /// <exception cref="FunctionEnvironmentException">A variable is missing or invalid.</exception>
    public static AwsSettings Read(FunctionEnvironment environment) => new(
        environment.Required("AWS_REGION"),
        environment.Required("AWS_ACCESS_KEY_ID"),
        environment.Required("AWS_SECRET_ACCESS_KEY"),
        environment.Optional("AWS_SESSION_TOKEN"),
        environment.OptionalUrl("AWS_ENDPOINT_URL_DYNAMODB"),
        environment.OptionalUrl("AWS_ENDPOINT_URL_S3"),
        new ServerTrust(environment.OptionalFile("PHOTOS_ROOTS")));
}

using Photos.Aws;
using Photos.Net;

namespace Photos.Runtime;

/// <summary>Reads the AWS settings that Lambda sets for every function.</summary>
/// <remarks>
/// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html lists the Region and the credentials;
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html the custom endpoints, and
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html FIPS and dual-stack. <c>DNS_SUFFIX</c> is the partition's domain,
/// which the template has from CloudFormation. <c>PHOTOS_ROOTS</c> names a PEM file of roots to trust instead of the system's.
/// </remarks>
public static class AwsEnvironment
{
    /// <summary>Reads the settings.</summary>
    /// <exception cref="FunctionEnvironmentException">A variable is missing or invalid.</exception>
    public static AwsSettings Read(FunctionEnvironment environment)
    {
        bool ignoresUrls = environment.Flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        ServiceEndpoint? common = ignoresUrls ? null : environment.OptionalEndpoint("AWS_ENDPOINT_URL");
        var settings = new AwsSettings(
            environment.Required("AWS_REGION"),
            environment.Required("AWS_ACCESS_KEY_ID"),
            environment.Required("AWS_SECRET_ACCESS_KEY"),
            environment.Optional("AWS_SESSION_TOKEN"),
            ignoresUrls ? null : environment.OptionalEndpoint("AWS_ENDPOINT_URL_DYNAMODB") ?? common,
            ignoresUrls ? null : environment.OptionalEndpoint("AWS_ENDPOINT_URL_S3") ?? common,
            new ServerTrust(environment.OptionalFile("PHOTOS_ROOTS")))
        {
            DnsSuffix = environment.Optional("DNS_SUFFIX") ?? "amazonaws.com",
            UsesFips = environment.Flag("AWS_USE_FIPS_ENDPOINT"),
            UsesDualStack = environment.Flag("AWS_USE_DUALSTACK_ENDPOINT"),
        };
        if (settings.UsesDualStack && !AwsEndpoints.HasDualStack(settings.DnsSuffix))
        {
            throw new FunctionEnvironmentException("AWS_USE_DUALSTACK_ENDPOINT", $"is true, but {settings.DnsSuffix} has no dual-stack endpoints");
        }

        if (settings.UsesFips && !AwsEndpoints.HasFips(settings.DnsSuffix))
        {
            throw new FunctionEnvironmentException("AWS_USE_FIPS_ENDPOINT", $"is true, but {settings.DnsSuffix} has no FIPS endpoints");
        }

        environment.Signing = settings.Signing;
        return settings;
    }
}

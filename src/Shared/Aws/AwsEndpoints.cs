namespace Photos.Aws;

/// <summary>The endpoints of DynamoDB and S3.</summary>
/// <remarks>
/// https://docs.aws.amazon.com/general/latest/gr/rande.html. A test compares them with the SDK's, which are not part of the functions
/// because reading their rules takes longer than the request.
/// </remarks>
internal static class AwsEndpoints
{
    /// <summary>DynamoDB's endpoint in the Region.</summary>
    public static ServiceEndpoint DynamoDb(AwsSettings settings)
    {
        // In GovCloud, the standard endpoint is a FIPS endpoint.
        bool isFipsAnyway = settings.Region.StartsWith("us-gov-", StringComparison.Ordinal) && !settings.UsesDualStack;
        return settings.DynamoDbEndpoint
            ?? ServiceEndpoint.Https($"dynamodb{(isFipsAnyway ? "" : Fips(settings))}.{settings.Region}.{(settings.UsesDualStack ? DualStackSuffix(settings) : settings.DnsSuffix)}");
    }

    /// <summary>A bucket's endpoint in the Region. A custom endpoint is without the bucket, which is then part of the path.</summary>
    public static ServiceEndpoint S3(AwsSettings settings, string bucket) =>
        settings.S3Endpoint ?? ServiceEndpoint.Https($"{bucket}.s3{Fips(settings)}{(settings.UsesDualStack ? ".dualstack" : "")}.{settings.Region}.{settings.DnsSuffix}");

    /// <summary>Whether DynamoDB has endpoints with IPv6 addresses in the partition of this domain.</summary>
    public static bool HasDualStack(string dnsSuffix) => dnsSuffix is "amazonaws.com" or "amazonaws.com.cn";

    /// <summary>Whether the partition of this domain has FIPS endpoints.</summary>
    public static bool HasFips(string dnsSuffix) => dnsSuffix != "amazonaws.com.cn";

    private static string Fips(AwsSettings settings) => settings.UsesFips ? "-fips" : "";

    private static string DualStackSuffix(AwsSettings settings) =>
        settings.DnsSuffix == "amazonaws.com.cn" ? "api.amazonwebservices.com.cn" : "api.aws";
}

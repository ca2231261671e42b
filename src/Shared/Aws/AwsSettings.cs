using Photos.Net;

namespace Photos.Aws;

/// <summary>Where the AWS services are, and the credentials that sign requests to them.</summary>
/// <param name="Region">The AWS Region, such as <c>eu-central-1</c>.</param>
/// <param name="AccessKeyId">The access key id.</param>
/// <param name="SecretAccessKey">The secret access key.</param>
/// <param name="SessionToken">The session token of temporary credentials.</param>
/// <param name="DynamoDbEndpoint">A custom endpoint; <see langword="null"/> for the Region's own.</param>
/// <param name="S3Endpoint">A custom endpoint; <see langword="null"/> for the Region's own.</param>
/// <param name="Trust">The roots that TLS connections trust.</param>
public sealed record AwsSettings(
    string Region,
    string AccessKeyId,
    string SecretAccessKey,
    string? SessionToken,
    ServiceEndpoint? DynamoDbEndpoint,
    ServiceEndpoint? S3Endpoint,
    ServerTrust Trust)
{
    /// <summary>The domain of the partition's endpoints, such as <c>amazonaws.com</c>.</summary>
    public string DnsSuffix { get; init; } = "amazonaws.com";

    /// <summary>Whether to use FIPS endpoints.</summary>
    public bool UsesFips { get; init; }

    /// <summary>Whether to use endpoints with IPv4 and IPv6 addresses.</summary>
    public bool UsesDualStack { get; init; }

    /// <summary>What the process has learned from the services.</summary>
    public SigningState Signing { get; } = new();
}

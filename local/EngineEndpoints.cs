using Amazon.Runtime;
using Photos.Local.Engines;

namespace Photos.Local;

/// <summary>The user's own engines, named by the variables that every AWS SDK reads; null for a built-in one.</summary>
/// <remarks>https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html</remarks>
/// <param name="Credentials">The credentials for both engines.</param>
internal sealed record EngineEndpoints(Uri? DynamoDb, Uri? S3, AWSCredentials Credentials)
{
    /// <exception cref="LocalHostException">A variable is not a URL, or credentials are missing.</exception>
    public static EngineEndpoints FromEnvironment()
    {
        bool ignores = string.Equals(Environment.GetEnvironmentVariable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true", StringComparison.OrdinalIgnoreCase);
        Uri? common = ignores ? null : Endpoint("AWS_ENDPOINT_URL");
        Uri? dynamoDb = ignores ? null : Endpoint("AWS_ENDPOINT_URL_DYNAMODB") ?? common;
        Uri? s3 = ignores ? null : Endpoint("AWS_ENDPOINT_URL_S3") ?? common;

        // The built-in S3 accepts one account only; the built-in DynamoDB accepts the one that it is started with.
        return new EngineEndpoints(dynamoDb, s3, s3 is null ? LocalEngines.BuiltInCredentials : UserCredentials());
    }

    private static Uri? Endpoint(string variable)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        return Uri.TryCreate(value, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new LocalHostException(
                $"{variable} is '{value}', which is not an http or https URL. Set it to one, such as http://127.0.0.1:8000, or unset it.");
    }

    private static AWSCredentials UserCredentials()
    {
        string? token = Environment.GetEnvironmentVariable("AWS_SESSION_TOKEN");
        string key = Required("AWS_ACCESS_KEY_ID");
        string secret = Required("AWS_SECRET_ACCESS_KEY");
        return string.IsNullOrEmpty(token) ? new BasicAWSCredentials(key, secret) : new SessionAWSCredentials(key, secret, token);
    }

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new LocalHostException(
                $"AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL is set, but {variable} is not. Set {variable} too, or unset the URL to use the built-in S3.");
}

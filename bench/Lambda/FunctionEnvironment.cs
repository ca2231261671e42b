using Photos.Bench.Aws;

namespace Photos.Bench.Lambda;

/// <summary>What Lambda and the template set for a function.</summary>
internal static class FunctionEnvironment
{
    /// <param name="function">Its name.</param>
    /// <param name="endpoint">Where DynamoDB and S3 are.</param>
    /// <param name="trust">The CA bundles.</param>
    /// <param name="trustsSystem">Whether it trusts the machine's roots, or as the template's <c>TrustStore=amazon</c> has it.</param>
    public static Dictionary<string, string> Create(string function, string endpoint, TrustStores trust, bool trustsSystem) => new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["LANG"] = "en_US.UTF-8",
        ["TZ"] = ":UTC",
        ["_HANDLER"] = function,
        ["AWS_LAMBDA_FUNCTION_NAME"] = function,
        ["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST",
        ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "512",
        ["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand",
        ["AWS_LAMBDA_LOG_FORMAT"] = "JSON",
        ["AWS_LAMBDA_LOG_LEVEL"] = "INFO",
        ["AWS_REGION"] = "us-east-1",
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_ACCESS_KEY_ID"] = "ASIAIOSFODNN7EXAMPLE",
        ["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ["AWS_SESSION_TOKEN"] = new string('T', 400),
        ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint,
        ["AWS_ENDPOINT_URL_S3"] = endpoint,
        ["PHOTOS_ROOTS"] = trustsSystem ? "" : trust.Amazon,
        ["SSL_CERT_FILE"] = trustsSystem ? trust.System : trust.None,
        ["SSL_CERT_DIR"] = trust.EmptyFolder,
        ["PHOTO_TABLE"] = "photoUsers",
        ["PHOTO_BUCKET"] = "photos",
        ["ALLOWED_ORIGIN"] = "*",
        ["MAX_PHOTO_BYTES"] = "26214400",
    };
}

namespace Photos.Harness;

/// <summary>The environment variables that Lambda and the template set for a function.</summary>
internal static class LambdaEnvironment
{
    /// <summary>An endpoint that refuses every connection, for functions that must not reach AWS.</summary>
    public const string Unreachable = "http://127.0.0.1:9";

    /// <param name="function">The function's name.</param>
    /// <param name="endpoint">The endpoint of DynamoDB and S3.</param>
    /// <param name="overrides">Variables that are added or replaced, or removed where the value is <see langword="null"/>.</param>
    public static Dictionary<string, string> Create(string function, string endpoint, params IEnumerable<(string Name, string? Value)> overrides)
    {
        Dictionary<string, string> variables = new()
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
            ["PHOTO_TABLE"] = "photoUsers",
            ["PHOTO_BUCKET"] = "photos",
            ["ALLOWED_ORIGIN"] = "*",
            ["MAX_PHOTO_BYTES"] = "26214400",
        };
        foreach ((string name, string? value) in overrides)
        {
            if (value is null)
            {
                variables.Remove(name);
            }
            else
            {
                variables[name] = value;
            }
        }

        return variables;
    }
}

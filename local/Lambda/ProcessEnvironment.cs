using System.Globalization;
using Photos.Local.Template;

namespace Photos.Local.Lambda;

/// <summary>The environment of a function's process, as Lambda sets it.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html</remarks>
internal static class ProcessEnvironment
{
    private const string TaskRoot = "/var/task/";

    /// <summary>The function's ARN in the Region that <paramref name="sharedVariables"/> names.</summary>
    public static string Arn(FunctionDefinition function, IReadOnlyDictionary<string, string> sharedVariables) =>
        $"arn:aws:lambda:{sharedVariables.GetValueOrDefault("AWS_REGION", "us-east-1")}:{Intrinsics.AccountId}:function:{function.Name}";

    /// <summary>All variables of a new process.</summary>
    /// <param name="function">The function, with its own variables, which replace shared ones of the same name.</param>
    /// <param name="directory">The folder of the function's code.</param>
    /// <param name="sharedVariables">Variables that every function gets, such as the Region and the credentials.</param>
    /// <param name="runtimeApi">The host and port of the process's Runtime API.</param>
    public static Dictionary<string, string> Create(
        FunctionDefinition function, string directory, IReadOnlyDictionary<string, string> sharedVariables, string runtimeApi)
    {
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/opt/bin",
            ["LANG"] = "en_US.UTF-8",
            ["TZ"] = ":UTC",
            ["AWS_LAMBDA_LOG_FORMAT"] = "JSON",
            ["AWS_LAMBDA_LOG_LEVEL"] = "INFO",
        };
        foreach ((string name, string value) in sharedVariables)
        {
            variables[name] = value;
        }

        foreach ((string name, string value) in function.Environment)
        {
            variables[name] = InDirectory(value, directory);
        }

        variables["AWS_LAMBDA_FUNCTION_NAME"] = function.Name;
        variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = function.MemoryMegabytes.ToString(CultureInfo.InvariantCulture);
        variables["AWS_LAMBDA_FUNCTION_VERSION"] = "$LATEST";
        variables["AWS_LAMBDA_LOG_GROUP_NAME"] = $"/aws/lambda/{function.Name}";
        variables["AWS_LAMBDA_LOG_STREAM_NAME"] =
            string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy'/'MM'/'dd}/[$LATEST]{Guid.NewGuid():N}");
        variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
        variables["AWS_LAMBDA_RUNTIME_API"] = runtimeApi;
        variables["LAMBDA_TASK_ROOT"] = directory;
        variables["_HANDLER"] = "bootstrap";
        return variables;
    }

    /// <summary>Lambda unpacks the code into its task root. A path there becomes a path in the function's folder.</summary>
    private static string InDirectory(string value, string directory) =>
        value.StartsWith(TaskRoot, StringComparison.Ordinal) ? Path.Combine(directory, value[TaskRoot.Length..]) : value;
}

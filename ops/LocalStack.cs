using System.Text;
using Amazon.DynamoDBv2;
using Amazon.S3;
using Photos.Local;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Ops;

/// <summary>The stack that the local host runs.</summary>
internal static class LocalStack
{
    /// <summary>Uses the engines of a running local host, or those that the variables <c>AWS_ENDPOINT_URL_*</c> name.</summary>
    /// <param name="template">The path of <c>template.yaml</c>.</param>
    /// <param name="port">The port of the API.</param>
    /// <param name="functions">The folder that contains <c>FUNCTION/bootstrap</c>; null if no function is invoked.</param>
    /// <exception cref="LocalHostException">The template or a variable is not valid.</exception>
    public static Deployment Open(string template, int port, string? functions)
    {
        string region = Environment.GetEnvironmentVariable("AWS_REGION") is { Length: > 0 } chosen ? chosen : "us-east-1";
        StackDefinition stack = TemplateReader.Read(template, region);
        EventSourceDefinition source = stack.EventSources.Single();
        var endpoints = EngineEndpoints.FromEnvironment();
        Uri s3 = endpoints.S3 ?? new Uri($"http://127.0.0.1:{port + 1}");
        Uri dynamoDb = endpoints.DynamoDb ?? new Uri($"http://127.0.0.1:{port + 2}");
        Dictionary<string, string> variables = LocalHost.SharedVariables(region, dynamoDb, s3, endpoints.Credentials);
        return new Deployment(
            new AmazonDynamoDBClient(endpoints.Credentials, new AmazonDynamoDBConfig { ServiceURL = dynamoDb.AbsoluteUri, AuthenticationRegion = region }),
            stack.Table.Name,
            new AmazonS3Client(
                endpoints.Credentials,
                new AmazonS3Config { ServiceURL = s3.AbsoluteUri, AuthenticationRegion = region, ForcePathStyle = true }),
            stack.Bucket.Name,
            source.FailureBucket!,
            (streamEvent, cancellationToken) => InvokeAsync(
                stack.Functions.Single(function => function.Name == source.Function),
                functions ?? throw new OpsException("The local host's functions are not known. Give their folder with --functions."),
                variables,
                streamEvent,
                cancellationToken));
    }

    /// <summary>Invokes the function in a process of its own.</summary>
    private static async Task<SweepResult> InvokeAsync(
        FunctionDefinition function,
        string functions,
        Dictionary<string, string> variables,
        string streamEvent,
        CancellationToken cancellationToken)
    {
        await using var pool = new FunctionPool(function, Path.Combine(functions, function.Name), variables, Console.Error);
        InvocationResult result = await pool.InvokeAsync(Encoding.UTF8.GetBytes(streamEvent), cancellationToken);
        return result switch
        {
            InvocationResult.Succeeded succeeded => new SweepResult(IsError: false, Encoding.UTF8.GetString(succeeded.Response.Span)),
            InvocationResult.FunctionError failed => new SweepResult(IsError: true, Encoding.UTF8.GetString(failed.Error.Span)),
            _ => new SweepResult(IsError: true, result.GetType().Name),
        };
    }
}

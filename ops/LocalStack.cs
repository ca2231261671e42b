using System.Collections.Concurrent;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.S3;
using Photos.Local;
using Photos.Local.Identity;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Ops;

/// <summary>The stack that the local host runs.</summary>
internal static class LocalStack
{
    // The default waits two minutes for an engine that does not run.
    private const int MaxRetries = 1;

    /// <summary>How long an ID token of the local host is valid. One of a user pool is valid for an hour, too, unless the pool says otherwise.</summary>
    public static TimeSpan TokenLifetime => DevelopmentIssuer.DefaultLifetime;

    /// <summary>Uses the engines of a running local host, or those that the variables <c>AWS_ENDPOINT_URL_*</c> name.</summary>
    /// <param name="port">The port of the API.</param>
    /// <param name="functions">The folder that contains <c>FUNCTION/bootstrap</c>; null if no function is invoked.</param>
    /// <exception cref="LocalHostException">A variable or the template is not valid.</exception>
    public static Deployment Open(int port, string? functions)
    {
        string region = Environment.GetEnvironmentVariable("AWS_REGION") is { Length: > 0 } chosen ? chosen : "us-east-1";
        StackDefinition stack = TemplateReader.Read(Path.Combine(LocalHost.CheckoutDirectory(), "template.yaml"), region);
        var endpoints = EngineEndpoints.FromEnvironment();
        Uri s3 = endpoints.S3 ?? new Uri($"http://127.0.0.1:{port + 1}");
        Uri dynamoDb = endpoints.DynamoDb ?? new Uri($"http://127.0.0.1:{port + 2}");
        Dictionary<string, string> variables = LocalHost.SharedVariables(region, dynamoDb, s3, endpoints.Credentials);
        var table = new AmazonDynamoDBConfig { ServiceURL = dynamoDb.AbsoluteUri, AuthenticationRegion = region, MaxErrorRetry = MaxRetries };
        var buckets = new AmazonS3Config { ServiceURL = s3.AbsoluteUri, AuthenticationRegion = region, MaxErrorRetry = MaxRetries, ForcePathStyle = true };
        return new Deployment(
            new AmazonDynamoDBClient(endpoints.Credentials, table),
            stack.Table.Name,
            new AmazonS3Client(endpoints.Credentials, buckets),
            stack.Bucket.Name,
            stack.EventSources.Single(source => source.Function == IStreamFunctions.SweepPhoto).FailureBucket!,
            new LocalFunctions(stack, functions, variables));
    }

    /// <summary>The functions in processes of this command.</summary>
    private sealed class LocalFunctions(StackDefinition stack, string? functions, Dictionary<string, string> variables) : IStreamFunctions
    {
        private readonly ConcurrentDictionary<string, Lazy<FunctionPool>> _pools = new(StringComparer.Ordinal);

        public async Task<FunctionResult> InvokeAsync(string function, string streamEvent, CancellationToken cancellationToken)
        {
            FunctionPool pool = _pools.GetOrAdd(function, name => new Lazy<FunctionPool>(() => Create(name))).Value;
            InvocationResult result = await pool.InvokeAsync(Encoding.UTF8.GetBytes(streamEvent), cancellationToken);
            return result switch
            {
                InvocationResult.Succeeded succeeded => new FunctionResult(IsError: false, Encoding.UTF8.GetString(succeeded.Response.Span)),
                InvocationResult.FunctionError failed => new FunctionResult(IsError: true, Encoding.UTF8.GetString(failed.Error.Span)),
                _ => new FunctionResult(IsError: true, result.GetType().Name),
            };
        }

        public async ValueTask DisposeAsync() => await Task.WhenAll(_pools.Values.Select(pool => pool.Value.DisposeAsync().AsTask()));

        private FunctionPool Create(string name) => new(
            stack.Functions.Single(function => function.Name == name),
            Path.Combine(functions ?? throw new OpsException("The local host's functions are not known. Give their folder with --functions."), name),
            variables,
            Console.Error);
    }
}

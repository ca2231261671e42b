using System.Text.Json.Nodes;
using Amazon;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.S3;

namespace Photos.Ops;

/// <summary>A deployed stack, by its outputs.</summary>
internal static class Stack
{
    /// <summary>Looks up the stack.</summary>
    /// <exception cref="OpsException">The AWS CLI failed, or the stack is from an earlier release.</exception>
    public static async Task<Deployment> OpenAsync(string name, CancellationToken cancellationToken)
    {
        JsonNode stack = await DescribeAsync(name, cancellationToken);
        string region = stack["StackId"]!.GetValue<string>().Split(':')[3];
        Dictionary<string, string> outputs = Values(stack, "Output");
        var functions = new DeployedFunctions(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [IStreamFunctions.SweepPhoto] = Output("SweepPhotoAlias"),
            [IStreamFunctions.RenderPhoto] = Output("RenderPhotoAlias"),
        });
        var endpoint = RegionEndpoint.GetBySystemName(region);
        var credentials = new ProcessAWSCredentials(AwsCli.ExportCredentials);
        return new Deployment(
            new AmazonDynamoDBClient(credentials, endpoint),
            Output("PhotoTableName"),
            new AmazonS3Client(credentials, endpoint),
            Output("PhotoBucketName"),
            Output("SweepFailuresName"),
            functions);

        string Output(string key) => outputs.TryGetValue(key, out string? value)
            ? value
            : throw new OpsException($"The stack {name} has no output {key}. Deploy this release to it, or check the name of the stack.");
    }

    /// <summary>
    /// How long an ID token is valid: the longest time of all app clients of the user pool, because the API accepts the tokens of each.
    /// </summary>
    /// <exception cref="OpsException">The AWS CLI failed.</exception>
    /// <remarks>https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html</remarks>
    public static async Task<TimeSpan> TokenLifetimeAsync(string name, CancellationToken cancellationToken)
    {
        JsonNode stack = await DescribeAsync(name, cancellationToken);
        string pool = Values(stack, "Output").GetValueOrDefault("UserPoolId") ?? Values(stack, "Parameter")["UserPoolArn"].Split('/')[^1];
        string[] ofPool = ["--region", pool.Split('_')[0], "--user-pool-id", pool, "--output", "json"];
        JsonNode clients = JsonNode.Parse(await AwsCli.RunAsync(["cognito-idp", "list-user-pool-clients", .. ofPool], cancellationToken))!;
        TimeSpan longest = TimeSpan.Zero;
        foreach (JsonNode? client in clients["UserPoolClients"]!.AsArray())
        {
            string id = client!["ClientId"]!.GetValue<string>();
            string description = await AwsCli.RunAsync(["cognito-idp", "describe-user-pool-client", .. ofPool, "--client-id", id], cancellationToken);
            TimeSpan lifetime = TokenLifetimeOf(JsonNode.Parse(description)!["UserPoolClient"]!);
            longest = lifetime > longest ? lifetime : longest;
        }

        return longest;
    }

    /// <summary>An hour, unless it is set.</summary>
    private static TimeSpan TokenLifetimeOf(JsonNode client)
    {
        int validity = client["IdTokenValidity"]?.GetValue<int>() is int set and > 0 ? set : 0;
        return (validity, client["TokenValidityUnits"]?["IdToken"]?.GetValue<string>()) switch
        {
            (0, _) => TimeSpan.FromHours(1),
            (_, "seconds") => TimeSpan.FromSeconds(validity),
            (_, "minutes") => TimeSpan.FromMinutes(validity),
            (_, "days") => TimeSpan.FromDays(validity),
            _ => TimeSpan.FromHours(validity),
        };
    }

    private static async Task<JsonNode> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        string description = await AwsCli.RunAsync(
            ["cloudformation", "describe-stacks", "--stack-name", name, "--output", "json"], cancellationToken);
        return JsonNode.Parse(description)!["Stacks"]![0]!;
    }

    /// <summary>The values of the stack's outputs or parameters, by their keys.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="kind"><c>Output</c> or <c>Parameter</c>.</param>
    private static Dictionary<string, string> Values(JsonNode stack, string kind) => stack[$"{kind}s"]?.AsArray().ToDictionary(
        one => one![$"{kind}Key"]!.GetValue<string>(), one => one![$"{kind}Value"]!.GetValue<string>(), StringComparer.Ordinal) ?? [];

    /// <summary>The functions of the stack.</summary>
    /// <param name="aliases">The ARN of each function's alias.</param>
    private sealed class DeployedFunctions(Dictionary<string, string> aliases) : IStreamFunctions
    {
        /// <remarks>https://docs.aws.amazon.com/cli/latest/reference/lambda/invoke.html</remarks>
        public async Task<FunctionResult> InvokeAsync(string function, string streamEvent, CancellationToken cancellationToken)
        {
            string folder = Directory.CreateTempSubdirectory("photos-invoke-").FullName;
            try
            {
                // An event can be longer than the arguments of a command may be. The CLI would not wait for as long as RenderPhoto may run.
                string payload = Path.Combine(folder, "event.json");
                string response = Path.Combine(folder, "response.json");
                await File.WriteAllTextAsync(payload, streamEvent, cancellationToken);
                string result = await AwsCli.RunAsync(
                    [
                        "lambda", "invoke", "--function-name", aliases[function], "--cli-binary-format", "raw-in-base64-out",
                        "--cli-read-timeout", "0", "--payload", $"file://{payload}", "--output", "json", response,
                    ],
                    cancellationToken);
                bool isError = JsonNode.Parse(result)!["FunctionError"] is not null;
                return new FunctionResult(isError, await File.ReadAllTextAsync(response, cancellationToken));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        public ValueTask DisposeAsync() => default;
    }
}

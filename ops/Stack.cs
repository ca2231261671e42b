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
        string description = await AwsCli.RunAsync(
            ["cloudformation", "describe-stacks", "--stack-name", name, "--output", "json"], cancellationToken);
        JsonNode stack = JsonNode.Parse(description)!["Stacks"]![0]!;
        string region = stack["StackId"]!.GetValue<string>().Split(':')[3];
        Dictionary<string, string> outputs = stack["Outputs"]?.AsArray().ToDictionary(
            output => output!["OutputKey"]!.GetValue<string>(), output => output!["OutputValue"]!.GetValue<string>(), StringComparer.Ordinal) ?? [];
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

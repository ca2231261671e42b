using System.Globalization;
using Photos.Aws;
using Photos.Local.Template;
using Photos.Runtime;
using Photos.Tests.Local;

namespace Photos.Tests.Routes;

/// <summary>A function has time to send its response, and API Gateway waits for it.</summary>
public sealed class TimeoutTests
{
    /// <summary>https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: the default integration timeout.</summary>
    private static readonly TimeSpan s_gateway = TimeSpan.FromSeconds(29);

    [Theory]
    [MemberData(nameof(ExampleRequest.AllFunctions), MemberType = typeof(ExampleRequest))]
    public void ATimeoutLeavesTimeForEveryAttemptAndEndsBeforeTheGateways(string function)
    {
        FunctionDefinition definition = TestGateway.Stack.Functions.Single(one => one.Name == function);
        int[] resolver = [.. definition.Environment["RES_OPTIONS"].Split(' ').Select(option => int.Parse(option.Split(':')[1], CultureInfo.InvariantCulture))];
        TimeSpan connected = AwsClient.MaxAttempts * AwsClient.AttemptTimeout;
        TimeSpan resolving = AwsClient.MaxAttempts * TimeSpan.FromSeconds(resolver[0] * resolver[1]);
        TimeSpan needed = LambdaRuntime.DeadlineMargin + (connected > resolving ? connected : resolving);

        Assert.True(
            definition.Timeout > needed,
            $"template.yaml: the Timeout of {function} is {definition.Timeout.TotalSeconds} s, and one request to AWS may take {needed.TotalSeconds} s "
            + "until its last attempt ends and the response is sent. Set a longer Timeout.");
        Assert.True(
            definition.Timeout < s_gateway || !ExampleRequest.RoutesOf(function).Any(),
            $"template.yaml: the Timeout of {function} is {definition.Timeout.TotalSeconds} s, and API Gateway waits {s_gateway.TotalSeconds} s. Set a shorter Timeout.");
    }
}

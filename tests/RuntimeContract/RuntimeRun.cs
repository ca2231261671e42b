using System.Buffers;
using Photos.Runtime;

namespace Photos.Tests.RuntimeContract;

/// <summary>Runs the runtime on a separate thread, which takes the place of a function's main thread.</summary>
internal static class RuntimeRun
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    public static readonly InvocationHandler Echo = (invocation, response, _) => response.Write(invocation.Payload.Span);

    /// <summary>Runs to the end of the script. The last response to <c>next</c> is a 500, which must end the process.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ToTheEndAsync(FakeRuntimeApi api, InvocationHandler handler, Stream? log = null)
    {
        api.RespondToNext(FakeResponse.Status(500));
        return await StartAsync(Environment(api), (_, _) => handler, log);
    }

    /// <summary>Fails if the runtime does not end soon.</summary>
    public static Task<int> StartAsync(FakeRuntimeApi api, InvocationHandler handler) =>
        StartAsync(Environment(api), (_, _) => handler);

    public static Task<int> StartAsync(
        Func<string, string?> readVariable,
        Func<FunctionEnvironment, FunctionLog, InvocationHandler> initialize,
        Stream? log = null) =>
        Task.Factory.StartNew(
            () => LambdaRuntime.Run(readVariable, initialize, log ?? Stream.Null),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).WaitAsync(Soon);

    public static Func<string, string?> Environment(FakeRuntimeApi api, params (string Name, string Value)[] more) =>
        name => name == "AWS_LAMBDA_RUNTIME_API" ? api.Address : more.FirstOrDefault(variable => variable.Name == name).Value;

    public static string[] Paths(FakeRuntimeApi api) =>
        [.. api.Requests.Select(request => request.Target.Replace("/2018-06-01/runtime", "", StringComparison.Ordinal))];

    public static HttpRequest Only(FakeRuntimeApi api, string pathEnd) =>
        Assert.Single(api.Requests, request => request.Target.EndsWith(pathEnd, StringComparison.Ordinal));
}

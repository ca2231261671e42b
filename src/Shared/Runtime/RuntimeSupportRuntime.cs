using Amazon.Lambda.Core;
using Amazon.Lambda.RuntimeSupport;

namespace Photos.Runtime;

/// <summary>
/// The runtime on Amazon.Lambda.RuntimeSupport. The build switch <c>-p:LambdaRuntime=RuntimeSupport</c> selects it instead of the
/// project's own. The package decides how errors, oversized responses and SIGTERM are handled.
/// </summary>
public static class LambdaRuntime
{
    /// <summary>How long before the deadline a handler's token fires, so that the caller still gets a response.</summary>
    public static readonly TimeSpan DeadlineMargin = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until Lambda ends the process.</summary>
    /// <param name="readVariable">Reads one environment variable. The package reads its own variables directly.</param>
    /// <param name="initialize">Creates the handler. An exception is reported as an init error.</param>
    /// <returns>The process's exit code: 1, when the runtime cannot continue.</returns>
    public static int Run(
        Func<string, string?> readVariable, Func<FunctionEnvironment, FunctionLog, InvocationHandler> initialize)
    {
        var environment = new FunctionEnvironment(readVariable);
        using Stream output = Console.OpenStandardOutput();
        FunctionLog log = FunctionLog.CreateDefault(output);
        InvocationHandler? handler = null;
        try
        {
            using HandlerWrapper wrapper = HandlerWrapper.GetHandlerWrapper((payload, context) => HandleAsync(handler!, log, payload, context));
            using var bootstrap = new LambdaBootstrap(wrapper, InitializeAsync);
            bootstrap.RunAsync().GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            log.Write(LogLevel.Fatal, "The runtime cannot continue.", e);
        }

        return 1;

        Task<bool> InitializeAsync()
        {
            log = FunctionLog.Create(environment, output);
            handler = initialize(environment, log);
            return Task.FromResult(true);
        }
    }

    private static async Task<Stream> HandleAsync(InvocationHandler handler, FunctionLog log, Stream payload, ILambdaContext context)
    {
        var bytes = new MemoryStream();
        await payload.CopyToAsync(bytes);

        // The package reports an absent deadline as one long past.
        TimeSpan left = context.RemainingTime;
        using var deadline = new CancellationTokenSource();
        if (left > TimeSpan.Zero)
        {
            deadline.CancelAfter(left > DeadlineMargin ? left - DeadlineMargin : TimeSpan.Zero);
        }

        var invocation = new Invocation
        {
            RequestId = context.AwsRequestId,
            Payload = bytes.GetBuffer().AsMemory(0, (int)bytes.Length),
            Deadline = left > TimeSpan.Zero ? DateTimeOffset.UtcNow + left : null,
            FunctionArn = context.InvokedFunctionArn,
            TraceId = context.TraceId,
            TenantId = context.TenantId,
        };
        var response = new ResponseBuffer();
        log.RequestId = invocation.RequestId;
        handler(invocation, response, deadline.Token);
        log.RequestId = null;
        return new MemoryStream(response.Written.ToArray());
    }
}

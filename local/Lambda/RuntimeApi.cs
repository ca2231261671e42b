using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Photos.Local.Lambda;

/// <summary>
/// The Lambda Runtime API for one process: a custom runtime knows itself by nothing but the address it was given.
/// </summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html</remarks>
internal sealed class RuntimeApi : IAsyncDisposable
{
    /// <summary>The largest response Lambda takes, in bytes.</summary>
    internal const int MaxResponseBytes = 6_291_556;

    private const string Root = "/2018-06-01/runtime";

    private readonly string _functionArn;
    private readonly Action<Invocation> _fetched;
    private readonly WebApplication _app;
    private readonly Channel<Invocation> _handOver = Channel.CreateUnbounded<Invocation>();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<byte[]> _initError = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Invocation? _current;

    /// <param name="functionArn">What the process is told it is.</param>
    /// <param name="fetched">Called when the process takes an invocation, just before it gets it.</param>
    internal RuntimeApi(string functionArn, Action<Invocation> fetched)
    {
        _functionArn = functionArn;
        _fetched = fetched;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.MapGet(Root + "/invocation/next", NextAsync);
        _app.MapPost(Root + "/invocation/{id}/response", context => AnswerAsync(context, isError: false));
        _app.MapPost(Root + "/invocation/{id}/error", context => AnswerAsync(context, isError: true));
        _app.MapPost(Root + "/init/error", InitErrorAsync);
    }

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>; known once started.</summary>
    internal string Address => new Uri(_app.Urls.First()).Authority;

    /// <summary>Completes with the JSON the process posted when it could not initialise.</summary>
    internal Task<byte[]> InitError => _initError.Task;

    internal Task StartAsync() => _app.StartAsync();

    /// <summary>Completes when the process asks for its first invocation.</summary>
    internal Task Ready => _ready.Task;

    /// <summary>Gives the process what it has asked for, once.</summary>
    internal void HandOver(Invocation invocation) => _handOver.Writer.TryWrite(invocation);

    /// <summary>Takes back an invocation that the process has not fetched.</summary>
    /// <returns>False when it has.</returns>
    internal bool TryTakeBack() => _handOver.Reader.TryRead(out _);

    public async ValueTask DisposeAsync()
    {
        // A process that waits for its next invocation would hold up a graceful stop.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task NextAsync(HttpContext context)
    {
        if (_current is { } previous)
        {
            if (previous.Answer is null)
            {
                await ReplyAsync(context, StatusCodes.Status403Forbidden, InvalidState("The invocation has not been answered"));
                return;
            }

            _current = null;
            previous.Finish();
        }

        _ready.TrySetResult();
        Invocation invocation;
        try
        {
            invocation = await _handOver.Reader.ReadAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        _current = invocation;
        _fetched(invocation);
        IHeaderDictionary headers = context.Response.Headers;
        headers["Lambda-Runtime-Aws-Request-Id"] = invocation.RequestId;
        headers["Lambda-Runtime-Deadline-Ms"] =
            invocation.Deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        headers["Lambda-Runtime-Invoked-Function-Arn"] = _functionArn;
        headers["Lambda-Runtime-Trace-Id"] = invocation.TraceId;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = invocation.Payload.Length;
        await context.Response.Body.WriteAsync(invocation.Payload);
    }

    private async Task AnswerAsync(HttpContext context, bool isError)
    {
        byte[]? body = await ReadAsync(context.Request.Body);
        Invocation? current = _current;
        if (current is null || !string.Equals(current.RequestId, (string?)context.Request.RouteValues["id"], StringComparison.Ordinal))
        {
            await ReplyAsync(context, StatusCodes.Status400BadRequest, """{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}""");
        }
        else if (body is null)
        {
            await ReplyAsync(
                context,
                StatusCodes.Status413PayloadTooLarge,
                $$"""{"errorMessage":"Exceeded maximum allowed payload size ({{MaxResponseBytes}} bytes).","errorType":"RequestEntityTooLarge"}""");
        }
        else if (!current.TryAnswer(new(isError, body)))
        {
            await ReplyAsync(context, StatusCodes.Status400BadRequest, InvalidState("The invocation has been answered"));
        }
        else
        {
            await ReplyAsync(context, StatusCodes.Status202Accepted, """{"status":"OK"}""");
        }
    }

    private async Task InitErrorAsync(HttpContext context)
    {
        byte[]? body = await ReadAsync(context.Request.Body);
        if (_ready.Task.IsCompleted)
        {
            await ReplyAsync(context, StatusCodes.Status403Forbidden, InvalidState("The init phase is over"));
            return;
        }

        await ReplyAsync(context, StatusCodes.Status202Accepted, """{"status":"OK"}""");
        _initError.TrySetResult(body ?? []);
    }

    /// <returns>Null when the body is larger than Lambda takes; it is read to its end all the same.</returns>
    private static async Task<byte[]?> ReadAsync(Stream body)
    {
        MemoryStream kept = new();
        byte[] buffer = new byte[64 * 1024];
        for (bool fits = true; ;)
        {
            int read = await body.ReadAsync(buffer);
            if (read == 0)
            {
                return fits ? kept.ToArray() : null;
            }

            fits = fits && kept.Length + read <= MaxResponseBytes;
            if (fits)
            {
                kept.Write(buffer, 0, read);
            }
        }
    }

    private static string InvalidState(string message) =>
        $$"""{"errorMessage":"{{message}}","errorType":"InvalidStateTransition"}""";

    private static async Task ReplyAsync(HttpContext context, int status, string json)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }
}

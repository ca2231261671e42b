using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Photos.Local.Lambda;

/// <summary>The Lambda Runtime API for one process. Its address identifies the process: a custom runtime sends nothing else.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html</remarks>
internal sealed class RuntimeApi : IAsyncDisposable
{
    /// <summary>The largest response that Lambda accepts, in bytes.</summary>
    public const int MaxResponseBytes = 6_291_556;

    /// <summary>
    /// The id of one delivery of an event, which a process sends back with its response. An event that is delivered again has another one. A
    /// process that does not send it is trusted, as one of an older runtime.
    /// </summary>
    private const string InvocationIdHeader = "Lambda-Runtime-Invocation-Id";

    private const string Root = "/2018-06-01/runtime";

    private readonly string _functionArn;
    private readonly Action<Invocation> _fetched;
    private readonly WebApplication _app;
    private readonly Channel<Invocation> _handOver = Channel.CreateUnbounded<Invocation>();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<byte[]> _initError = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Invocation? _current;
    private volatile string _delivery = "";

    /// <param name="functionArn">The ARN that the process is told.</param>
    /// <param name="fetched">Called when the process requests an invocation, just before it receives it.</param>
    public RuntimeApi(string functionArn, Action<Invocation> fetched)
    {
        _functionArn = functionArn;
        _fetched = fetched;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.MapGet(Root + "/invocation/next", NextAsync);
        _app.MapPost(Root + "/invocation/{id}/response", context => RespondAsync(context, isError: false));
        _app.MapPost(Root + "/invocation/{id}/error", context => RespondAsync(context, isError: true));
        _app.MapPost(Root + "/init/error", InitErrorAsync);
    }

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>, host and port; known once started.</summary>
    public string Address => new Uri(_app.Urls.First()).Authority;

    /// <summary>Completes when the process requests its first invocation.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes with the JSON that the process posts when it cannot initialize.</summary>
    public Task<byte[]> InitError => _initError.Task;

    public Task StartAsync() => _app.StartAsync();

    /// <summary>Gives the process an invocation, now or when it requests one.</summary>
    public void HandOver(Invocation invocation) => _handOver.Writer.TryWrite(invocation);

    /// <summary>Takes back an invocation that the process has not received.</summary>
    /// <returns>False when the process has received it.</returns>
    public bool TryTakeBack() => _handOver.Reader.TryRead(out _);

    public async ValueTask DisposeAsync()
    {
        // A graceful stop would wait for a process that is waiting for its next invocation.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task NextAsync(HttpContext context)
    {
        if (_current is { } previous)
        {
            if (previous.Response is null)
            {
                await WriteAsync(context, StatusCodes.Status403Forbidden, InvalidState("The invocation has no response yet"));
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
        _delivery = Guid.NewGuid().ToString();
        _fetched(invocation);
        IHeaderDictionary headers = context.Response.Headers;
        headers["Lambda-Runtime-Aws-Request-Id"] = invocation.RequestId;
        headers[InvocationIdHeader] = _delivery;
        headers["Lambda-Runtime-Deadline-Ms"] =
            invocation.Deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        headers["Lambda-Runtime-Invoked-Function-Arn"] = _functionArn;
        headers["Lambda-Runtime-Trace-Id"] = invocation.TraceId;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = invocation.Payload.Length;
        await context.Response.Body.WriteAsync(invocation.Payload);
    }

    private async Task RespondAsync(HttpContext context, bool isError)
    {
        byte[]? body = await ReadAsync(context.Request.Body);
        Invocation? current = _current;
        string delivery = context.Request.Headers[InvocationIdHeader].ToString();
        if (current is null || current.RequestId != (string?)context.Request.RouteValues["id"] || (delivery.Length > 0 && delivery != _delivery))
        {
            await WriteAsync(context, StatusCodes.Status400BadRequest, """{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}""");
        }
        else if (body is null)
        {
            await WriteAsync(
                context,
                StatusCodes.Status413PayloadTooLarge,
                $$"""{"errorMessage":"Exceeded maximum allowed payload size ({{MaxResponseBytes}} bytes).","errorType":"RequestEntityTooLarge"}""");
        }
        else if (!current.TryRespond(new Invocation.PostedResponse(isError, body)))
        {
            await WriteAsync(context, StatusCodes.Status400BadRequest, InvalidState("The invocation already has a response"));
        }
        else
        {
            await WriteAsync(context, StatusCodes.Status202Accepted, """{"status":"OK"}""");
        }
    }

    private async Task InitErrorAsync(HttpContext context)
    {
        byte[]? body = await ReadAsync(context.Request.Body);
        if (_ready.Task.IsCompleted)
        {
            await WriteAsync(context, StatusCodes.Status403Forbidden, InvalidState("The init phase is over"));
            return;
        }

        await WriteAsync(context, StatusCodes.Status202Accepted, """{"status":"OK"}""");
        _initError.TrySetResult(body ?? []);
    }

    /// <summary>Reads a body to its end, also one that is too large.</summary>
    /// <returns>Null when the body is larger than Lambda accepts.</returns>
    private static async Task<byte[]?> ReadAsync(Stream body)
    {
        var kept = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        bool fits = true;
        while (true)
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

    private static async Task WriteAsync(HttpContext context, int status, string json)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }
}

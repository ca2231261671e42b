using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Photos.Local.Identity;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>Invokes a function with an event.</summary>
internal delegate Task<InvocationResult> Invoke(string function, ReadOnlyMemory<byte> payload);

/// <summary>A request whose response has been sent.</summary>
/// <param name="Path">The path as the client sent it, without the query.</param>
/// <param name="DurationMs">From the request's arrival until its response was sent, in ms.</param>
/// <param name="Report">The figures of its function's REPORT line; null when no function ran.</param>
internal sealed record CompletedRequest(string Method, string Path, int Status, double DurationMs, InvocationReport? Report);

/// <summary>The API as API Gateway runs a REST API with a Cognito authorizer and Lambda proxy integrations.</summary>
/// <param name="log">Receives one line for each request.</param>
internal sealed class RestApi(StackDefinition stack, TokenVerifier tokens, Invoke invoke, TextWriter log)
{
    /// <summary>The largest request body, in bytes.</summary>
    /// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html</remarks>
    public const int MaxBodyBytes = 10 * 1024 * 1024;

    /// <summary>The largest event, in bytes.</summary>
    /// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html</remarks>
    private const int MaxEventBytes = 6 * 1024 * 1024;

    /// <summary>A larger body takes one of <see cref="MaxLargeBodies"/> turns.</summary>
    private const int LargeBodyBytes = 256 * 1024;

    private const int MaxLargeBodies = 4;

    private static readonly SemaphoreSlim s_largeBodies = new(MaxLargeBodies);

    private readonly RouteTable _routes = new(stack.Routes);

    /// <summary>How long the gateway waits for a function, whatever the function's own timeout.</summary>
    public TimeSpan IntegrationTimeout { get; init; } = TimeSpan.FromSeconds(29);

    /// <summary>Whether the log says why a token is refused.</summary>
    public bool LogsRefusedTokens { get; init; }

    /// <summary>Called with each request when its response has been sent.</summary>
    public Action<CompletedRequest> Completed { get; init; } = _ => { };

    /// <summary>The path as the client sent it. ASP.NET Core's own path has escapes decoded and dot segments removed.</summary>
    public static string PathOf(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out Uri? absolute))
        {
            return absolute.AbsolutePath;
        }

        return target.Split('?', 2)[0];
    }

    public async Task HandleAsync(HttpContext context)
    {
        long started = Stopwatch.GetTimestamp();
        string path = PathOf(context);
        InvocationReport? report = null;
        try
        {
            report = await RespondAsync(context, path);
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionResetException or ConnectionAbortedException)
        {
            // The client has disconnected.
        }

        double durationMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        Completed(new CompletedRequest(context.Request.Method, path, context.Response.StatusCode, durationMs, report));

        // Control characters from a client could control this terminal.
        string plainPath = string.Concat(path.Select(c => char.IsControl(c) ? '?' : c));
        await log.WriteLineAsync($"{context.Request.Method} {plainPath} {context.Response.StatusCode} {durationMs:F0} ms");
    }

    /// <returns>The report of the function that ran, if one did.</returns>
    private async Task<InvocationReport?> RespondAsync(HttpContext context, string path)
    {
        string requestId = Guid.NewGuid().ToString();
        string extendedRequestId = Convert.ToBase64String(RandomNumberGenerator.GetBytes(11));
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        context.Response.Headers["x-amz-apigw-id"] = extendedRequestId;

        RouteMatch route = _routes.Match(context.Request.Method, path);
        if (route is RouteMatch.Preflight)
        {
            WritePreflight(context.Response);
            return null;
        }

        if (route is not RouteMatch.Function match)
        {
            await GatewayError.NoRoute.WriteAsync(context.Response, stack);
            return null;
        }

        switch (await tokens.VerifyAsync(Token(context.Request)))
        {
            case TokenResult.Accepted accepted:
                return await RunAsync(context, body => new ProxyEvent(
                    context.Request, path, match, accepted.Claims, body, requestId, extendedRequestId, DateTimeOffset.UtcNow));
            case TokenResult.Expired:
                await LogRefusedTokenAsync("It has expired.");
                await GatewayError.TokenExpired.WriteAsync(context.Response, stack);
                break;
            case TokenResult.Rejected rejected:
                await LogRefusedTokenAsync(rejected.Reason);
                await GatewayError.Unauthorized.WriteAsync(context.Response, stack);
                break;
        }

        return null;
    }

    private Task LogRefusedTokenAsync(string reason) => LogsRefusedTokens ? log.WriteLineAsync($"The token was refused. {reason}") : Task.CompletedTask;

    /// <summary>Bounds the memory of large bodies, each of which is held several times: as bytes, as an event, and by its function.</summary>
    private async Task<InvocationReport?> RunAsync(HttpContext context, Func<ReadOnlyMemory<byte>, ProxyEvent> toEvent)
    {
        IHeaderDictionary headers = context.Request.Headers;
        bool isLengthKnown = !headers.ContainsKey(HeaderNames.TransferEncoding) && !headers.ContainsKey(HeaderNames.ContentEncoding);
        if (context.Request.ContentLength is null or <= LargeBodyBytes && isLengthKnown)
        {
            return await RunInTurnAsync(context, toEvent);
        }

        await s_largeBodies.WaitAsync(context.RequestAborted);
        try
        {
            return await RunInTurnAsync(context, toEvent);
        }
        finally
        {
            s_largeBodies.Release();
        }
    }

    private async Task<InvocationReport?> RunInTurnAsync(HttpContext context, Func<ReadOnlyMemory<byte>, ProxyEvent> toEvent)
    {
        ProxyEvent request;
        try
        {
            ReadOnlyMemory<byte>? body = await ReadAsync(context.Request, context.RequestAborted);
            if (body is null)
            {
                await GatewayError.TooLarge.WriteAsync(context.Response, stack);
                return null;
            }

            request = toEvent(body.Value);
        }
        catch (InvalidDataException)
        {
            await GatewayError.UnsupportedCoding.WriteAsync(context.Response, stack);
            return null;
        }
        catch (BadHttpRequestException e)
        {
            GatewayError error = e.StatusCode == StatusCodes.Status413PayloadTooLarge ? GatewayError.TooLarge : GatewayError.BadRequest;
            await error.WriteAsync(context.Response, stack);
            return null;
        }

        ReadOnlyMemory<byte> payload = request.MinLength > MaxEventBytes ? default : request.ToJson(stack);
        if (payload.Length is 0 or > MaxEventBytes)
        {
            await GatewayError.TooLarge.WriteAsync(context.Response, stack);
            return null;
        }

        InvocationResult result;
        try
        {
            // Not canceled when the client disconnects, as in AWS.
            result = await invoke(request.Match.Route.Function, payload).WaitAsync(IntegrationTimeout);
        }
        catch (Exception e) when (e is LocalHostException or ObjectDisposedException)
        {
            await log.WriteLineAsync(e.Message);
            await GatewayError.FunctionFailed.WriteAsync(context.Response, stack);
            return null;
        }
        catch (TimeoutException)
        {
            await GatewayError.TimedOut.WriteAsync(context.Response, stack);
            return null;
        }

        switch (result)
        {
            case InvocationResult.Succeeded succeeded when ProxyResponse.Parse(succeeded.Response) is { } response:
                await response.WriteAsync(context.Request, context.Response, stack);
                break;
            case InvocationResult.TimedOut:
                await GatewayError.TimedOut.WriteAsync(context.Response, stack);
                break;
            default:
                await GatewayError.FunctionFailed.WriteAsync(context.Response, stack);
                break;
        }

        return result.Report;
    }

    /// <summary>Reads a body to its end, so that the client can read the response, and decompresses as much of it as fits an event.</summary>
    /// <returns>Null for a body that is too large for an event.</returns>
    /// <exception cref="InvalidDataException">The body's content coding is not supported, or the body is not of it.</exception>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var kept = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, MaxEventBytes));
        byte[] buffer = new byte[16 * 1024];
        bool fits = true;
        try
        {
            await using Stream body = ContentCoding.Decompress(request.Headers.ContentEncoding, request.Body);
            for (int read; fits && (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                fits = kept.Length + read <= MaxEventBytes;
                kept.Write(buffer, 0, fits ? read : 0);
            }
        }
        catch (InvalidDataException)
        {
            await DiscardAsync();
            throw;
        }

        await DiscardAsync();
        return fits ? kept.GetBuffer().AsMemory(0, (int)kept.Length) : (ReadOnlyMemory<byte>?)null;

        // Not after other errors: the client has disconnected, and another read would fail for another reason.
        Task DiscardAsync() => request.Body.CopyToAsync(Stream.Null, cancellationToken);
    }

    private void WritePreflight(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.ContentLength = 0;
        response.Headers.AccessControlAllowOrigin = stack.Cors.AllowOrigin;
        response.Headers.AccessControlAllowMethods = stack.Cors.AllowMethods;
        response.Headers.AccessControlAllowHeaders = stack.Cors.AllowHeaders;
        response.Headers.AccessControlMaxAge = stack.Cors.MaxAge;
    }

    /// <summary>The token, sent with or without its scheme: API Gateway accepts both.</summary>
    private static string Token(HttpRequest request)
    {
        string authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization[7..].Trim() : authorization;
    }
}

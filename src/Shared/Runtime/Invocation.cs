
namespace Photos.Runtime;

/// <summary>Handles one invocation.</summary>
/// <param name="invocation">The invocation. Its payload is invalid once the handler has returned.</param>
/// <param name="response">Receives the response's bytes.</param>
/// <param name="cancellationToken">Fires <see cref="LambdaRuntime.DeadlineMargin"/> before the deadline.</param>
public delegate void InvocationHandler(
    Invocation invocation, ResponseBuffer response, CancellationToken cancellationToken);

/// <summary>One invocation, as the Runtime API delivers it.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Only the request id is always present.</remarks>
public sealed class Invocation
{
    /// <summary>The request id, which is part of the response's path.</summary>
    public required string RequestId { get; init; }

    /// <summary>
    /// Identifies this delivery of the invocation. It is sent back with the response, so that Lambda can tell the late response of an
    /// earlier delivery from this one's.
    /// </summary>
    public string? InvocationId { get; init; }

    /// <summary>The event, up to 6 MiB, in a buffer that the next invocation overwrites.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>When the invocation times out, UTC; <see langword="null"/> without the header.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The invoked ARN, including the version or alias.</summary>
    public string? FunctionArn { get; init; }

    /// <summary>The X-Ray trace header.</summary>
    public string? TraceId { get; init; }

    /// <summary>The client context of a mobile SDK's call, as JSON.</summary>
    public string? ClientContext { get; init; }

    /// <summary>The Cognito identity of a mobile SDK's call, as JSON.</summary>
    public string? CognitoIdentity { get; init; }

    /// <summary>The tenant id, for functions that isolate tenants.</summary>
    public string? TenantId { get; init; }
}

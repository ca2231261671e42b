using System.Buffers;

namespace Photos.Runtime;

/// <summary>Answers one invocation.</summary>
/// <param name="invocation">What is asked; its payload is gone once the handler has returned.</param>
/// <param name="response">Takes the response's bytes.</param>
/// <param name="cancellationToken">Fires <see cref="LambdaRuntime.DeadlineMargin"/> before the deadline.</param>
public delegate void InvocationHandler(
    Invocation invocation, IBufferWriter<byte> response, CancellationToken cancellationToken);

/// <summary>One invocation, as the Runtime API hands it out.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Only the request id is certain.</remarks>
public sealed class Invocation
{
    /// <summary>The request's id, which also names it in the response's path.</summary>
    public required string RequestId { get; init; }

    /// <summary>The event's bytes, up to 6 MiB. They lie in a buffer that the next invocation overwrites.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>When Lambda ends the function, UTC; absent where the header is.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The ARN, with the version or alias that was called.</summary>
    public string? FunctionArn { get; init; }

    /// <summary>The X-Ray trace header.</summary>
    public string? TraceId { get; init; }

    /// <summary>What a mobile SDK says of the client, as JSON.</summary>
    public string? ClientContext { get; init; }

    /// <summary>The Cognito identity of a mobile SDK's call, as JSON.</summary>
    public string? CognitoIdentity { get; init; }

    /// <summary>The tenant, for functions that isolate tenants.</summary>
    public string? TenantId { get; init; }
}

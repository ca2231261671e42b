using System.Security.Cryptography;

namespace Photos.Local.Lambda;

/// <summary>One event on its way through a process.</summary>
internal sealed class Invocation(ReadOnlyMemory<byte> payload)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PostedResponse? _response;

    public string RequestId { get; } = Guid.NewGuid().ToString();

    /// <summary>An X-Ray trace header that says not to sample.</summary>
    public string TraceId { get; } = string.Create(
        null,
        $"Root=1-{DateTimeOffset.UtcNow.ToUnixTimeSeconds():x8}-{RandomHex(12)};Parent={RandomHex(8)};Sampled=0");

    public ReadOnlyMemory<byte> Payload { get; } = payload;

    /// <summary>When it times out, UTC; set when the process receives the event.</summary>
    public DateTimeOffset Deadline { get; set; }

    /// <summary>What the process has posted; null before that.</summary>
    public PostedResponse? Response => Volatile.Read(ref _response);

    /// <summary>
    /// Completes when the process has posted its response and requests its next invocation. Only then is this one complete.
    /// </summary>
    public Task Finished => _finished.Task;

    /// <returns>False when the process has already posted a response.</returns>
    public bool TryRespond(PostedResponse response) => Interlocked.CompareExchange(ref _response, response, null) is null;

    public void Finish() => _finished.TrySetResult();

    private static string RandomHex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));

    /// <summary>The response or the error that a process posted.</summary>
    internal sealed record PostedResponse(bool IsError, ReadOnlyMemory<byte> Body);
}

using System.Security.Cryptography;

namespace Photos.Local.Lambda;

/// <summary>One event on its way through a process.</summary>
internal sealed class Invocation(ReadOnlyMemory<byte> payload)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StoredAnswer? _answer;

    internal string RequestId { get; } = Guid.NewGuid().ToString();

    /// <summary>An X-Ray trace that nobody samples.</summary>
    internal string TraceId { get; } = string.Create(
        null,
        $"Root=1-{DateTimeOffset.UtcNow.ToUnixTimeSeconds():x8}-{RandomHex(12)};Parent={RandomHex(8)};Sampled=0");

    internal ReadOnlyMemory<byte> Payload { get; } = payload;

    /// <summary>When it times out; set when it is handed over.</summary>
    internal DateTimeOffset Deadline { get; set; }

    /// <summary>What the process has posted so far.</summary>
    internal StoredAnswer? Answer => Volatile.Read(ref _answer);

    /// <summary>
    /// Completes when the process, having answered, asks for its next invocation: only then is this one complete.
    /// </summary>
    internal Task Finished => _finished.Task;

    /// <returns>False when there was an answer already.</returns>
    internal bool TryAnswer(StoredAnswer answer) => Interlocked.CompareExchange(ref _answer, answer, null) is null;

    internal void Finish() => _finished.TrySetResult();

    private static string RandomHex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));

    /// <summary>What a process posted: its response, or its error.</summary>
    internal sealed record StoredAnswer(bool IsError, ReadOnlyMemory<byte> Body);
}

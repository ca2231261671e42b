namespace Photos.Runtime;

/// <summary>The Runtime API is unreachable or violated its contract. The process cannot continue.</summary>
public sealed class RuntimeApiException(string message, Exception? inner = null) : Exception(message, inner);

namespace Photos.Runtime;

/// <summary>The Runtime API went away or broke its contract. The process cannot go on.</summary>
public sealed class RuntimeApiException(string message, Exception? inner = null) : Exception(message, inner);

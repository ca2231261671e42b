namespace Photos.Ops;

/// <summary>A command could not run. The message tells the operator what to do.</summary>
internal sealed class OpsException(string message) : Exception(message);

namespace Photos.Harness;

/// <summary>A function's process did not start, ended, reported an error, or took too long.</summary>
/// <param name="message">One line that says what happened and what the process wrote last.</param>
internal sealed class FunctionFailedException(string message) : Exception(message);

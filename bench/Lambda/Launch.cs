namespace Photos.Bench.Lambda;

/// <summary>How to start a function, and what of it is deployed.</summary>
/// <param name="Command">The program and its arguments.</param>
/// <param name="Artifact">The file or folder that goes to Lambda.</param>
/// <param name="Environment">Added to what Lambda and the function's configuration set.</param>
internal sealed record Launch(
    IReadOnlyList<string> Command,
    string Artifact,
    IReadOnlyDictionary<string, string> Environment);

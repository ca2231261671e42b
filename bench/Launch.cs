using Photos.Harness;

namespace Photos.Bench;

/// <summary>How to start a function in one variant.</summary>
/// <param name="Command">The program and its arguments.</param>
/// <param name="Artifact">The file or folder that is deployed to Lambda.</param>
/// <param name="Environment">Variables in addition to those that Lambda and the template set.</param>
internal sealed record Launch(
    IReadOnlyList<string> Command,
    string Artifact,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Starts the function and waits until it requests its first event.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="environment">The variables that Lambda and the template set.</param>
    /// <param name="limit">How long the init and each invocation may take.</param>
    /// <exception cref="FunctionFailedException">The function failed.</exception>
    public RunningFunction Start(string function, IReadOnlyDictionary<string, string> environment, TimeSpan limit)
    {
        string folder = Directory.Exists(Artifact) ? Artifact : Path.GetDirectoryName(Artifact)!;
        var variables = new Dictionary<string, string>(environment);
        foreach ((string name, string value) in Environment)
        {
            variables[name] = value;
        }

        return new RunningFunction(function, Command, folder, variables, limit);
    }
}

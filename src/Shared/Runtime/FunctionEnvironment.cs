using Photos.Aws;

namespace Photos.Runtime;

/// <summary>The function's environment variables. All are read while the function initializes, none later.</summary>
/// <param name="read">Returns a variable's value, or <see langword="null"/>.</param>
public sealed class FunctionEnvironment(Func<string, string?> read)
{
    /// <summary>What the process learns about the credentials that it has read; <see langword="null"/> until then.</summary>
    internal SigningState? Signing { get; set; }

    /// <summary>An optional variable. An empty value counts as absent, as in the template's conditions.</summary>
    public string? Optional(string name) => read(name) is { Length: > 0 } value ? value : null;

    /// <exception cref="FunctionEnvironmentException">The variable is absent or empty.</exception>
    public string Required(string name) =>
        Optional(name) ?? throw new FunctionEnvironmentException(name, "is not set");

    /// <exception cref="FunctionEnvironmentException">The variable is absent or not a whole number above zero.</exception>
    public long RequiredCount(string name) =>
        long.TryParse(Required(name), System.Globalization.NumberStyles.None, provider: null, out long value) && value > 0
            ? value
            : throw new FunctionEnvironmentException(name, "must be a whole number above zero");

    /// <summary>An optional variable that is <c>true</c> or <c>false</c>; false if absent.</summary>
    /// <exception cref="FunctionEnvironmentException">The variable is anything else.</exception>
    public bool Flag(string name) => Optional(name) switch
    {
        null => false,
        string value when bool.TryParse(value, out bool flag) => flag,
        _ => throw new FunctionEnvironmentException(name, "must be true or false"),
    };

    /// <exception cref="FunctionEnvironmentException">The variable is set and not an http or https URL without a path.</exception>
    public ServiceEndpoint? OptionalEndpoint(string name) => Optional(name) is string url
        ? ServiceEndpoint.Parse(url) ?? throw new FunctionEnvironmentException(name, "must be an http or https URL without a path, such as http://localhost:8000")
        : null;

    /// <exception cref="FunctionEnvironmentException">The variable is set and does not name a file.</exception>
    public string? OptionalFile(string name) =>
        Optional(name) switch
        {
            string path when !File.Exists(path) => throw new FunctionEnvironmentException(name, "must name an existing file"),
            var path => path,
        };
}

/// <summary>A variable is missing or invalid, so the function cannot start. The message names the variable.</summary>
public sealed class FunctionEnvironmentException(string name, string problem)
    : Exception($"The environment variable {name} {problem}. Set it in the function's configuration.");

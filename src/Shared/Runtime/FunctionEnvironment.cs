namespace Photos.Runtime;

/// <summary>The function's environment variables. Everything is read while the function initialises, never later.</summary>
/// <param name="read">Gives a variable's value, or <see langword="null"/>.</param>
public sealed class FunctionEnvironment(Func<string, string?> read)
{
    /// <summary>A variable that may be absent; an empty value counts as absent, as it does in a template's condition.</summary>
    public string? Optional(string name) => read(name) is { Length: > 0 } value ? value : null;

    /// <exception cref="FunctionEnvironmentException">The variable is absent or empty.</exception>
    public string Required(string name) =>
        Optional(name) ?? throw new FunctionEnvironmentException(name, "is not set");

    /// <exception cref="FunctionEnvironmentException">The variable is absent or no whole number above zero.</exception>
    public long RequiredCount(string name) =>
        long.TryParse(Required(name), System.Globalization.NumberStyles.None, provider: null, out long value) && value > 0
            ? value
            : throw new FunctionEnvironmentException(name, "must be a whole number above zero");

    /// <exception cref="FunctionEnvironmentException">The variable is there and no absolute http or https URL.</exception>
    public Uri? OptionalUrl(string name)
    {
        if (Optional(name) is not string value)
        {
            return null;
        }

        return Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"
            ? url
            : throw new FunctionEnvironmentException(name, "must be an http or https URL");
    }

    /// <exception cref="FunctionEnvironmentException">The variable is there and names no file.</exception>
    public string? OptionalFile(string name) =>
        Optional(name) switch
        {
            string path when !File.Exists(path) => throw new FunctionEnvironmentException(name, "must name a file"),
            var path => path,
        };
}

/// <summary>A variable is missing or wrong: the function cannot start, and the message names the variable.</summary>
public sealed class FunctionEnvironmentException(string name, string problem)
    : Exception($"The environment variable {name} {problem}. Set it in the function's configuration.");

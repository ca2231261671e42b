using System.Text;

namespace Photos.Aws;

/// <summary>The headers that a signature covers. Add them in the alphabetical order of their names.</summary>
internal sealed class CanonicalHeaders
{
    private readonly StringBuilder _names = new();
    private readonly StringBuilder _lines = new();

    /// <summary>The names, separated by semicolons.</summary>
    public string Names => _names.ToString();

    /// <summary>One <c>name:value</c> a line.</summary>
    public string Lines => _lines.ToString();

    /// <summary>Adds a header.</summary>
    /// <param name="name">In lower case.</param>
    /// <param name="value">Without surrounding white space.</param>
    public void Add(string name, string value)
    {
        _names.Append(_names.Length == 0 ? "" : ";").Append(name);
        _lines.Append(name).Append(':').Append(value).Append('\n');
    }
}

using System.Text;

namespace Photos.Harness;

/// <summary>An HTTP/1.1 request, both as the bytes that arrived and parsed.</summary>
/// <param name="Connection">The number of the server's connection that it arrived on, from 1.</param>
/// <param name="Raw">The head and the body, byte for byte.</param>
/// <param name="Method">The method.</param>
/// <param name="Target">The path and the query.</param>
/// <param name="Headers">In the order in which they arrived, without spaces around the values.</param>
/// <param name="Body">The end of <paramref name="Raw"/>; empty when the request has no body.</param>
internal sealed record HttpRequest(
    int Connection,
    byte[] Raw,
    string Method,
    string Target,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>The port of the client's end of the connection; 0 when the server does not set it.</summary>
    public int ClientPort { get; init; }

    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The header's value; <see langword="null"/> when the request does not have the header.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="comparison">Exact by default, so that a test also checks the case in which a client writes the name.</param>
    /// <exception cref="InvalidDataException">The request has the header more than once.</exception>
    public string? Header(string name, StringComparison comparison = StringComparison.Ordinal) => Find(Headers, name, comparison);

    /// <inheritdoc cref="Header"/>
    public static string? Find(IReadOnlyList<KeyValuePair<string, string>> headers, string name, StringComparison comparison)
    {
        string? value = null;
        for (int i = 0; i < headers.Count; i++)
        {
            if (headers[i].Key.Equals(name, comparison))
            {
                value = value is null ? headers[i].Value : throw new InvalidDataException($"A request has the header {name} more than once.");
            }
        }

        return value;
    }
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Photos.Runtime;

/// <summary>An error in Lambda's format. Lambda shows it in the console and counts it; the API's client never sees it.</summary>
internal sealed class FunctionError(string type, string message, string? stackTrace = null)
{
    // Lambda refuses error bodies of 1 MiB. At six bytes a character at worst, these limits stay far below.
    private const int MaxMessageChars = 32 * 1024;
    private const int MaxStackLines = 64;
    private const int MaxStackLineChars = 512;

    /// <summary><c>Function.Name</c>, the documented format; letters only.</summary>
    public string HeaderValue { get; } = "Function." + string.Concat(type.Where(char.IsAsciiLetter));

    public static FunctionError From(Exception exception) =>
        new(exception.GetType().Name, exception.Message, exception.StackTrace);

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("errorMessage", Cut(message, MaxMessageChars));
            json.WriteString("errorType", type);
            json.WriteStartArray("stackTrace");
            foreach (string line in (stackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(MaxStackLines))
            {
                json.WriteStringValue(Cut(line, MaxStackLineChars));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static ReadOnlySpan<char> Cut(string text, int chars) => text.AsSpan(0, Math.Min(text.Length, chars));
}

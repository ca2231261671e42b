using System.Text.Json;

namespace Photos.Api;

/// <summary>
/// Reads the few fields that the functions need. A deserializer first builds the metadata of every type and property, by
/// reflection over attributes even where it is source-generated; docs/cold-start.md has the cost.
/// </summary>
public static class JsonFields
{
    /// <summary>A field that is an object; <see langword="null"/> where absent or null.</summary>
    /// <exception cref="JsonException">It is anything else; the path names the field.</exception>
    public static JsonElement? Nested(JsonElement parent, string name) => Find(parent, name, JsonValueKind.Object);

    /// <summary>A field that is a string; <see langword="null"/> where absent or null.</summary>
    /// <exception cref="JsonException">It is anything else, or not valid UTF-16; the path names the field.</exception>
    public static string? Text(JsonElement parent, string name) =>
        Find(parent, name, JsonValueKind.String) is JsonElement field ? TextOf(field, name) : null;

    /// <summary>A field that is an array of strings; <see langword="null"/> where absent or null.</summary>
    /// <exception cref="JsonException">It is anything else; the path names the field, or the element as in <c>ids[3]</c>.</exception>
    public static string[]? Texts(JsonElement parent, string name)
    {
        if (Find(parent, name, JsonValueKind.Array) is not JsonElement field)
        {
            return null;
        }

        string[] texts = new string[field.GetArrayLength()];
        int index = 0;
        foreach (JsonElement element in field.EnumerateArray())
        {
            string at = $"{name}[{index}]";
            texts[index++] = element.ValueKind == JsonValueKind.String ? TextOf(element, at) : throw WrongType(at);
        }

        return texts;
    }

    /// <summary>A field that is a whole number; <see langword="null"/> where absent or null.</summary>
    /// <exception cref="JsonException">It is anything else; the path names the field.</exception>
    public static long? Number(JsonElement parent, string name) => Find(parent, name, JsonValueKind.Number) switch
    {
        null => null,
        JsonElement field when field.TryGetInt64(out long value) => value,
        _ => throw WrongType(name),
    };

    /// <summary>The exception for a field of the wrong type.</summary>
    public static JsonException WrongType(string name) =>
        new("The wrong JSON type.", name, lineNumber: null, bytePositionInLine: null);

    private static string TextOf(JsonElement text, string name)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("An unpaired surrogate.", name, lineNumber: null, bytePositionInLine: null, e);
        }
    }

    private static JsonElement? Find(JsonElement parent, string name, JsonValueKind kind)
    {
        if (!parent.TryGetProperty(name, out JsonElement field) || field.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return field.ValueKind == kind ? field : throw WrongType(name);
    }
}

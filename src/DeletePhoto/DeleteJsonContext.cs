using System.Text.Json;
using System.Text.Json.Serialization;

namespace Photos.DeletePhoto;

/// <summary>The response to <c>DELETE /album</c> when photos may remain.</summary>
internal sealed record DeleteAllResponse(bool Remaining);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(DeleteAllResponse))]
internal sealed partial class DeleteJsonContext : JsonSerializerContext
{
    public static void Write(Utf8JsonWriter json, DeleteAllResponse response) => Default.DeleteAllResponseSerializeHandler(json, response);
}

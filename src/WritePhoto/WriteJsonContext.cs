using System.Text.Json;
using System.Text.Json.Serialization;
using Photos.Album;
using Photos.Api;

namespace Photos.WritePhoto;

/// <summary>The body of <c>POST /photos/uploads</c>; <c>size</c> in bytes.</summary>
internal sealed record UploadRequest(string? Name, string? ContentType, long? Size)
{
    public static UploadRequest Read(JsonElement body) =>
        new(JsonFields.Text(body, "name"), JsonFields.Text(body, "contentType"), JsonFields.Number(body, "size"));
}

/// <summary>The response to <c>POST /photos/uploads</c>.</summary>
internal sealed record UploadResponse(string Id, UploadGrant Upload);

/// <summary>The body of <c>POST /photos</c>.</summary>
internal sealed record WriteRequest(string? Id, string? Name)
{
    public static WriteRequest Read(JsonElement body) => new(JsonFields.Text(body, "id"), JsonFields.Text(body, "name"));
}

/// <summary>The body of <c>PATCH /photos/{id}</c>.</summary>
internal sealed record RenameRequest(string? Name)
{
    public static RenameRequest Read(JsonElement body) => new(JsonFields.Text(body, "name"));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(UploadResponse))]
[JsonSerializable(typeof(PhotoView))]
internal sealed partial class WriteJsonContext : JsonSerializerContext
{
    public static void Write(Utf8JsonWriter json, UploadResponse response) => Default.UploadResponseSerializeHandler(json, response);

    public static void Write(Utf8JsonWriter json, PhotoView photo) => Default.PhotoViewSerializeHandler(json, photo);
}

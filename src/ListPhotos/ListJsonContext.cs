using System.Text.Json;
using System.Text.Json.Serialization;
using Photos.Api;

namespace Photos.ListPhotos;

/// <summary>The response to <c>GET /photos</c>.</summary>
/// <param name="Id">The user.</param>
/// <param name="Photos">Newest first.</param>
/// <param name="Next">The token to send as <c>next</c> to get the following page; absent on the last one.</param>
internal sealed record AlbumPage(string Id, PhotoView[] Photos, string? Next);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(AlbumPage))]
[JsonSerializable(typeof(PhotoView))]
internal sealed partial class ListJsonContext : JsonSerializerContext
{
    public static void Write(Utf8JsonWriter json, AlbumPage page) => Default.AlbumPageSerializeHandler(json, page);

    public static void Write(Utf8JsonWriter json, PhotoView photo) => Default.PhotoViewSerializeHandler(json, photo);
}

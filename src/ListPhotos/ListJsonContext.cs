using System.Text.Json.Serialization;
using Album.Photos;

namespace ListPhotos;

/// <summary>The answer to <c>GET /photos</c>.</summary>
/// <param name="Id">The user.</param>
/// <param name="Photos">Newest first.</param>
/// <param name="Next">What to send as <c>next</c> for the photos that follow; absent on the last page.</param>
internal sealed record AlbumPage(string Id, PhotoView[] Photos, string? Next);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(AlbumPage))]
[JsonSerializable(typeof(PhotoView))]
internal sealed partial class ListJsonContext : JsonSerializerContext;

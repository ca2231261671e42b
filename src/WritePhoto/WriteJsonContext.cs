using System.Text.Json.Serialization;
using Album.Photos;
using Album.Storage;

namespace WritePhoto;

/// <summary>The body of <c>POST /photos/uploads</c>; <c>size</c> in bytes.</summary>
internal sealed record UploadRequest(string? Name, string? ContentType, long? Size);

/// <summary>The answer to <c>POST /photos/uploads</c>.</summary>
internal sealed record UploadAnswer(string Id, UploadGrant Upload);

/// <summary>The body of <c>POST /photos</c>.</summary>
internal sealed record WriteRequest(string? Id, string? Name);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UploadRequest))]
[JsonSerializable(typeof(UploadAnswer))]
[JsonSerializable(typeof(WriteRequest))]
[JsonSerializable(typeof(PhotoView))]
internal sealed partial class WriteJsonContext : JsonSerializerContext;

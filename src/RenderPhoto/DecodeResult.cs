using System.Text.Json.Serialization;

namespace Photos.RenderPhoto;

/// <summary>The line that the child process writes to its standard output.</summary>
/// <param name="Refusal">Why the picture is unsupported; <see langword="null"/> if it was rendered.</param>
/// <param name="Width">As in <see cref="RenderedPicture"/>.</param>
/// <param name="Height">As in <see cref="RenderedPicture"/>.</param>
/// <param name="Taken">As in <see cref="RenderedPicture"/>.</param>
internal sealed record DecodeResult(string? Refusal = null, int Width = 0, int Height = 0, string? Taken = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DecodeResult))]
internal sealed partial class DecodeJsonContext : JsonSerializerContext;

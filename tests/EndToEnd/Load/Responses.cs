using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>Responses in the form in which the model predicts them.</summary>
internal static partial class Responses
{
    /// <summary>
    /// The status, and the body without what the model cannot predict: signatures, tokens, what is rendered, and the text of errors.
    /// </summary>
    public static string Describe(ApiResponse response) => response.ContentHeaders.ContentType?.ToString() switch
    {
        "application/json" => $"{response.Status} {Unknowable.Replace(response.Text, "${kept}")}".TrimEnd(),
        string type when type.StartsWith("image/", StringComparison.Ordinal) =>
            $"{response.Status} {type} {Convert.ToHexString(SHA256.HashData(response.Body))}",

        // S3's errors, which are XML, and responses without a body.
        _ => $"{response.Status}",
    };

    /// <summary>The photos in a response.</summary>
    public static IEnumerable<JsonElement> Photos(ApiResponse response)
    {
        if (response.Status is not (200 or 201) || response.ContentHeaders.ContentType?.MediaType != "application/json")
        {
            return [];
        }

        JsonElement body = response.Json;
        return body.TryGetProperty("photos", out JsonElement photos) ? photos.EnumerateArray()
            : body.TryGetProperty("date", out _) ? [body]
            : [];
    }

    [GeneratedRegex("""(?<kept>"(next|expires)"):"[^"]+"|"message":"[^"]+",|\?X-Amz-[^"]*|,"(status|thumbnailUrl|taken|previewUrl|downloadUrl)":"[^"]*"|,"(width|height)":\d+""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unknowable { get; }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Photos.Album;
using Photos.Api;

namespace Photos.DeletePhoto;

/// <summary>The body of <c>POST /photos/deletions</c>.</summary>
internal sealed record DeletionRequest(string[]? Ids)
{
    // Of each, two storage requests are sent, one after the other. A hundred take a few seconds, and a call has ten.
    private const int MaxIds = 100;

    public static DeletionRequest Read(JsonElement body) => new(JsonFields.Texts(body, "ids"));

    /// <summary>The ids, each once, in the order of the request.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.InvalidField"/></exception>
    public PhotoId[] ToPhotoIds()
    {
        string? problem = Ids switch
        {
            null => "is missing",
            [] => "is empty",
            { Length: > MaxIds } => $"has more than {MaxIds} elements",
            _ => null,
        };
        if (problem is not null)
        {
            throw new PhotoException(PhotoFault.InvalidField, $"ids {problem}. Send an array of 1 to {MaxIds} ids.");
        }

        // LINQ would bring the type loader into the binary.
        List<PhotoId> ids = [];
        for (int i = 0; i < Ids!.Length; i++)
        {
            PhotoId id = PhotoId.Parse(Ids[i], $"ids[{i}]");
            if (!ids.Contains(id))
            {
                ids.Add(id);
            }
        }

        return [.. ids];
    }
}

/// <summary>The response to <c>POST /photos/deletions</c>. Each id of the request is in one of the arrays, in the order of the request.</summary>
/// <param name="Deleted">The photos that are deleted, by this call or an earlier one.</param>
/// <param name="NotFound">The ids of which the user has no photo.</param>
/// <param name="Retry">What was not reached: the client sends these again.</param>
internal sealed record DeletionResponse(string[] Deleted, string[] NotFound, string[] Retry);

/// <summary>The response to <c>DELETE /album</c> when photos may remain.</summary>
internal sealed record DeleteAllResponse(bool Remaining);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(DeletionResponse))]
[JsonSerializable(typeof(DeleteAllResponse))]
internal sealed partial class DeleteJsonContext : JsonSerializerContext
{
    public static void Write(Utf8JsonWriter json, DeletionResponse response) => Default.DeletionResponseSerializeHandler(json, response);

    public static void Write(Utf8JsonWriter json, DeleteAllResponse response) => Default.DeleteAllResponseSerializeHandler(json, response);
}

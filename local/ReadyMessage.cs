namespace Photos.Local;

/// <summary>What the host prints when it is ready: its address, and commands that add, list and delete a photo.</summary>
internal static class ReadyMessage
{
    /// <param name="address">The API's address.</param>
    /// <param name="token">A valid ID token; null when only a user pool can issue one.</param>
    public static string Create(Uri address, string? token)
    {
        string api = address.AbsoluteUri.TrimEnd('/');
        return $$"""
            ready {{api}}

            # Open the album in a browser: {{api}}/
            # Or paste these commands to add a picture, list the photos and delete it.
            export API={{api}}
            export TOKEN='{{token ?? "an ID token of your user pool"}}'
            PHOTO=$(docs/add-photo.sh docs/album.png) && echo "$PHOTO"
            curl -sS --fail-with-body "$API/photos" -H "Authorization: $TOKEN" -w '\n'
            ID=$(node -pe 'JSON.parse(process.argv[1]).id' "$PHOTO")
            curl -sS --fail-with-body -X DELETE "$API/photos/$ID" -H "Authorization: $TOKEN" -w '%{http_code}\n'

            """;
    }
}

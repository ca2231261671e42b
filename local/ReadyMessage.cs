namespace Photos.Local;

/// <summary>What the host prints when it is ready: its address, and commands that add a photo and list the album.</summary>
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
            # Or paste these commands to add a picture and to list the photos.
            export API={{api}}
            export TOKEN='{{token ?? "an ID token of your user pool"}}'
            docs/add-photo.sh docs/album.png
            curl -sS --fail-with-body "$API/photos" -H "Authorization: $TOKEN" -w '\n'

            """;
    }
}

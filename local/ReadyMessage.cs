namespace Photos.Local;

/// <summary>What the host prints when it is ready: its address, and commands that upload, list and delete a photo.</summary>
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
            # Or paste these commands to upload beach.jpg, list the photos and delete it.
            API={{api}}
            TOKEN='{{token ?? "an ID token of your user pool"}}'
            GRANT=$(curl -sS $API/photos/uploads -H "Authorization: $TOKEN" \
              -d "{\"name\":\"beach.jpg\",\"contentType\":\"image/jpeg\",\"size\":$(wc -c < beach.jpg)}")
            field() { node -pe "JSON.parse(process.argv[1]).$1" "$GRANT"; }
            curl -sS --fail-with-body "$(field upload.url)" -T beach.jpg -H 'Content-Type: image/jpeg' -H 'If-None-Match: *'
            curl -sS $API/photos -H "Authorization: $TOKEN" -d "{\"id\":\"$(field id)\",\"name\":\"beach.jpg\"}" -w '\n'
            curl -sS $API/photos -H "Authorization: $TOKEN" -w '\n'
            curl -sS -X DELETE "$API/photos/$(field id)" -H "Authorization: $TOKEN" -w '%{http_code}\n'

            """;
    }
}

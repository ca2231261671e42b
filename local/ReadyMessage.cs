namespace Photos.Local;

/// <summary>What the host prints when it is ready: the address, the page, and commands to paste into bash.</summary>
internal static class ReadyMessage
{
    /// <param name="address">Where the API answers.</param>
    /// <param name="token">A good ID token; null when only a user pool can give one.</param>
    public static string Create(Uri address, string? token)
    {
        string api = address.AbsoluteUri.TrimEnd('/');
        return $$"""
            ready {{api}}

            # The album is at {{api}}/ in a browser.

            # List the photos.
            TOKEN='{{token ?? "an ID token of your user pool"}}'
            curl -sS {{api}}/photos -H "Authorization: Bearer $TOKEN" -w '\n'

            # Upload photo.jpg: ask for a grant, put the bytes into the bucket as the grant says, write the photo.
            GRANT=$(curl -sS {{api}}/photos/uploads -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
              -d "{\"name\":\"photo.jpg\",\"contentType\":\"image/jpeg\",\"size\":$(wc -c < photo.jpg)}")
            ID=$(node -pe 'JSON.parse(process.argv[1]).id' "$GRANT")
            node -pe 'const { url, headers } = JSON.parse(process.argv[1]).upload;
              [["url", url], ...Object.entries(headers).map(([name, value]) => ["header", name + ": " + value])]
                .map(([option, value]) => option + " = " + JSON.stringify(value)).join("\n")' "$GRANT" |
              curl -sS --fail-with-body --upload-file photo.jpg --config -
            curl -sS {{api}}/photos -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
              -d "{\"id\":\"$ID\",\"name\":\"photo.jpg\"}" -w '\n'

            # List them again.
            curl -sS {{api}}/photos -H "Authorization: Bearer $TOKEN" -w '\n'

            # Delete it.
            curl -sS -X DELETE "{{api}}/photos/$ID" -H "Authorization: Bearer $TOKEN" -w '%{http_code}\n'

            """;
    }
}

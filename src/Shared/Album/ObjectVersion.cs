namespace Photos.Album;

/// <summary>One version of an object in the bucket.</summary>
/// <param name="Key">The key of the object.</param>
/// <param name="VersionId">The id of the version; <c>null</c> in a bucket that has never had versions.</param>
/// <param name="IsLatest">Whether it is the current one.</param>
/// <param name="IsDeleteMarker">Whether it marks the object as deleted.</param>
internal readonly record struct ObjectVersion(string Key, string VersionId, bool IsLatest, bool IsDeleteMarker)
{
    /// <summary>Reads the versions in a ListObjectVersions response of the objects whose keys begin with <paramref name="prefix"/>.</summary>
    /// <remarks>
    /// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html. The elements that count have no attributes and
    /// plain text, so an XML reader, which would double the function, is not needed.
    /// </remarks>
    public static List<ObjectVersion> ReadAll(string xml, string prefix)
    {
        var versions = new List<ObjectVersion>();
        ReadAll(xml, prefix, "Version", versions);
        ReadAll(xml, prefix, "DeleteMarker", versions);
        return versions;
    }

    private static void ReadAll(string xml, string prefix, string element, List<ObjectVersion> versions)
    {
        string[] parts = xml.Split($"<{element}>");
        for (int i = 1; i < parts.Length; i++)
        {
            string entry = parts[i].Split($"</{element}>", 2)[0];
            if (Text(entry, "Key") is string key && key.StartsWith(prefix, StringComparison.Ordinal) && Text(entry, "VersionId") is string id)
            {
                versions.Add(new ObjectVersion(key, id, Text(entry, "IsLatest") == "true", element == "DeleteMarker"));
            }
        }
    }

    private static string? Text(string entry, string name)
    {
        string[] after = entry.Split($"<{name}>", 2);
        string[] inside = after[^1].Split($"</{name}>", 2);
        return after.Length == 2 && inside.Length == 2 ? inside[0] : null;
    }
}

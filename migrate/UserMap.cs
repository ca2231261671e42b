using Photos.Album;

namespace Photos.Migrate;

/// <summary>The users to migrate: lines <c>IDENTITY-ID,SUB</c>. Blank lines and lines that begin with <c>#</c> are ignored.</summary>
internal static class UserMap
{
    /// <exception cref="FormatException">A line is not valid. The message says which.</exception>
    public static List<(string Identity, UserId User)> Read(IEnumerable<string> lines)
    {
        List<(string Identity, UserId User)> users = [];
        foreach ((int index, string line) in lines.Index())
        {
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
            {
                continue;
            }

            string[] fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (fields is not [{ Length: > 0 } identity, string sub] || identity.Contains('/', StringComparison.Ordinal) || !UserId.TryParse(sub, out UserId user))
            {
                throw new FormatException($"Line {index + 1} must be an identity ID, a comma and the user's sub, such as us-east-1:0b7c…,8f1e…. Correct it and try again.");
            }

            users.Add((identity, user));
        }

        return users;
    }
}

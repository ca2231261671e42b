using System.Text;

namespace Photos.Tests.Ops;

/// <summary>A command of the AWS CLI on a page of the documentation, so that tests send the same request.</summary>
/// <param name="Name">The service and the operation, such as <c>dynamodb put-item</c>.</param>
/// <param name="Options">The options, without their dashes.</param>
internal sealed record DocumentedCommand(string Name, IReadOnlyDictionary<string, string> Options)
{
    private const string Program = "aws ";

    /// <summary>The commands of a section of a page, in their order.</summary>
    public static List<DocumentedCommand> ReadAll(string page, string heading)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, page));
        string section = text.Split($"\n## {heading}\n")[1].Split("\n## ")[0];
        List<DocumentedCommand> commands = [];
        foreach (string command in section.Split($" {Program}")[1..])
        {
            List<string> words = Words(command);
            Dictionary<string, string> options = words.SkipWhile(word => !word.StartsWith("--", StringComparison.Ordinal)).Chunk(2)
                .ToDictionary(pair => pair[0].TrimStart('-'), pair => pair[1], StringComparer.Ordinal);
            commands.Add(new DocumentedCommand($"{words[0]} {words[1]}", options));
        }

        return commands;
    }

    /// <summary>The value of an option of the form <c>Name=value,Name=value</c>.</summary>
    public Dictionary<string, string> Shorthand(string option) =>
        Options[option].Split(',').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    /// <summary>The words of a shell command up to its end: a line that does not continue, or a pipe.</summary>
    private static List<string> Words(string text)
    {
        List<string> words = [];
        var word = new StringBuilder();
        char quote = '\0';
        foreach (char one in text.Replace("\\\n", "", StringComparison.Ordinal))
        {
            if (quote == '\0' && (one is ' ' or '\n' or '|'))
            {
                if (word.Length > 0)
                {
                    words.Add(word.ToString());
                    word.Clear();
                }

                if (one is '\n' or '|')
                {
                    break;
                }
            }
            else if (one == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && (one is '\'' or '"'))
            {
                quote = one;
            }
            else
            {
                word.Append(one);
            }
        }

        return words;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Checks the form of every log line.</summary>
internal static partial class LogLines
{
    private static readonly string[] s_secrets =
        [FuzzedFunction.SecretAccessKey, FuzzedFunction.SessionToken, HostileEvents.Token, "Bearer ", "Signature="];

    /// <summary>Checks everything that was logged during one invocation.</summary>
    public static void Check(byte[] log, string format, string requestId)
    {
        if (log.Length == 0)
        {
            return;
        }

        string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(log);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (string secret in s_secrets)
        {
            Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"The log contains {secret}: {text}");
        }

        foreach (string line in text[..^1].Split('\n'))
        {
            if (format == "JSON")
            {
                CheckJson(line, requestId);
            }
            else
            {
                CheckText(line, requestId);
            }
        }
    }

    private static void CheckJson(string line, string requestId)
    {
        AssertPlain(line);
        using var document = JsonDocument.Parse(line);
        JsonElement json = document.RootElement;
        string members = string.Join(',', json.EnumerateObject().Select(member => member.Name));
        Assert.True(
            members is "timestamp,level,message,requestId" or "timestamp,level,message,requestId,errorType,errorMessage,stackTrace", line);
        Assert.Matches(Time(), json.GetProperty("timestamp").GetString());
        Assert.Matches(Level(), json.GetProperty("level").GetString());
        Assert.Equal(requestId, json.GetProperty("requestId").GetString());
    }

    private static void CheckText(string line, string requestId)
    {
        string[] fields = line.Split('\t');
        Assert.True(fields.Length == 4, line);
        Assert.Matches(Time(), fields[0]);
        Assert.Equal(requestId, fields[1]);
        Assert.Matches(Level(), fields[2]);
        Array.ForEach(fields, AssertPlain);
    }

    /// <summary>Checks that no character controls a terminal or separates lines.</summary>
    private static void AssertPlain(string text) => Assert.False(
        text.Any(one => char.GetUnicodeCategory(one)
            is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator),
        $"A log line contains a control character: {Cases.Show(Encoding.UTF8.GetBytes(text))}");

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time();

    [GeneratedRegex(@"^(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Level();
}

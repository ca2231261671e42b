using Tomlyn;
using Tomlyn.Model;

namespace Photos.Tests.Template;

/// <summary><c>samconfig.toml</c>.</summary>
internal static class SamConfig
{
    private static readonly TomlTable s_config =
        TomlSerializer.Deserialize<TomlTable>(File.ReadAllText(Path.Combine(Repository.Root, "samconfig.toml")))!;

    /// <summary>The settings of <c>sam COMMAND --config-env ENVIRONMENT</c>.</summary>
    public static TomlTable Of(string environment, string command) =>
        (TomlTable)((TomlTable)((TomlTable)s_config[environment])[command])["parameters"];

    /// <summary>The template parameters that <c>sam deploy</c> sets, as <c>NAME=VALUE</c>. SAM removes the quotes of a value, and
    /// refuses an empty value without them.</summary>
    public static string[] Overrides(string environment) =>
    [
        .. ((TomlArray)Of(environment, "deploy")["parameter_overrides"]).Cast<string>()
            .Select(one => one.EndsWith("=\"\"", StringComparison.Ordinal) ? one[..^2] : one),
    ];
}

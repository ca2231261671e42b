using Tomlyn;
using Tomlyn.Model;
using YamlDotNet.RepresentationModel;

namespace Album.Tests.Template;

/// <summary><c>samconfig.toml</c> speaks of parameters that the template has.</summary>
public class SamConfigTests
{
    private static readonly TomlTable s_config =
        TomlSerializer.Deserialize<TomlTable>(File.ReadAllText(Path.Combine(Repository.Root, "samconfig.toml")))!;

    private static readonly YamlMappingNode s_parameters = Parameters();

    [Theory]
    [InlineData("default", "dev")]
    [InlineData("dev", "dev")]
    [InlineData("prod", "prod")]
    public void EachStageDeploysItself(string environment, string stage)
    {
        Dictionary<string, string> overrides = Overrides(environment);

        Assert.Equal(stage, overrides["Stage"]);
        Assert.Equal($"photos-{stage}", Deploy(environment)["stack_name"]);
        Assert.All(overrides, one =>
        {
            Assert.True(s_parameters.Children.ContainsKey(one.Key), $"The template has no parameter {one.Key}.");
            if (((YamlMappingNode)s_parameters[one.Key]).Children.TryGetValue("AllowedValues", out YamlNode? allowed))
            {
                Assert.Contains(one.Value, ((YamlSequenceNode)allowed).Select(value => value.ToString()));
            }
        });
    }

    [Fact]
    public void BuildsAreInPlaceCachedAndParallel()
    {
        var build = (TomlTable)((TomlTable)((TomlTable)s_config["default"])["build"])["parameters"];

        Assert.All((string[])["build_in_source", "cached", "parallel"], option => Assert.Equal(true, build[option]));
    }

    [Fact]
    public void EveryParameterHasADefault() => Assert.All(
        s_parameters.Children,
        parameter => Assert.True(((YamlMappingNode)parameter.Value).Children.ContainsKey("Default"), $"{parameter.Key} has no default."));

    private static TomlTable Deploy(string environment) =>
        (TomlTable)((TomlTable)((TomlTable)s_config[environment])["deploy"])["parameters"];

    private static Dictionary<string, string> Overrides(string environment) =>
        ((TomlArray)Deploy(environment)["parameter_overrides"]).Cast<string>().Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);

    private static YamlMappingNode Parameters()
    {
        var stream = new YamlStream();
        using StreamReader reader = File.OpenText(Repository.Template);
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents[0].RootNode["Parameters"];
    }
}

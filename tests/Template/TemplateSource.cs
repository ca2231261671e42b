using Photos.Local.Template;
using YamlDotNet.RepresentationModel;

namespace Photos.Tests.Template;

/// <summary>Reads a template with given parameter values.</summary>
internal static class TemplateSource
{
    /// <summary>Reads <c>template.yaml</c>.</summary>
    /// <param name="overrides">Each <c>NAME=VALUE</c>.</param>
    public static TemplateNode Read(params IEnumerable<string> overrides) => Read(File.ReadAllText(Repository.Template), overrides);

    /// <param name="text">YAML or JSON.</param>
    /// <param name="overrides">Each <c>NAME=VALUE</c>.</param>
    /// <param name="change">Changes the template before its intrinsic functions are resolved.</param>
    public static TemplateNode Read(string text, IEnumerable<string> overrides, Action<YamlMappingNode>? change = null)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        foreach (string[] one in overrides.Select(one => one.Split('=', 2)))
        {
            ((YamlMappingNode)root["Parameters"][one[0]]).Children["Default"] = new YamlScalarNode(one[1]) { Style = YamlDotNet.Core.ScalarStyle.DoubleQuoted };
        }

        change?.Invoke(root);
        return new Intrinsics(root, "eu-central-1").Root;
    }
}

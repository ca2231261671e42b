using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Photos.Local.Template;

/// <summary>A place in the template. Intrinsic functions are resolved only where a caller reads, so the rest of the template
/// may use all of CloudFormation.</summary>
/// <exception cref="LocalHostException">From every member: the template has something else at this place than the caller
/// expects.</exception>
internal sealed class TemplateNode
{
    private readonly YamlNode? _node;
    private readonly string _place;
    private readonly int _line;
    private readonly Intrinsics _intrinsics;

    public TemplateNode(YamlNode? node, string place, int line, Intrinsics intrinsics)
    {
        _place = place;
        _line = node is null ? line : (int)node.Start.Line;
        _intrinsics = intrinsics;
        _node = node is null ? null : intrinsics.Resolve(node, this);
    }

    /// <summary>Whether the place has a value other than null and <c>AWS::NoValue</c>.</summary>
    public bool Exists => _node is not (null or YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: null or "" or "~" or "null" });

    /// <summary>The child with this name, which may not exist.</summary>
    public TemplateNode this[string key]
    {
        get
        {
            YamlNode? child = null;
            if (_node is YamlMappingNode mapping)
            {
                mapping.Children.TryGetValue(new YamlScalarNode(key), out child);
            }

            return Child(child, _place.Length == 0 ? key : $"{_place}.{key}");
        }
    }

    public IEnumerable<KeyValuePair<string, TemplateNode>> Entries()
    {
        if (!Exists)
        {
            yield break;
        }

        YamlMappingNode mapping = _node as YamlMappingNode ?? throw Wrong("must be a mapping");
        foreach (YamlNode key in mapping.Children.Keys)
        {
            string name = ((YamlScalarNode)key).Value!;
            yield return KeyValuePair.Create(name, this[name]);
        }
    }

    /// <summary>The items of a list, without those that are <c>AWS::NoValue</c>; none if the place has no value.</summary>
    public IEnumerable<TemplateNode> Items()
    {
        if (!Exists)
        {
            yield break;
        }

        YamlSequenceNode sequence = _node as YamlSequenceNode ?? throw Wrong("must be a list");
        for (int i = 0; i < sequence.Children.Count; i++)
        {
            TemplateNode item = Child(sequence.Children[i], $"{_place}[{i}]");
            if (item._node is not null)
            {
                yield return item;
            }
        }
    }

    public bool IsText => Exists && _node is YamlScalarNode;

    public string Text() => _node switch
    {
        null => throw Wrong("is missing"),
        YamlScalarNode scalar => scalar.Value ?? "",
        _ => throw Wrong("must be a string"),
    };

    public string Text(string whenMissing) => Exists ? Text() : whenMissing;

    public int Number(int whenMissing)
    {
        if (!Exists)
        {
            return whenMissing;
        }

        return int.TryParse(Text(), NumberStyles.Integer, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Wrong($"must be a whole number, not '{Text()}'");
    }

    /// <summary>Whether the value is <c>true</c>.</summary>
    public bool Flag() => Exists && bool.TryParse(Text(), out bool value) && value;

    /// <summary>The value as JSON; null if the place has no value.</summary>
    public JsonNode? Json() => _node switch
    {
        _ when !Exists => null,
        YamlMappingNode => new JsonObject(Entries().Select(entry => KeyValuePair.Create(entry.Key, entry.Value.Json()))),
        YamlSequenceNode => new JsonArray([.. Items().Select(item => item.Json())]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } when bool.TryParse(Text(), out bool flag) => JsonValue.Create(flag),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } when long.TryParse(Text(), CultureInfo.InvariantCulture, out long number) => JsonValue.Create(number),
        _ => JsonValue.Create(Text()),
    };

    /// <summary>Whether a condition of the template is true.</summary>
    public bool Holds(string condition) => _intrinsics.Condition(condition, this);

    /// <summary>What <c>Ref</c> returns for a resource.</summary>
    public string NameOf(string resource) => _intrinsics.ResourceName(resource, this);

    public LocalHostException Wrong(string what) => new(
        _place.Length == 0 ? $"The template {what}." : $"The template's line {_line}, {_place}, {what}.");

    private TemplateNode Child(YamlNode? child, string place) => new(child, place, _line, _intrinsics);
}

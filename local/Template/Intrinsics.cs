using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Photos.Local.Template;

/// <summary>CloudFormation's intrinsic functions, short (<c>!Ref</c>) and long (<c>Fn::If</c>), as far as their values can be
/// known outside AWS. Every parameter has its default value. Instances are immutable, so threads can share one.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html</summary>
internal sealed partial class Intrinsics
{
    public const string AccountId = "123456789012";

    /// <summary>The end of the ARN of a table's stream. Only the engine knows the stream's real label.</summary>
    public const string StreamSuffix = "/stream/local";

    private readonly YamlMappingNode _root;
    private readonly string _region;

    // The resources and conditions that lead to this resolution. One that leads back to itself would never end.
    private readonly ImmutableHashSet<string> _resolving;

    public Intrinsics(YamlMappingNode root, string region)
        : this(root, region, ImmutableHashSet.Create<string>(StringComparer.Ordinal))
    {
    }

    private Intrinsics(YamlMappingNode root, string region, ImmutableHashSet<string> resolving)
    {
        _root = root;
        _region = region;
        _resolving = resolving;
    }

    /// <summary>The whole template.</summary>
    public TemplateNode Root => new(_root, "", 0, this);

    /// <summary>Resolves a node to a scalar, a list or a mapping, whose children may still be intrinsic functions.</summary>
    /// <returns>Null for <c>AWS::NoValue</c>.</returns>
    public YamlNode? Resolve(YamlNode node, TemplateNode at)
    {
        if (!TryReadCall(node, out string function, out YamlNode argument))
        {
            return node;
        }

        return function switch
        {
            "Ref" => Ref(Scalar(argument, at), at),
            "Sub" => Text(Substitute(argument, at)),
            "GetAtt" => Text(GetAtt(argument, at)),
            "Join" => Text(string.Join(Texts(argument, at, 0, 2), List(argument, at, 1).Select(item => item.Text()))),
            "If" => Resolve(Arguments(argument, at, 3)[Condition(Texts(argument, at, 0, 3), at) ? 1 : 2], at),
            "FindInMap" => Resolve(FindInMap(argument, at), at),
            "Select" => Select(argument, at),
            "Split" => new YamlSequenceNode(Texts(argument, at, 1, 2).Split(Texts(argument, at, 0, 2)).Select(Text)),
            _ => throw at.Wrong($"uses {function}, which the local host does not support"),
        };
    }

    /// <summary>Whether a condition of the <c>Conditions</c> section is true.</summary>
    public bool Condition(string name, TemplateNode at)
    {
        if (Child(Child(_root, "Conditions"), name) is not { } condition)
        {
            throw at.Wrong($"refers to {name}, which is not in Conditions");
        }

        return Resolving($"condition {name}", at).Holds(condition, at);
    }

    private bool Holds(YamlNode node, TemplateNode at)
    {
        if (!TryReadCall(node, out string function, out YamlNode argument))
        {
            throw at.Wrong("has a condition that is not a condition function");
        }

        return function switch
        {
            "Condition" => Condition(Scalar(argument, at), at),
            "Equals" => string.Equals(Texts(argument, at, 0, 2), Texts(argument, at, 1, 2), StringComparison.Ordinal),
            "Not" => !Holds(Arguments(argument, at, 1)[0], at),
            "And" => ((YamlSequenceNode)argument).Children.All(child => Holds(child, at)),
            "Or" => ((YamlSequenceNode)argument).Children.Any(child => Holds(child, at)),
            _ => throw at.Wrong($"has a condition that uses {function}, which is not a condition function"),
        };
    }

    private YamlNode? Ref(string name, TemplateNode at) => name switch
    {
        "AWS::NoValue" => null,
        "AWS::AccountId" => Text(AccountId),
        "AWS::Region" => Text(_region),
        "AWS::Partition" => Text("aws"),
        "AWS::URLSuffix" => Text("amazonaws.com"),
        "AWS::StackName" => Text("photos-local"),
        _ when Child(Child(_root, "Parameters"), name) is { } parameter => Default(parameter, name, at),
        _ when Child(Child(_root, "Resources"), name) is not null => Text(ResourceName(name, at)),
        [.. string function, '.', 'A', 'l', 'i', 'a', 's'] => Text(GetAtt($"{function}.Arn", at)),
        _ => throw at.Wrong($"refers to {name}, which is neither a parameter nor a resource"),
    };

    /// <summary>What <c>Ref</c> returns: the physical name of a table or a bucket, the logical ID of any other resource.</summary>
    public string ResourceName(string id, TemplateNode at)
    {
        TemplateNode resource = Resolving($"resource {id}", at).Root["Resources"][id];
        return resource["Type"].Text() switch
        {
            "AWS::DynamoDB::Table" => resource["Properties"]["TableName"].Text(whenMissing: id),
            "AWS::S3::Bucket" => resource["Properties"]["BucketName"].Text(whenMissing: id.ToLowerInvariant()),
            _ => id,
        };
    }

    private static YamlNode Default(YamlNode parameter, string name, TemplateNode at)
    {
        string value = (Child(parameter, "Default") as YamlScalarNode)?.Value
            ?? throw at.Wrong($"refers to the parameter {name}, which has no default value. Give it one, which the local host uses");
        string type = (Child(parameter, "Type") as YamlScalarNode)?.Value ?? "String";
        return type is "CommaDelimitedList" || type.StartsWith("List<", StringComparison.Ordinal)
            ? new YamlSequenceNode(value.Split(',', StringSplitOptions.TrimEntries).Select(Text))
            : Text(value);
    }

    private string GetAtt(YamlNode argument, TemplateNode at)
    {
        string path = argument is YamlSequenceNode
            ? $"{Texts(argument, at, 0, 2)}.{Texts(argument, at, 1, 2)}"
            : Scalar(argument, at);
        return GetAtt(path, at);
    }

    private string GetAtt(string path, TemplateNode at)
    {
        string[] parts = path.Split('.', 2);
        string? type = (Child(Child(Child(_root, "Resources"), parts[0]), "Type") as YamlScalarNode)?.Value;
        return (type, parts[^1]) switch
        {
            ("AWS::DynamoDB::Table", "Arn") => $"arn:aws:dynamodb:{_region}:{AccountId}:table/{ResourceName(parts[0], at)}",
            ("AWS::DynamoDB::Table", "StreamArn") =>
                $"arn:aws:dynamodb:{_region}:{AccountId}:table/{ResourceName(parts[0], at)}{StreamSuffix}",
            ("AWS::S3::Bucket", "Arn") => $"arn:aws:s3:::{ResourceName(parts[0], at)}",
            ("AWS::Serverless::Function", "Arn") => $"arn:aws:lambda:{_region}:{AccountId}:function:{parts[0]}",
            (null, _) => throw at.Wrong($"refers to {path}, but the template has no such resource"),
            _ => throw at.Wrong($"refers to {path}, which exists only in AWS. Use a value that the local host can resolve"),
        };
    }

    private string Substitute(YamlNode argument, TemplateNode at)
    {
        YamlNode? variables = argument is YamlSequenceNode ? Arguments(argument, at, 2)[1] : null;
        string text = argument is YamlSequenceNode ? Texts(argument, at, 0, 2) : Scalar(argument, at);
        return Placeholder().Replace(text, match =>
        {
            string name = match.Groups["name"].Value.Trim();
            return name switch
            {
                ['!', .. string literal] => $"${{{literal}}}",
                _ when Child(variables, name) is { } variable => Resolve(variable, at) is { } value
                    ? Scalar(value, at)
                    : throw at.Wrong($"substitutes {name}, which is AWS::NoValue"),
                _ when name.Contains('.', StringComparison.Ordinal) => GetAtt(name, at),
                _ => Ref(name, at) is YamlScalarNode { Value: { } value }
                    ? value
                    : throw at.Wrong($"substitutes {name}, which is not a string"),
            };
        });
    }

    private YamlNode FindInMap(YamlNode argument, TemplateNode at)
    {
        string[] keys = [Texts(argument, at, 0, 3), Texts(argument, at, 1, 3), Texts(argument, at, 2, 3)];
        return Child(Child(Child(Child(_root, "Mappings"), keys[0]), keys[1]), keys[2])
            ?? throw at.Wrong($"looks up {string.Join('.', keys)}, which is not in Mappings");
    }

    private YamlScalarNode Select(YamlNode argument, TemplateNode at)
    {
        List<TemplateNode> items = [.. List(argument, at, 1)];
        return int.TryParse(Texts(argument, at, 0, 2), CultureInfo.InvariantCulture, out int index) && index >= 0 && index < items.Count
            ? Text(items[index].Text())
            : throw at.Wrong("selects an item that is not in the list");
    }

    /// <summary>The same functions, while they resolve the resource or condition <paramref name="name"/>.</summary>
    private Intrinsics Resolving(string name, TemplateNode at) => _resolving.Contains(name)
        ? throw at.Wrong($"depends on the {name}, which depends on itself")
        : new Intrinsics(_root, _region, _resolving.Add(name));

    private static bool TryReadCall(YamlNode node, out string function, out YamlNode argument)
    {
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && node.Tag.Value is ['!', not '!', ..])
        {
            function = node.Tag.Value[1..];
            argument = node;
            return true;
        }

        if (node is YamlMappingNode { Children.Count: 1 } mapping
            && mapping.Children[0].Key is YamlScalarNode { Value: { } key }
            && (key is "Ref" or "Condition" || key.StartsWith("Fn::", StringComparison.Ordinal)))
        {
            function = key.StartsWith("Fn::", StringComparison.Ordinal) ? key[4..] : key;
            argument = mapping.Children[0].Value;
            return true;
        }

        (function, argument) = ("", node);
        return false;
    }

    private static IList<YamlNode> Arguments(YamlNode argument, TemplateNode at, int count) =>
        argument is YamlSequenceNode sequence && sequence.Children.Count == count
            ? sequence.Children
            : throw at.Wrong($"calls an intrinsic function that takes a list of {count} items");

    private string Texts(YamlNode argument, TemplateNode at, int index, int count) =>
        Resolve(Arguments(argument, at, count)[index], at) is { } node
            ? Scalar(node, at)
            : throw at.Wrong("passes AWS::NoValue to an intrinsic function");

    private IEnumerable<TemplateNode> List(YamlNode argument, TemplateNode at, int index) =>
        new TemplateNode(Arguments(argument, at, 2)[index], "a list in an intrinsic function", 0, this).Items();

    private static string Scalar(YamlNode node, TemplateNode at) =>
        (node as YamlScalarNode)?.Value ?? throw at.Wrong("passes a value that is not a string to an intrinsic function");

    private static YamlNode? Child(YamlNode? node, string key) =>
        node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? child) ? child : null;

    private static YamlScalarNode Text(string value) => new(value) { Style = YamlDotNet.Core.ScalarStyle.DoubleQuoted };

    [GeneratedRegex(@"\$\{(?<name>[^}]*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}

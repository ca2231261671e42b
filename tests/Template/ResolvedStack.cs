using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Photos.Tests.Template;

/// <summary>A deployed stack whose references are resolved, so that two of them can be compared. A reference to a resource becomes
/// its logical ID, together with the properties whose change replaces the resource.</summary>
internal sealed partial class ResolvedStack
{
    private readonly DeployedStack _stack;
    private readonly Dictionary<string, string> _parameters;

    /// <param name="overrides">Each <c>NAME=VALUE</c>, as the stack was deployed.</param>
    public ResolvedStack(DeployedStack stack, string[] overrides)
    {
        _stack = stack;
        _parameters = stack.Json.GetProperty("Parameters").EnumerateObject()
            .ToDictionary(parameter => parameter.Name, parameter => parameter.Value.GetProperty("Default").ToString(), StringComparer.Ordinal);
        foreach (string[] one in overrides.Select(one => one.Split('=', 2)))
        {
            _parameters[one[0]] = one[1];
        }

        Resources = [.. stack.Resources];
    }

    /// <summary>The logical IDs of the resources whose conditions are true.</summary>
    public HashSet<string> Resources { get; }

    public IEnumerable<string> Functions => _stack.OfType("AWS::Lambda::Function");

    /// <summary>The logical ID of the API's deployment, which is a snapshot of its body.</summary>
    public string Deployment => Assert.Single(_stack.OfType("AWS::ApiGateway::Deployment"));

    /// <summary>The API's body.</summary>
    public string Body => Resolve(Properties("Api").GetProperty(nameof(Body)))!.ToJsonString();

    public string Type(string resource) => _stack.Raw(resource).GetProperty("Type").GetString()!;

    public string Text(string resource) => _stack.Raw(resource).TryGetProperty("Properties", out JsonElement properties)
        ? Resolve(properties)!.ToJsonString()
        : "";

    /// <summary>The properties of a function that a version is a snapshot of.</summary>
    public string Versioned(string function)
    {
        JsonObject properties = Resolve(Properties(function))!.AsObject();
        properties.Remove("ReservedConcurrentExecutions");
        return properties.ToJsonString();
    }

    /// <summary>The function's version. If it changes, CloudFormation publishes a version.</summary>
    public string Version(string function) => Name(Assert.Single(
        _stack.OfType("AWS::Lambda::Version"), version => version.StartsWith($"{function}Version", StringComparison.Ordinal)));

    private JsonElement Properties(string resource) => _stack.Raw(resource).GetProperty("Properties");

    private JsonNode? Resolve(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                return new JsonArray([.. value.EnumerateArray().Select(Resolve).Where(item => item is not null)]);
            case JsonValueKind.Object:
                break;
            default:
                return JsonNode.Parse(value.GetRawText());
        }

        JsonProperty[] properties = [.. value.EnumerateObject()];
        if (properties is [{ Name: "Ref" or "Fn::If" or "Fn::Select" or "Fn::GetAtt" or "Fn::Sub" } call])
        {
            return Call(call.Name, call.Value);
        }

        return new JsonObject(properties
            .Select(property => KeyValuePair.Create(property.Name, Resolve(property.Value)))
            .Where(property => property.Value is not null));
    }

    private JsonNode? Call(string function, JsonElement argument) => function switch
    {
        "Ref" when argument.GetString() == "AWS::NoValue" => null,
        "Ref" => Name(argument.GetString()!),
        "Fn::If" => Resolve(argument[_stack.Holds(argument[0].GetString()!) ? 1 : 2]),
        "Fn::Select" => Resolve(argument[1][argument[0].GetInt32()]),
        "Fn::GetAtt" => $"{Name(argument[0].GetString()!)}.{argument[1].GetString()}",
        _ when argument.ValueKind is JsonValueKind.Array => new JsonArray(Substitute(argument[0].GetString()!), Resolve(argument[1])),
        _ => Substitute(argument.GetString()!),
    };

    private string Substitute(string text) => Placeholder().Replace(text, match => Name(match.Groups["name"].Value) + match.Groups["rest"].Value);

    private string Name(string name)
    {
        if (_parameters.TryGetValue(name, out string? value))
        {
            return value;
        }

        string[] replacing = Resources.Contains(name)
            ? Type(name) switch
            {
                "AWS::DynamoDB::Table" => ["TableName"],
                "AWS::S3::Bucket" => ["BucketName"],
                "AWS::Lambda::Version" => ["Description"],
                _ => [],
            }
            : [];
        return string.Concat([name, .. replacing.Select(property => $" {Resolve(Properties(name).GetProperty(property))}")]);
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z0-9:]+)(?<rest>[^}]*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}

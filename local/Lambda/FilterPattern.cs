using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Photos.Local.Lambda;

/// <summary>A filter pattern of an event source mapping. It has the structure of the records that it matches.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html</remarks>
internal sealed class FilterPattern
{
    private const string AnyOf = "$or";

    private readonly JsonObject _pattern;

    private FilterPattern(JsonObject pattern) => _pattern = pattern;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="LocalHostException">It is not a pattern, or it uses an operator that Lambda's documentation does not have.</exception>
    public static FilterPattern Parse(string json)
    {
        try
        {
            JsonObject pattern = JsonNode.Parse(json) as JsonObject ?? throw new FormatException("it must be a JSON object");
            Check(pattern);
            return new FilterPattern(pattern);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new LocalHostException($"The filter pattern {json} of an event source mapping is not valid: {e.Message}. Correct it in the template.");
        }
    }

    /// <summary>Whether a record has every property that the pattern has, with a value that one of the pattern's rules accepts.</summary>
    public bool Matches(JsonObject record) => Matches(_pattern, record);

    private static bool Matches(JsonObject pattern, JsonObject? value) => pattern.All(property => property switch
    {
        { Key: AnyOf, Value: JsonArray alternatives } => alternatives.Any(alternative => Matches((JsonObject)alternative!, value)),
        { Value: JsonObject inner } => Matches(inner, value?[property.Key] as JsonObject),
        _ => MatchesOne((JsonArray)property.Value!, value, property.Key),
    });

    private static bool MatchesOne(JsonArray rules, JsonObject? parent, string name)
    {
        JsonNode? value = null;
        bool exists = parent is not null && parent.TryGetPropertyValue(name, out value) && value is not JsonObject;

        // A list matches if one of its items does.
        IEnumerable<JsonNode?> values = value is JsonArray list ? list : (JsonNode?[])[value];
        return rules.Any(rule => rule is JsonObject { Count: 1 } named && named.First() is { Key: "exists" } existence
            ? exists == existence.Value!.GetValue<bool>()
            : exists && values.Any(item => Accepts(rule, item)));
    }

    private static bool Accepts(JsonNode? rule, JsonNode? value)
    {
        if (rule is not JsonObject named)
        {
            return JsonNode.DeepEquals(rule, value);
        }

        (string name, JsonNode? operand) = named.First();
        string? text = value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        return name switch
        {
            "prefix" => text is not null && text.StartsWith(operand!.GetValue<string>(), StringComparison.Ordinal),
            "suffix" => text is not null && text.EndsWith(operand!.GetValue<string>(), StringComparison.Ordinal),
            "equals-ignore-case" => string.Equals(text, operand!.GetValue<string>(), StringComparison.OrdinalIgnoreCase),
            "anything-but" => operand is JsonArray excluded
                ? !excluded.Any(item => JsonNode.DeepEquals(item, value))
                : !JsonNode.DeepEquals(operand, value),
            _ => value?.GetValueKind() == JsonValueKind.Number && IsInRange((JsonArray)operand!, Number(value)),
        };
    }

    /// <param name="range">Operators, each followed by a number: <c>[">", 0, "&lt;=", 5]</c>.</param>
    /// <param name="number">The number to compare.</param>
    private static bool IsInRange(JsonArray range, decimal number) => range.Chunk(2).All(comparison =>
    {
        int order = number.CompareTo(Number(comparison[1]!));
        return comparison[0]!.GetValue<string>() switch
        {
            "=" => order == 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    });

    private static decimal Number(JsonNode number) => decimal.Parse(number.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static void Check(JsonObject pattern)
    {
        if (pattern.Count == 0)
        {
            throw new FormatException("it has an empty object");
        }

        foreach ((string name, JsonNode? rules) in pattern)
        {
            if (name is AnyOf)
            {
                Require(rules is JsonArray { Count: > 0 } && ((JsonArray)rules).All(item => item is JsonObject), $"{AnyOf} must have a list of patterns");
                ((JsonArray)rules!).ToList().ForEach(item => Check((JsonObject)item!));
            }
            else if (rules is JsonObject inner)
            {
                Check(inner);
            }
            else
            {
                Require(rules is JsonArray { Count: > 0 }, $"{name} must have a list of values and rules");
                ((JsonArray)rules!).ToList().ForEach(CheckRule);
            }
        }
    }

    private static void CheckRule(JsonNode? rule)
    {
        if (rule is not JsonObject named)
        {
            Require(rule is not JsonArray, "a list must not contain a list");
            return;
        }

        Require(named.Count == 1, "a rule must have exactly one operator");
        (string name, JsonNode? operand) = named.First();
        switch (name)
        {
            case "prefix" or "suffix" or "equals-ignore-case":
                Require(operand?.GetValueKind() == JsonValueKind.String, $"{name} must have a string");
                break;
            case "exists":
                Require(operand?.GetValueKind() is JsonValueKind.True or JsonValueKind.False, "exists must be true or false");
                break;
            case "anything-but":
                Require(
                    operand is JsonValue or JsonArray { Count: > 0 } && (operand is not JsonArray values || values.All(value => value is JsonValue)),
                    "anything-but must have a value or a list of values");
                break;
            case "numeric":
                Require(
                    operand is JsonArray { Count: 2 or 4 } range && range.Chunk(2).All(IsComparison),
                    "numeric must have one or two operators, each followed by a number");
                break;
            default:
                throw new FormatException($"Lambda has no operator {name}");
        }
    }

    private static bool IsComparison(JsonNode?[] comparison) =>
        comparison[0]?.GetValueKind() == JsonValueKind.String
        && comparison[0]!.GetValue<string>() is "=" or "<" or "<=" or ">" or ">="
        && comparison[1]?.GetValueKind() == JsonValueKind.Number;

    private static void Require(bool isMet, string requirement)
    {
        if (!isMet)
        {
            throw new FormatException(requirement);
        }
    }
}

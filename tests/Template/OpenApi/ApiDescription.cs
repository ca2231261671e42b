using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Photos.Local.Template;
using Photos.Tests.EndToEnd.Album;
using YamlDotNet.Serialization;

namespace Photos.Tests.Template.OpenApi;

/// <summary><c>docs/openapi.yaml</c>, and the check of responses against it.</summary>
internal static class ApiDescription
{
    private static readonly ConcurrentDictionary<JsonNode, JsonSchema> s_schemas = new();

    private static readonly EvaluationOptions s_verdict = new() { OutputFormat = OutputFormat.Flag, RequireFormatValidation = true };

    private static readonly EvaluationOptions s_reasons = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "docs", "openapi.yaml");

    public static JsonNode Document { get; } = Read();

    /// <summary>The operation of a route.</summary>
    public static JsonNode Operation(RouteDefinition route)
    {
        JsonNode? operation = Document["paths"]![route.Resource]?[route.Method.ToLowerInvariant()];
        Assert.True(operation is not null, $"{route.Method} {route.Resource} is new: describe it under paths in docs/openapi.yaml.");
        return operation;
    }

    /// <summary>The schema of a route's body; <see langword="null"/> where it takes none.</summary>
    public static JsonNode? BodySchema(RouteDefinition route) => Operation(route)["requestBody"]?["content"]!["application/json"]!["schema"];

    /// <summary>The names of the fields of a route's body.</summary>
    public static IEnumerable<string> BodyFields(RouteDefinition route) =>
        BodySchema(route) is JsonNode schema ? Resolve(schema)["properties"]!.AsObject().Select(property => property.Key) : [];

    /// <summary>The names of a route's query parameters.</summary>
    public static IEnumerable<string> QueryParameters(RouteDefinition route) => (Operation(route)["parameters"]?.AsArray() ?? [])
        .Where(parameter => parameter!["in"]!.GetValue<string>() == "query")
        .Select(parameter => parameter!["name"]!.GetValue<string>());

    /// <summary>The names of a route's required query parameters.</summary>
    public static IEnumerable<string> RequiredQueryParameters(RouteDefinition route) => (Operation(route)["parameters"]?.AsArray() ?? [])
        .Where(parameter => parameter!["in"]!.GetValue<string>() == "query" && (parameter["required"]?.GetValue<bool>() ?? false))
        .Select(parameter => parameter!["name"]!.GetValue<string>());

    /// <summary>Whether the schema of a component accepts a value.</summary>
    public static bool Accepts(string component, JsonElement value) => s_schemas
        .GetOrAdd(Document["components"]!["schemas"]![component]!, schema => JsonSchema.FromText(Standalone(schema)))
        .Evaluate(value, s_verdict).IsValid;

    /// <summary>Follows a <c>$ref</c> into the document.</summary>
    public static JsonNode Resolve(JsonNode node) => node["$ref"] is { } reference
        ? reference.GetValue<string>().Split('/')[1..].Aggregate(Document, (at, segment) => at[segment] ?? throw new InvalidOperationException($"{reference} refers to nothing in docs/openapi.yaml."))
        : node;

    /// <summary>Makes a schema of the document self-contained. OpenAPI 3.1 uses JSON Schema 2020-12.</summary>
    public static string Standalone(JsonNode schema)
    {
        JsonObject alone = schema.DeepClone().AsObject();
        alone["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        alone["$defs"] = Document["components"]!["schemas"]!.DeepClone();
        return alone.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
    }

    /// <summary>Asserts that the document describes the response: its status for this method and path, its headers, content type and body.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path and the query, as sent.</param>
    /// <param name="response">The response.</param>
    public static void AssertDescribes(string method, string path, ApiResponse response)
    {
        string what = $"{response.Status} for {method} {path}, {response.Text},";
        JsonNode? responses = OperationOf(method, path.Split('?')[0])?["responses"];
        JsonNode anywhere = Document["components"]!["responses"]!;
        JsonNode? found = (response.Status, responses) switch
        {
            (431, _) => anywhere["HeadersTooLarge"],
            (403, null) => anywhere["NoRoute"],
            _ => responses?[$"{response.Status}"],
        };
        Assert.True(found is not null, $"{what} is not described.");
        JsonNode described = Resolve(found);

        foreach ((string name, JsonNode? header) in described["headers"]?.AsObject() ?? [])
        {
            bool isRequired = Resolve(header!)["required"]?.GetValue<bool>() ?? false;
            Assert.True(!isRequired || response.Header(name) is not null, $"{what} lacks the header {name}.");
        }

        if (described["content"] is not { } content)
        {
            Assert.True(response.Body.Length == 0, $"{what} should have no body.");
            return;
        }

        string? type = response.ContentHeaders.ContentType?.ToString();
        Assert.True(type is not null && content[type] is not null, $"{what} has the content type {type}.");
        JsonSchema schema = s_schemas.GetOrAdd(content[type]!["schema"]!, schema => JsonSchema.FromText(Standalone(schema)));
        if (!schema.Evaluate(response.Json, s_verdict).IsValid)
        {
            Assert.Fail($"{what} is not as described: {JsonSerializer.Serialize(schema.Evaluate(response.Json, s_reasons))}");
        }
    }

    /// <summary>Finds the path first, where a fixed segment precedes a parameter, and then the method.</summary>
    private static JsonNode? OperationOf(string method, string path)
    {
        string[] segments = [.. (path.Length > 1 ? path.TrimEnd('/') : path).Split('/').Select(Uri.UnescapeDataString)];
        return Document["paths"]!.AsObject()
            .Where(candidate => Fits(candidate.Key.Split('/')))
            .OrderBy(candidate => candidate.Key.Contains('{', StringComparison.Ordinal))
            .FirstOrDefault()
            .Value?[method.ToLowerInvariant()];

        bool Fits(string[] template) =>
            template.Length == segments.Length && template.Zip(segments).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
    }

    private static JsonNode Read()
    {
        object? yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(File.ReadAllText(Path));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(yaml))!;
    }
}

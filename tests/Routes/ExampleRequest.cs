using System.Text;
using System.Text.Json.Nodes;
using Photos.Local.Template;
using Photos.Tests.Local;

namespace Photos.Tests.Routes;

/// <summary>A request that succeeds when the photo that it is about exists.</summary>
/// <param name="Route">The route, whose function handles it.</param>
internal sealed record ExampleRequest(RouteDefinition Route)
{
    /// <summary>The signed-in user.</summary>
    public const string User = "alice";

    private const string Id = "0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a";

    /// <summary>The JSON body; <see langword="null"/> for a route that takes none.</summary>
    public JsonObject? Body { get; init; }

    /// <summary>The query parameters.</summary>
    public JsonObject Query { get; init; } = [];

    /// <summary>Other query parameters, with which the route sends other storage requests.</summary>
    public IReadOnlyList<JsonObject> OtherQueries { get; init; } = [];

    /// <summary>Whether the request has a user.</summary>
    public bool IsSignedIn { get; init; } = true;

    /// <summary>The path parameters, each of which is a photo's id.</summary>
    public JsonObject Path { get; init; } = new(
        Route.Resource.Split('/').Where(segment => segment.StartsWith('{')).Select(segment => KeyValuePair.Create(segment[1..^1], (JsonNode?)Id)));

    /// <summary>Every route of the template, as <c>METHOD /resource</c>.</summary>
    public static TheoryData<string> Routes { get; } = new(TestGateway.Stack.Routes.Select(NameOf));

    /// <summary>The functions that a route leads to.</summary>
    public static TheoryData<string> Functions { get; } =
        new(TestGateway.Stack.Functions.Select(function => function.Name).Where(function => RoutesOf(function).Any()));

    /// <summary>Every function, also those that only an event source invokes.</summary>
    public static TheoryData<string> AllFunctions { get; } = new(TestGateway.Stack.Functions.Select(function => function.Name));

    /// <summary>The routes of a function.</summary>
    /// <param name="function">The function's name.</param>
    public static IEnumerable<string> RoutesOf(string function) => TestGateway.Stack.Routes.Where(route => route.Function == function).Select(NameOf);

    /// <summary>A route as the tests' lists write it: <c>DELETE /photos/{id}</c>.</summary>
    public static string NameOf(RouteDefinition route) => $"{route.Method} {route.Resource}";

    /// <summary>A route's definition in the template.</summary>
    /// <param name="route">As <see cref="NameOf"/> has it.</param>
    public static RouteDefinition DefinitionOf(string route) => TestGateway.Stack.Routes.Single(one => NameOf(one) == route);

    /// <summary>The request of a route. A new route fails until it has one here.</summary>
    /// <param name="route">As <see cref="NameOf"/> has it.</param>
    public static ExampleRequest Of(string route)
    {
        var example = new ExampleRequest(DefinitionOf(route));
        switch (route)
        {
            case "GET /photos":
                return example with { OtherQueries = [new() { ["order"] = "taken" }] };
            case "GET /photos/{id}" or "DELETE /photos/{id}" or "DELETE /album":
                return example;
            case "DELETE /photos":
                return example with { Query = new() { ["id"] = Id } };
            case "POST /photos/uploads":
                return example with { Body = new() { ["name"] = "beach.jpg", ["contentType"] = "image/jpeg", ["size"] = 1234 } };
            case "POST /photos":
                return example with { Body = new() { ["id"] = Id, ["name"] = "beach.jpg" } };
            case "POST /photos/deletions":
                return example with { Body = new() { ["ids"] = new JsonArray(Id) } };
            case "PATCH /photos/{id}":
                return example with { Body = new() { ["name"] = "dune.jpg" } };
            default:
                Assert.Fail($"{route} is new: add a request that succeeds to tests/Routes/ExampleRequest.cs.");
                throw new InvalidOperationException();
        }
    }

    /// <summary>The proxy event that API Gateway makes of it.</summary>
    public byte[] ToEvent() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["resource"] = Route.Resource,
        ["httpMethod"] = Route.Method,
        ["pathParameters"] = Path.DeepClone(),
        ["queryStringParameters"] = Query.DeepClone(),
        ["body"] = Body?.ToJsonString(),
        ["isBase64Encoded"] = false,
        ["requestContext"] = IsSignedIn
            ? new JsonObject { ["authorizer"] = new JsonObject { ["claims"] = new JsonObject { ["sub"] = User } } }
            : [],
    }.ToJsonString());

    /// <summary>The path and the query as a client sends them.</summary>
    public string Url
    {
        get
        {
            string path = Path.Aggregate(Route.Resource, (url, one) => url.Replace($"{{{one.Key}}}", Uri.EscapeDataString($"{one.Value}"), StringComparison.Ordinal));
            return Query.Count == 0 ? path : $"{path}?{string.Join('&', Query.Select(one => $"{one.Key}={Uri.EscapeDataString($"{one.Value}")}"))}";
        }
    }
}

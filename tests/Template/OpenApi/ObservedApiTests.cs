using System.Globalization;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Photos.Album;
using Photos.Local.Template;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Routes;

namespace Photos.Tests.Template.OpenApi;

/// <summary>The description, checked against what the deployed binaries were observed to take and to send.</summary>
public sealed class ObservedApiTests
{
    /// <summary>What API Gateway responds itself, and on every route.</summary>
    private static readonly (int Status, string Body)[] s_gateway =
    [
        (400, """{"message":"Invalid request"}"""),
        (401, """{"message":"Unauthorized"}"""),
        (403, """{"message":"Forbidden"}"""),
        (413, """{"message":"Request Too Long"}"""),
        (429, """{"message":"Too Many Requests"}"""),
        (502, """{"message":"Internal server error"}"""),
        (504, """{"message":"Endpoint request timed out"}"""),
    ];

    /// <summary>What any function may respond: clients handle it for each route, also where it has not been seen.</summary>
    private static readonly int[] s_anywhere = [500, 503];

    private static IEnumerable<string> AllRoutes => ExampleRequest.Routes.Select(route => route.Data);

    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task EveryResponseIsDescribed(string route)
    {
        RouteObservation observed = await RouteObservation.OfAsync(route);

        Assert.All(observed.Calls, call => ApiDescription.AssertDescribes(call.Request.Route.Method, call.Request.Url, Response(call)));
    }

    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task EveryDescribedStatusIsSent(string route)
    {
        RouteObservation observed = await RouteObservation.OfAsync(route);
        HashSet<int> sent = [.. observed.Calls.Select(call => call.Status), .. s_gateway.Select(one => one.Status), .. s_anywhere];

        Assert.All(Responses(route), response => Assert.True(
            sent.Contains(response.Status),
            $"docs/openapi.yaml: {route} never responds {response.Status}. Remove it, or add what leads to it to tests/Routes/{nameof(RouteObservation)}.cs."));
    }

    /// <summary>A property that is in every response is required, one that is in some is optional, and no other is described.</summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task RequiredPropertiesOfAResponseAreThoseThatAreAlwaysThere(string route)
    {
        List<string> problems = [];
        foreach ((int status, JsonNode response) in Responses(route))
        {
            // Routes share a response's description, so it is checked against what all of them send.
            List<string> bodies = [.. s_gateway.Where(one => one.Status == status).Select(one => one.Body)];
            foreach (string other in AllRoutes.Where(other => Responses(other).Contains((status, response))))
            {
                bodies.AddRange((await RouteObservation.OfAsync(other)).Calls.Where(call => call.Status == status && call.Text.Length > 0).Select(call => call.Text));
            }

            if (bodies.Count > 0 && response["content"]?["application/json"]?["schema"] is JsonNode schema)
            {
                Compare($"{status}", schema, [.. bodies.Select(body => JsonElement.Parse(body))], problems, [.. ApiDescription.Examples(response)]);
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems.Select(problem => $"docs/openapi.yaml: {route}, {problem}")));
    }

    /// <summary>A field or parameter without which the function refuses a request is required in the description.</summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task RequiredFieldsAndParametersAreThoseThatTheFunctionNeeds(string route)
    {
        RouteDefinition definition = ExampleRequest.DefinitionOf(route);
        RouteObservation observed = await RouteObservation.OfAsync(route);
        JsonNode? schema = ApiDescription.BodySchema(definition);
        string[] refused = [.. observed.Incomplete.Where(field => IsRefused(field.Key, field)).Select(field => field.Key)];
        string[] parameters = [.. ApiDescription.QueryParameters(definition)];
        List<string> problems = [];
        CompareRequired("the body", [.. refused.Except(parameters)], schema is null ? [] : Merged(schema).Required);
        CompareRequired("the query", [.. refused.Intersect(parameters)], ApiDescription.RequiredQueryParameters(definition));

        Assert.Equal(refused.Except(parameters).Any(), schema is not null);
        Assert.True(schema is null || ApiDescription.Operation(definition)["requestBody"]!["required"]!.GetValue<bool>(), $"docs/openapi.yaml: the body of {route} must be required.");
        Assert.True(problems.Count == 0, string.Join('\n', problems));

        void CompareRequired(string part, string[] needed, IEnumerable<string> required)
        {
            string where = $"docs/openapi.yaml: {part}";
            problems.AddRange(needed.Except(required).Select(field => $"{where} of {route} does not require {field}, which the function does. Add it to required."));
            problems.AddRange(required.Except(needed).Select(field => $"{where} of {route} requires {field}, which the function does not. Remove it from required."));
        }
    }

    /// <summary>Null counts as absent where the description allows it, and is refused elsewhere.</summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task NullIsTakenWhereItIsDescribed(string route)
    {
        RouteObservation observed = await RouteObservation.OfAsync(route);
        JsonNode? schema = ApiDescription.BodySchema(ExampleRequest.DefinitionOf(route));

        Assert.All(observed.Null, field =>
        {
            bool isDescribed = Merged(schema!).Properties[field.Key]["type"] is JsonArray types && types.Any(type => type!.GetValue<string>() == "null");
            Assert.All(field, call => Assert.True(
                isDescribed ? call.Status < 300 : IsRefused(field.Key, [call]),
                $"docs/openapi.yaml: null as {field.Key} of {route} is {(isDescribed ? "described" : "not described")}, and gets {call.Status} {call.Message}"));
        });
    }

    /// <summary>The function refuses an invalid value of each field and parameter by its name, so it reads each of them.</summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task EveryDescribedFieldAndParameterIsRead(string route)
    {
        RouteObservation observed = await RouteObservation.OfAsync(route);

        Assert.All(observed.Invalid, field => Assert.True(
            IsRefused(field.Key, field.Take(1)),
            $"docs/openapi.yaml: the function does not read {field.Key} of {route}: {field.First().What} gets {field.First().Status} {field.First().Message}"));
        Assert.All(observed.Incomplete, field => Assert.True(
            observed.Invalid.Contains(field.Key), $"docs/openapi.yaml: {route} takes {field.Key}, which is not described. Add it."));
    }

    /// <summary>A body's schema has the name of the record that the function reads it into.</summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public void ABodyHasTheFieldsOfTheRecordThatItIsReadInto(string route)
    {
        RouteDefinition definition = ExampleRequest.DefinitionOf(route);
        if (ApiDescription.BodySchema(definition)?["$ref"]?.GetValue<string>().Split('/')[^1] is not string name)
        {
            Assert.Empty(ApiDescription.BodyFields(definition));
            return;
        }

        Type? record = Assembly.Load(definition.Function).GetTypes().SingleOrDefault(type => type.Name == name);
        Assert.True(record is not null, $"docs/openapi.yaml: the body of {route} is {name}, and src/{definition.Function} has no record of that name. Give both one name.");
        string[] fields = [.. record.GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))];
        Assert.True(
            fields.SequenceEqual(ApiDescription.BodyFields(definition)),
            $"docs/openapi.yaml: {name} has {string.Join(", ", ApiDescription.BodyFields(definition))}, and the record that {route} reads has {string.Join(", ", fields)}.");
    }

    [Fact]
    public void EveryErrorIsDescribed() => Assert.All(Enum.GetValues<PhotoFault>(), fault =>
    {
        (int status, string code) = CoverageTests.ErrorOf(fault);
        Assert.True(
            AllRoutes.Any(route => Responses(route).Any(response =>
                response.Status == status && ApiDescription.CodesOf(response.Response).Contains(code))),
            $"docs/openapi.yaml: no response {status} has the code {code} of {nameof(PhotoFault)}.{fault}. Add it to components and to the routes that send it.");
    });

    /// <summary>Whether each of the calls is refused, with the name of the field at the beginning of the message.</summary>
    private static bool IsRefused(string field, IEnumerable<ObservedCall> calls) =>
        calls.All(call => call.Status == 400 && call.Message.StartsWith($"{field} ", StringComparison.Ordinal));

    private static IEnumerable<(int Status, JsonNode Response)> Responses(string route) =>
        ApiDescription.Operation(ExampleRequest.DefinitionOf(route))["responses"]!.AsObject()
            .Select(response => (int.Parse(response.Key, CultureInfo.InvariantCulture), ApiDescription.Resolve(response.Value!)));

    /// <param name="examples">One schema describes all errors. The examples of a response say which of its properties that response has.</param>
    private static void Compare(string at, JsonNode schema, JsonElement[] values, List<string> problems, params JsonObject[] examples)
    {
        if (values.Length > 0 && values.All(value => value.ValueKind == JsonValueKind.Array))
        {
            Compare($"{at}[]", ApiDescription.Resolve(schema)["items"]!, [.. values.SelectMany(value => value.EnumerateArray())], problems);
            return;
        }

        (HashSet<string> required, Dictionary<string, JsonNode> properties) = Merged(schema);
        if (examples.Length > 0)
        {
            properties = properties.Where(property => examples.Any(example => example.ContainsKey(property.Key))).ToDictionary();
            required.UnionWith(properties.Keys.Where(name => examples.All(example => example.ContainsKey(name))));
        }

        if (values.Length == 0 || properties.Count == 0)
        {
            return;
        }

        foreach ((string name, JsonNode property) in properties)
        {
            JsonElement[] present = [.. values.Where(value => value.TryGetProperty(name, out _)).Select(value => value.GetProperty(name))];
            string? problem = (present.Length == values.Length, present.Length > 0, required.Contains(name)) switch
            {
                (true, _, false) => "is always there. Add it to required.",
                (false, true, true) => "is not always there. Remove it from required.",
                (_, false, _) => "is never there. Remove it, or add what leads to it to tests/Routes.",
                _ => null,
            };
            if (problem is not null)
            {
                problems.Add($"{at}: {name} {problem}");
            }

            if (present.Length > 0 && present[0].ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            {
                Compare($"{at} {name}", property, present, problems);
            }
        }

        problems.AddRange(required.Except(properties.Keys).Select(name => $"{at}: {name} is required but not described. Add it to properties."));
    }

    /// <summary>The required properties and all properties of a schema, and of the one that it refers to.</summary>
    private static (HashSet<string> Required, Dictionary<string, JsonNode> Properties) Merged(JsonNode schema)
    {
        (HashSet<string> required, Dictionary<string, JsonNode> properties) = schema["$ref"] is null ? ([], []) : Merged(ApiDescription.Resolve(schema));
        required.UnionWith((schema["required"]?.AsArray() ?? []).Select(name => name!.GetValue<string>()));
        foreach ((string name, JsonNode? property) in schema["properties"]?.AsObject() ?? [])
        {
            properties[name] = property!;
        }

        return (required, properties);
    }

    private static ApiResponse Response(ObservedCall call)
    {
        using var response = new HttpResponseMessage();
        foreach (JsonProperty header in call.Response.GetProperty("headers").EnumerateObject())
        {
            if (header.Name == "Content-Type")
            {
                response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(header.Value.GetString()!);
            }
            else
            {
                response.Headers.Add(header.Name, header.Value.GetString());
            }
        }

        return new ApiResponse(call.Status, response.Headers, response.Content.Headers, Encoding.UTF8.GetBytes(call.Text));
    }
}

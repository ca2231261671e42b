using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Local;
using Xunit.Sdk;

namespace Photos.Tests.Template.OpenApi;

/// <summary>The description is valid, agrees with the template, and rejects responses that it does not describe.</summary>
public class ApiDescriptionTests
{
    private const string Photo =
        """{"id":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a","name":"a.jpg","date":"2026-11-25T13:00:00.000Z","size":4,"contentType":"image/jpeg","url":"http://127.0.0.1:3001/a","status":"processing"}""";

    private const string Details =
        """{"id":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a","name":"a.jpg","date":"2026-11-25T13:00:00.000Z","size":4,"contentType":"image/jpeg","url":"http://127.0.0.1:3001/a","status":"ready","thumbnailUrl":"http://127.0.0.1:3001/b","width":3,"height":2,"taken":"2026-11-25T13:00:00+01:00","previewUrl":"http://127.0.0.1:3001/c","downloadUrl":"http://127.0.0.1:3001/d"}""";

    private static JsonNode Schemas => ApiDescription.Document["components"]!["schemas"]!;

    [Fact]
    public async Task ItIsAValidOpenApiDocument()
    {
        var settings = new OpenApiReaderSettings();
        settings.AddYamlReader();

        ReadResult result = await OpenApiDocument.LoadAsync(ApiDescription.Path, settings, TestContext.Current.CancellationToken);

        Assert.Empty(result.Diagnostic!.Errors.Concat(result.Diagnostic.Warnings).Select(error => error.ToString()));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, result.Diagnostic.SpecificationVersion);
        Assert.NotEmpty(result.Document!.Paths);
    }

    [Fact]
    public void ItHasTheRoutesOfTheTemplate()
    {
        // Without the preflights, which browsers send by themselves: generators would make a method of each.
        string[] routes = [.. TestGateway.Stack.Routes.Select(route => $"{route.Method} {route.Resource}")];
        string[] described =
        [
            .. from path in ApiDescription.Document["paths"]!.AsObject()
               from member in path.Value!.AsObject()
               where member.Key is not "parameters"
               select $"{member.Key.ToUpperInvariant()} {path.Key}",
        ];

        Assert.All(routes, route => Assert.True(described.Contains(route), $"{route} is new: describe it under paths in docs/openapi.yaml."));
        Assert.All(described, route => Assert.True(routes.Contains(route), $"docs/openapi.yaml describes {route}, which template.yaml has not. Remove it."));
    }

    [Fact]
    public void LimitsAreThoseOfTheCode()
    {
        string maxBytes = TestGateway.Stack.Functions.Single(function => function.Name is "WritePhoto").Environment["MAX_PHOTO_BYTES"];
        Assert.Equal(maxBytes, Schemas["PhotoSize"]!["maximum"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture));
        Assert.Equal(PhotoRules.MaxNameLength, Schemas["PhotoName"]!["maxLength"]!.GetValue<int>());
        Assert.Equal(PhotoRules.MaxNameLength, Schemas["WriteRequest"]!["properties"]!["name"]!["maxLength"]!.GetValue<int>());
        Assert.Equal(Schemas["PhotoName"]!["pattern"]!.GetValue<string>(), Schemas["WriteRequest"]!["properties"]!["name"]!["pattern"]!.GetValue<string>());
        Assert.Equal(PhotoRules.ContentTypes, Schemas["ContentType"]!["enum"]!.AsArray().Select(type => type!.GetValue<string>()));
    }

    [Fact]
    public void EveryComponentIsUsed()
    {
        HashSet<string> references = [.. Nodes(ApiDescription.Document).Select(node => node["$ref"]?.GetValue<string>()).OfType<string>()];
        IEnumerable<string> components =
            from kind in ApiDescription.Document["components"]!.AsObject()
            where kind.Key is not "securitySchemes"
            from component in kind.Value!.AsObject()
            select $"#/components/{kind.Key}/{component.Key}";

        Assert.All(components, component => Assert.True(references.Contains(component), $"docs/openapi.yaml: nothing refers to {component}. Remove it."));
        Assert.All(references, reference => Assert.NotNull(ApiDescription.Resolve(new JsonObject { ["$ref"] = reference })));
    }

    /// <summary>Generators lose a value without a type, and what stands next to a reference.</summary>
    [Fact]
    public void GeneratorsUnderstandEverySchema() => Assert.All(Nodes(ApiDescription.Document), node =>
    {
        Assert.True(
            (node["const"] is null && node["enum"] is null) || node["type"] is not null,
            $"docs/openapi.yaml: {node.GetPath()} has values without a type.");
        Assert.True(node["$ref"] is null || node.Count == 1, $"docs/openapi.yaml: {node.GetPath()} has more than its $ref.");
    });

    /// <summary>In TypeScript and C#, a type of the same name would be hidden.</summary>
    [Fact]
    public void NoSchemaHasTheNameOfABuiltInType()
    {
        string[] builtIn =
        [
            "Array", "Attribute", "Blob", "Boolean", "Buffer", "Console", "Date", "DateTime", "Enum", "Environment", "Error", "Event", "Exception",
            "File", "Function", "Guid", "Headers", "Image", "Map", "Number", "Object", "Promise", "Record", "Request", "Response", "Set", "String",
            "Symbol", "Task", "Type", "Uri", "Version",
        ];

        Assert.Empty(Schemas.AsObject().Select(schema => schema.Key).Intersect(builtIn));
    }

    [Fact]
    public void EveryErrorHasExamplesAndEveryCodeIsInOne()
    {
        List<string> codes = [];
        foreach ((string name, JsonNode? response) in ApiDescription.Document["components"]!["responses"]!.AsObject())
        {
            JsonNode? schema = response!["content"]?["application/json"]!["schema"]!["$ref"];
            Assert.True(schema is null || ApiDescription.Examples(response).Any(), $"docs/openapi.yaml: {name} has no example.");
            foreach (JsonObject example in ApiDescription.Examples(response))
            {
                Assert.True(
                    ApiDescription.Accepts(schema!.GetValue<string>().Split('/')[^1], JsonElement.Parse(example.ToJsonString())),
                    $"docs/openapi.yaml: an example of {name} is not of its schema.");
                codes.AddRange(example["code"] is JsonNode code ? [code.GetValue<string>()] : []);
            }
        }

        Assert.Equal(Schemas["ErrorCode"]!["enum"]!.AsArray().Select(code => code!.GetValue<string>()).Order(), codes.Distinct().Order());
    }

    [Theory]
    [InlineData("GET", "/photos/1", 200, Details)]
    [InlineData("GET", "/photos?limit=1", 200, $$"""{"id":"alice","photos":[{{Photo}}]}""")]
    [InlineData("GET", "/photos", 401, """{"message":"Unauthorized"}""")]
    [InlineData("GET", "/nothing", 403, """{"message":"Missing Authentication Token"}""")]
    [InlineData("DELETE", "/photos/uploads", 403, """{"message":"Missing Authentication Token"}""")]
    [InlineData("GET", "/photos", 504, """{"message": "Endpoint request timed out"}""")]
    public void ADescribedResponseIsAccepted(string method, string path, int status, string body) =>
        ApiDescription.AssertDescribes(method, path, Response(status, body));

    [Theory]
    [InlineData("GET", "/photos/1", 201, Details)]
    [InlineData("GET", "/photos/1", 200, Photo)]
    [InlineData("GET", "/photos", 200, $$"""{"id":"alice","photos":[{{Details}}]}""")]
    [InlineData("GET", "/photos/1", 200, "{}")]
    [InlineData("GET", "/photos/1", 200, """{"message":"no photo"}""")]
    [InlineData("GET", "/photos", 200, $$"""{"id":"alice","photos":[{{Photo}}],"more":1}""")]
    [InlineData("GET", "/photos", 200, """{"id":"alice","photos":[{"id":"1"}]}""")]
    [InlineData("GET", "/photos/1", 404, """{"message":"","code":"PhotoNotFound"}""")]
    [InlineData("GET", "/photos/1", 404, """{"message":"There is none."}""")]
    [InlineData("GET", "/photos/1", 404, """{"message":"There is none.","code":"PhotoNotUploaded"}""")]
    [InlineData("GET", "/photos", 503, """{"message":"Later.","code":"ServiceUnavailable"}""")]
    [InlineData("DELETE", "/photos/1", 204, "{}")]
    [InlineData("GET", "/nothing", 404, """{"message":"Missing Authentication Token"}""")]
    [InlineData("GET", "/nothing", 403, """{"message":"Forbidden"}""")]
    [InlineData("GET", "/photos", 403, """{"message":"Missing Authentication Token"}""")]
    [InlineData("GET", "/photos", 502, """{"message":"Internal server error","code":"InternalError"}""")]
    [InlineData("GET", "/photos", 400, """{"message":"No.","code":"NewCode"}""")]
    [InlineData("OPTIONS", "/photos", 200, "")]
    [InlineData("OPTIONS", "/photos", 403, """{"message":"Missing Authentication Token"}""")]
    public void AnUndescribedResponseIsRejected(string method, string path, int status, string body) =>
        Assert.ThrowsAny<XunitException>(() => ApiDescription.AssertDescribes(method, path, Response(status, body)));

    [Theory]
    [InlineData("date", "\"2026-11-25\"")]
    [InlineData("url", "\"not a url\"")]
    [InlineData("thumbnailUrl", "\"not a url\"")]
    [InlineData("downloadUrl", "\"not a url\"")]
    [InlineData("status", "\"done\"")]
    [InlineData("width", "0")]
    [InlineData("height", "\"2\"")]
    [InlineData("taken", "\"2026-11-25\"")]
    [InlineData("taken", "null")]
    public void FormatsAreChecked(string member, string value)
    {
        JsonNode photo = JsonNode.Parse(Details)!;
        photo[member] = JsonNode.Parse(value);

        Assert.ThrowsAny<XunitException>(() => ApiDescription.AssertDescribes("GET", "/photos/1", Response(200, photo.ToJsonString())));
    }

    [Fact]
    public void ContentTypesAndHeadersAreChecked()
    {
        Assert.ThrowsAny<XunitException>(() => ApiDescription.AssertDescribes("GET", "/photos/1", Response(200, Details, contentType: "text/html")));
        Assert.ThrowsAny<XunitException>(() => ApiDescription.AssertDescribes("GET", "/photos/1", Response(200, Details, allowOrigin: null)));
    }

    private static ApiResponse Response(int status, string body, string contentType = "application/json", string? allowOrigin = "*")
    {
        using var response = new HttpResponseMessage();
        if (allowOrigin is not null)
        {
            response.Headers.Add("Access-Control-Allow-Origin", allowOrigin);
        }

        response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return new ApiResponse(status, response.Headers, response.Content.Headers, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Every object of the document, except examples and servers, which have no schemas.</summary>
    private static IEnumerable<JsonObject> Nodes(JsonNode node) => node switch
    {
        JsonObject each => each.Where(member => member.Key is not ("examples" or "servers") && member.Value is not null).SelectMany(member => Nodes(member.Value!)).Prepend(each),
        JsonArray array => array.OfType<JsonNode>().SelectMany(Nodes),
        _ => [],
    };
}

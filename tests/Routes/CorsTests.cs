using System.Text.Json;
using Photos.Local.Template;
using Photos.Tests.Local;
using Photos.Tests.Template;
using Photos.Tests.Template.OpenApi;

namespace Photos.Tests.Routes;

/// <summary>The CORS settings in <c>template.yaml</c> let a browser send what the routes and the presigned URLs need.</summary>
public sealed class CorsTests
{
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public void APreflightAllowsTheMethodOfEveryRoute(string route) => DeployedStack.Check([], stack =>
    {
        string[] parts = route.Split(' ');
        string allowed = Preflight(stack, parts[1], "Access-Control-Allow-Methods");

        Assert.True(
            allowed.Split(',').Contains(parts[0]),
            $"template.yaml: the preflight of {parts[1]} allows {allowed}, so browsers do not send {route}. Add {parts[0]} to AllowMethods of the API's Cors.");
        Assert.Equal(allowed, TestGateway.Stack.Cors.AllowMethods);
    });

    [Fact]
    public void APreflightAllowsNoMethodThatNoRouteHas()
    {
        string[] allowed = TestGateway.Stack.Cors.AllowMethods!.Split(',');
        IEnumerable<string> needed = TestGateway.Stack.Routes.Select(route => route.Method).Append("OPTIONS");

        string[] unused = [.. allowed.Except(needed)];
        Assert.True(unused.Length == 0, $"template.yaml: no route has the method {string.Join(',', unused)}. Remove it from AllowMethods of the API's Cors.");
    }

    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public void APreflightAllowsTheHeadersThatClientsMustSend(string route) => DeployedStack.Check([], stack =>
    {
        RouteDefinition definition = ExampleRequest.DefinitionOf(route);
        string authorization = Body(stack).GetProperty("securityDefinitions").GetProperty("Users").GetProperty("name").GetString()!;

        // A body of JSON has a content type that needs a preflight: https://fetch.spec.whatwg.org/#cors-safelisted-request-header.
        string[] needed = ApiDescription.BodySchema(definition) is null ? [authorization] : [authorization, "Content-Type"];
        string allowed = Preflight(stack, definition.Resource, "Access-Control-Allow-Headers");
        Assert.All(needed, header => Assert.True(
            allowed.Split(',').Contains(header, StringComparer.OrdinalIgnoreCase),
            $"template.yaml: the preflight of {definition.Resource} allows the headers {allowed}, and {route} needs {header}. Add it to AllowHeaders of the API's Cors."));
    });

    /// <summary>What OpenTelemetry, Sentry, Zipkin, X-Ray and AWS's SDKs add to requests, and any other header. A wildcard does not
    /// include Authorization: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name.</summary>
    [Theory]
    [InlineData("traceparent")]
    [InlineData("tracestate")]
    [InlineData("baggage")]
    [InlineData("sentry-trace")]
    [InlineData("b3")]
    [InlineData("X-Amzn-Trace-Id")]
    [InlineData("X-Amz-User-Agent")]
    [InlineData("X-Requested-With")]
    [InlineData("*")]
    public void APreflightAllowsTheHeadersThatLibrariesAdd(string header) => DeployedStack.Check([], stack => Assert.All(
        TestGateway.Stack.Routes,
        route => Assert.Contains(header, Preflight(stack, route.Resource, "Access-Control-Allow-Headers").Split(','))));

    /// <summary>With them, a user can report an error. Browsers hide the headers that a response does not expose.</summary>
    [Fact]
    public void EveryErrorOfTheGatewayExposesTheRequestIds() => Assert.All(TestGateway.Stack.GatewayResponses, response => Assert.Equal(
        (response.Key, "x-amzn-RequestId,x-amz-apigw-id,x-amzn-ErrorType"),
        (response.Key, response.Value.Headers.GetValueOrDefault("Access-Control-Expose-Headers"))));

    /// <summary>Browsers send what a presigned URL is for to the bucket, whose CORS rules must allow its method and headers.</summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task TheBucketAllowsWhatPresignedUrlsAreFor(string route)
    {
        RouteObservation observed = await RouteObservation.OfAsync(route);
        BucketCorsRule rule = Assert.Single(TestGateway.Stack.Bucket.CorsRules);
        Assert.Equal([TestGateway.Stack.Cors.AllowOrigin!], rule.AllowedOrigins);
        foreach (PresignedRequest url in observed.Handled.SelectMany(call => call.Urls))
        {
            Assert.True(
                rule.AllowedMethods.Contains(url.Method),
                $"template.yaml: {route} responds with a URL for {url.Method}. Add {url.Method} to AllowedMethods of the bucket's CorsConfiguration.");
            Assert.All(url.Headers, header => Assert.True(
                rule.AllowedHeaders.Any(allowed => allowed == "*" || allowed.Equals(header, StringComparison.OrdinalIgnoreCase)),
                $"template.yaml: {route} responds with a URL that needs the header {header}. Add it to AllowedHeaders of the bucket's CorsConfiguration."));
        }
    }

    private static string Preflight(DeployedStack stack, string resource, string header) => Body(stack)
        .GetProperty("paths").GetProperty(resource).GetProperty("options").GetProperty("x-amazon-apigateway-integration")
        .GetProperty("responses").GetProperty("default").GetProperty("responseParameters").GetProperty($"method.response.header.{header}")
        .GetString()!.Trim('\'');

    private static JsonElement Body(DeployedStack stack) => stack.Raw("Api").GetProperty("Properties").GetProperty("Body");
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Photos.Album;
using Photos.Api;
using Photos.Aws;
using Photos.Net;
using Photos.Runtime;

namespace Photos.Tests.Unit.Functions;

/// <summary>Invokes a handler as the runtime does: the bytes of a proxy event in, the bytes of a proxy response out.</summary>
internal static class Invoke
{
    public const string Id = "0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a";

    public static readonly AlbumSettings Settings = new(
        "photoUsers",
        "bucket",
        new AwsSettings("eu-central-1", "AKID", "secret", "session", DynamoDbEndpoint: null, S3Endpoint: null, new ServerTrust(rootsFile: null)));

    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, 0, TimeSpan.Zero);

    public static PhotoUrls Urls => new(Settings, new FixedClock());

    public static Photo Photo(string name = "beach.jpg") =>
        new(PhotoId.Parse(Id), name, "2026-11-23T12:00:00.000Z", 1234, "image/jpeg");

    /// <summary>A proxy event of the user alice.</summary>
    public static JsonObject Event(string method, string resource) => new()
    {
        ["resource"] = resource,
        ["httpMethod"] = method,
        ["requestContext"] = new JsonObject
        {
            ["authorizer"] = new JsonObject { ["claims"] = new JsonObject { ["sub"] = "alice" } },
        },
    };

    public static FunctionResponse Handle(ProxyHandler handler, JsonObject proxyEvent) =>
        Handle(handler, Encoding.UTF8.GetBytes(proxyEvent.ToJsonString()));

    /// <param name="variables">Environment variables in addition to those that every function has.</param>
    public static FunctionResponse Handle(ProxyHandler handler, byte[] payload, params (string Name, string Value)[] variables)
    {
        var environment = variables.Append(("ALLOWED_ORIGIN", "https://app.example")).ToDictionary();
        var logged = new MemoryStream();
        FunctionLog log = FunctionLog.Create(new FunctionEnvironment(static _ => null), logged);
        var function = new ProxyFunction(handler, new FunctionEnvironment(environment.GetValueOrDefault), log);
        var response = new ResponseBuffer();
        var invocation = new Invocation { RequestId = "1", Payload = payload };
        function.Invoke(invocation, response, CancellationToken.None);

        JsonNode proxyResponse = JsonNode.Parse(response.Written.Span)!;
        string body = (string)proxyResponse["body"]!;
        return new FunctionResponse(
            (int)proxyResponse["statusCode"]!,
            proxyResponse["headers"]!.AsObject().ToDictionary(h => h.Key, h => (string)h.Value!, StringComparer.OrdinalIgnoreCase),
            body,
            body.Length == 0 ? default : JsonDocument.Parse(body).RootElement,
            Encoding.UTF8.GetString(logged.ToArray()));
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }

    public static TimeProvider Clock { get; } = new FixedClock();
}

/// <summary>A parsed proxy response.</summary>
internal sealed record FunctionResponse(
    int Status, IReadOnlyDictionary<string, string> Headers, string Body, JsonElement Json, string Log)
{
    /// <summary>Asserts the shape of an error.</summary>
    public void AssertError(int status, string code, string messageStart)
    {
        Assert.Equal(status, Status);
        Assert.Equal(["message", "code"], Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(code, Json.GetProperty("code").GetString());
        Assert.StartsWith(messageStart, Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("https://app.example", Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("application/json", Headers["Content-Type"]);
    }
}

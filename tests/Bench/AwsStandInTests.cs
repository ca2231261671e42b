using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Photos.Bench.Aws;

namespace Photos.Tests.Bench;

public sealed class AwsStandInTests : IDisposable
{
    private readonly CertificateAuthority _authority = new();
    private readonly AwsStandIn _aws;
    private readonly X509Certificate2 _root;
    private readonly HttpClient _client;
    private int _connections;

    public AwsStandInTests()
    {
        _aws = new AwsStandIn(_authority.ServerCertificate);
        _root = X509Certificate2.CreateFromPem(_authority.RootPem);
        var chain = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        chain.CustomTrustStore.Add(_root);
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = chain } };
        handler.PlaintextStreamFilter = (context, _) =>
        {
            _connections++;
            return ValueTask.FromResult(context.PlaintextStream);
        };
        _client = new HttpClient(handler) { BaseAddress = new Uri(_aws.Address) };
    }

    [Fact]
    public async Task AQueryReturns20ItemsNewestFirst()
    {
        using JsonDocument response = await DynamoDbAsync("Query");
        string[] ids = [.. response.RootElement.GetProperty("Items").EnumerateArray().Select(item => item.GetProperty("photoId").GetProperty("S").GetString()!)];
        Assert.Equal(StandInResponses.Items, ids.Length);
        Assert.Equal(ids.OrderDescending(), ids);
    }

    [Theory]
    [InlineData("GetItem", "{}", "Item")]
    [InlineData("UpdateItem", """{"ReturnValues":"ALL_NEW"}""", "Attributes")]
    public async Task ACallForOneItemReturnsTheItem(string operation, string body, string property)
    {
        using JsonDocument response = await DynamoDbAsync(operation, body);
        Assert.Equal("alice", response.RootElement.GetProperty(property).GetProperty("id").GetProperty("S").GetString());
    }

    [Theory]
    [InlineData("Query", """{"Items":[],"Count":0,"ScannedCount":0}""")]
    [InlineData("GetItem", "{}")]
    [InlineData("UpdateItem", """{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}""")]
    public async Task TheWarmUpUserHasNoItems(string operation, string expected)
    {
        using JsonDocument response = await DynamoDbAsync(operation, """{"Key":{"id":{"S":"warm-up"}}}""");
        Assert.Equal(expected, response.RootElement.GetRawText());
    }

    [Theory]
    [InlineData("PutItem")]
    [InlineData("UpdateItem")]
    public async Task AWriteThatRequestsNoValuesReturnsAnEmptyObject(string operation)
    {
        using JsonDocument response = await DynamoDbAsync(operation);
        Assert.Empty(response.RootElement.EnumerateObject());
    }

    [Theory]
    [InlineData("HEAD", "/photos/private/alice/1", 200)]
    [InlineData("GET", "/photos/private/alice/1", 200)]
    [InlineData("GET", "/photos?list-type=2", 200)]
    [InlineData("GET", "/photos?prefix=private%2Fwarm-up%2F1&versions=", 200)]
    [InlineData("PUT", "/photos/private/alice/1", 200)]
    [InlineData("DELETE", "/photos/private/alice/1", 204)]
    [InlineData("HEAD", "/photos/private/warm-up/1", 404)]
    public async Task S3RespondsWithTheStatusOfTheCall(string method, string path, int status)
    {
        // Twice, since a response with a wrong length would break the next one on the same connection.
        for (int i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (method == "PUT")
            {
                request.Content = new StringContent("photo");
                request.Headers.ExpectContinue = true;
            }

            using HttpResponseMessage response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(status, (int)response.StatusCode);
        }

        Assert.Equal(1, _connections);
    }

    public void Dispose()
    {
        _client.Dispose();
        _root.Dispose();
        _aws.Dispose();
        _authority.Dispose();
    }

    private async Task<JsonDocument> DynamoDbAsync(string operation, string body = "{}")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body) };
        request.Headers.Add("X-Amz-Target", $"DynamoDB_20120810.{operation}");
        using HttpResponseMessage response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}

using System.Net;
using System.Text.Json;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Microsoft.Playwright;
using Photos.Local.Engines;
using Photos.Local.Template;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>A web page of another site, in a real browser, against the local engines.</summary>
[Collection<BrowserTests>]
public class ForeignPageTests(SharedBrowser shared)
{
    // Returns the status that the page can read; "refused" if the browser does not let it read a response.
    private const string Fetch = """
        async ([url, method, target, body]) => {
          const headers = target ? {
            'X-Amz-Target': target,
            'Content-Type': 'application/x-amz-json-1.0',
            'X-Amz-Date': '20260101T000000Z',
            Authorization: `AWS4-HMAC-SHA256 Credential=S3RVER/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
          } : {};
          try {
            return String((await fetch(url, { method, headers, body })).status);
          } catch {
            return 'refused';
          }
        }
        """;

    [Fact]
    public async Task APageOfAnotherSiteReachesNoAlbum()
    {
        CancellationToken canceled = TestContext.Current.CancellationToken;
        using var data = new TemporaryFolder();
        StackDefinition stack = TemplateReader.Read(Repository.Template, "us-east-1");
        var options = new EngineOptions(
            stack, Path.Combine(Repository.Root, "local", "Engines"), data.Path, IPAddress.Loopback, FirstPort: 0, DynamoDb: null, S3: null, LocalEngines.BuiltInCredentials);
        await using LocalEngines engines = await LocalEngines.StartAsync(options, TextWriter.Null, canceled);
        using var owner = new AmazonDynamoDBClient(LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = engines.DynamoDb.AbsoluteUri });
        await owner.PutItemAsync(stack.Table.Name, new Dictionary<string, AttributeValue> { ["id"] = new("u"), ["photoId"] = new("1") }, canceled);
        await using var site = new FakeHttpServer((_, _) => ValueTask.FromResult(FakeResponse.Http(200, ["Content-Type: text/html"], "<title>evil</title>"u8)));

        IPage page = await shared.Browser.NewPageAsync();
        try
        {
            await page.GotoAsync($"http://{site.Address}/");
            string table = JsonSerializer.Serialize(new { TableName = stack.Table.Name });
            string key = JsonSerializer.Serialize(new { TableName = stack.Table.Name, Key = new { id = new { S = "u" }, photoId = new { S = "1" } } });
            Task<string> FetchAsync(Uri url, string method, string? target = null, string? body = null) =>
                page.EvaluateAsync<string>(Fetch, new[] { url.AbsoluteUri, method, target, body });

            Assert.Equal("refused", await FetchAsync(engines.DynamoDb, "POST", "DynamoDB_20120810.ListTables", "null"));
            Assert.Equal("refused", await FetchAsync(engines.DynamoDb, "POST", "DynamoDB_20120810.Scan", table));
            Assert.Equal("refused", await FetchAsync(engines.DynamoDb, "POST", "DynamoDB_20120810.DeleteItem", key));
            Assert.Equal("refused", await FetchAsync(engines.DynamoDb, "POST", body: table));
            Assert.Equal("refused", await FetchAsync(engines.DynamoDb, "GET"));
            Assert.Equal("refused", await FetchAsync(new Uri(engines.S3, "evil-bucket"), "PUT"));

            // The template's CORS rules let pages of any site read this response, so the browser does send the requests above.
            Assert.Equal("403", await FetchAsync(new Uri(engines.S3, $"{stack.Bucket.Name}?list-type=2"), "GET"));
        }
        finally
        {
            await page.CloseAsync();
        }

        Assert.Single((await owner.ScanAsync(new ScanRequest(stack.Table.Name), canceled)).Items);
        Assert.False(Directory.Exists(Path.Combine(data.Path, "s3", "evil-bucket")));
    }
}

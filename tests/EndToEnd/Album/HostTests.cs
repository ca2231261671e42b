using System.Net;
using System.Text.RegularExpressions;
using Photos.Local.Engines;
using Photos.Local.Template;

namespace Photos.Tests.EndToEnd.Album;

/// <summary>The host as a process: its memory, its log and its options. Each test starts its own.</summary>
public sealed class HostTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    /// <summary>Each body would be held as bytes, as text and as an event with every quotation mark escaped.</summary>
    [Fact]
    public async Task ManyLargeBodiesAtOnceTakeBoundedMemory()
    {
        await using LocalHost host = await LocalHost.StartAsync(_data.Path);
        AlbumClient alice = host.SignIn("alice");
        Assert.Equal(200, (await alice.SendAsync("GET", "/photos")).Status);

        foreach ((int bytes, int status) in ((int, int)[])[(10 * 1024 * 1024, 413), ((6 * 1024 * 1024) - 10_000, 413), ((3 * 1024 * 1024) - 10_000, 400)])
        {
            string body = new('"', bytes);
            ApiResponse[] responses = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => alice.SendAsync("POST", "/photos", body)));
            Assert.All(responses, response => Assert.Equal(status, response.Status));
        }

        Assert.InRange(ProcessFigures.PeakMemory(host.ProcessId) / 1024 / 1024, 1, 450);
        Assert.Equal(200, (await alice.SendAsync("GET", "/photos")).Status);
    }

    /// <summary>The client has two ids of the gateway, which the function logs next to Lambda's own.</summary>
    [Fact]
    public async Task ThreeIdsOfARequestMeetInTheLog()
    {
        await using LocalHost host = await LocalHost.StartAsync(_data.Path, new Dictionary<string, string> { ["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG" });

        ApiResponse response = await host.SignIn("alice").SendAsync("GET", "/photos/nothing");

        string log = await host.WaitForLogAsync(new Regex("The request was refused", RegexOptions.None, TimeSpan.FromSeconds(1)));
        string lambda = Assert.Single(Regex.Matches(log, "(?<=START RequestId: )[-0-9a-f]{36}", RegexOptions.None, TimeSpan.FromSeconds(1))).Value;
        string line = log.Split('\n').Single(line => line.Contains("The request was refused", StringComparison.Ordinal));
        string[] ids = [lambda, response.Header("x-amzn-RequestId")!, response.Header("x-amz-apigw-id")!];
        Assert.Distinct(ids);
        Assert.All(ids, id => Assert.Contains(id, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ALogLevelOfDebugSaysWhyATokenWasRefused()
    {
        await using LocalHost host = await LocalHost.StartAsync(_data.Path, new Dictionary<string, string> { ["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG" });

        (await new AlbumClient(host.Address, "nonsense").SendAsync("GET", "/photos")).AssertGatewayError(401, "Unauthorized");

        await host.WaitForLogAsync(new Regex("The token was refused. It is not a complete JSON Web Token.", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    /// <summary>As the SDKs do: the variable of a service before the common one.</summary>
    [Fact]
    public async Task TheCommonEndpointUrlIsHonored()
    {
        StackDefinition stack = TemplateReader.Read(Repository.Template, "us-east-1");
        var options = new EngineOptions(
            stack, Path.Combine(Repository.Root, "local", "Engines"), Path.Combine(_data.Path, "engines"), IPAddress.Loopback, FirstPort: 0, DynamoDb: null, S3: null, LocalEngines.BuiltInCredentials);
        await using LocalEngines engines = await LocalEngines.StartAsync(options, TextWriter.Null, TestContext.Current.CancellationToken);
        string data = Path.Combine(_data.Path, "host");
        await using LocalHost host = await LocalHost.StartAsync(data, new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL"] = engines.S3.AbsoluteUri,
            ["AWS_ENDPOINT_URL_DYNAMODB"] = engines.DynamoDb.AbsoluteUri,
            ["AWS_ACCESS_KEY_ID"] = LocalEngines.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = LocalEngines.SecretAccessKey,
        });

        string id = await host.SignIn("alice").AddPhotoAsync("a.jpg");

        Assert.True(Directory.EnumerateFiles(Path.Combine(_data.Path, "engines", "s3"), $"*{id}*", SearchOption.AllDirectories).Any());
        Assert.False(Directory.Exists(Path.Combine(data, "s3")));
    }

    [Theory]
    [InlineData("AWS_ENDPOINT_URL", "nonsense", "AWS_ENDPOINT_URL is 'nonsense', which is not an http or https URL.")]
    public async Task AWrongVariableIsNamed(string variable, string value, string message)
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => LocalHost.StartAsync(_data.Path, new Dictionary<string, string> { [variable] = value }));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", exception.Message, StringComparison.Ordinal);
    }
}

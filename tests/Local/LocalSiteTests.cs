using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Photos.Local.Gateway;
using Photos.Local.Identity;
using Photos.Local.Lambda;
using Photos.Local.Site;

namespace Photos.Tests.Local;

/// <summary>What the local host serves in addition to the API, and to which pages.</summary>
public sealed class LocalSiteTests : IAsyncDisposable
{
    private readonly RequestHistory _history = new();
    private readonly TokenVerifier _tokens = TokenVerifier.Create(TestGateway.Issuer);
    private readonly WebApplication _web;
    private readonly HttpClient _client;
    private int _coldStarts;

    public LocalSiteTests()
    {
        _web = Start(TestGateway.Issuer, signIn: null);
        _client = new HttpClient { BaseAddress = new Uri(_web.Urls.Single()) };
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _web.DisposeAsync();
    }

    [Theory]
    [InlineData("/", "text/html; charset=utf-8")]
    [InlineData("/local/page/main.js", "text/javascript; charset=utf-8")]
    [InlineData("/local/page/album.css", "text/css; charset=utf-8")]
    [InlineData("/openapi.yaml", "application/yaml")]
    public async Task ThePageIsServedWithAStrictContentSecurityPolicy(string path, string contentType)
    {
        using HttpResponseMessage response = await SendAsync("GET", path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        Assert.Contains(
            "default-src 'self'; connect-src 'self' http://127.0.0.1:9000; img-src 'self' http://127.0.0.1:9000 blob:; ",
            response.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task TheDescriptionNamesThePortThatItIsServedOn()
    {
        string file = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "openapi.yaml"), Canceled);
        using HttpResponseMessage response = await SendAsync("GET", "/openapi.yaml");

        Assert.Contains("\n  - url: http://127.0.0.1:3000\n", file, StringComparison.Ordinal);
        Assert.Equal(
            file.Replace("http://127.0.0.1:3000", Origin, StringComparison.Ordinal),
            await response.Content.ReadAsStringAsync(Canceled));
        Assert.NotEqual("http://127.0.0.1:3000", Origin);
    }

    [Theory]
    [InlineData("GET", "/photos")]
    [InlineData("POST", "/")]
    [InlineData("GET", "/local/")]
    [InlineData("GET", "/local/cold")]
    [InlineData("GET", "/local/token?sub=alice")]
    [InlineData("GET", "/x/../local/config")]
    [InlineData("GET", "/local%2Fconfig")]
    [InlineData("DELETE", "/local/config")]
    public async Task EveryOtherRequestReachesTheApi(string method, string path)
    {
        using HttpResponseMessage response = await SendAsync(method, path, ("Origin", Origin));

        Assert.True(response.Headers.Contains("x-amzn-RequestId"));
        Assert.InRange((int)response.StatusCode, 401, 403);
        Assert.Equal(0, _coldStarts);
    }

    [Theory]
    [InlineData("/local/page/../LocalHost.cs")]
    [InlineData("/local/page/..%2FLocalHost.cs")]
    [InlineData("/local/page/nothing.js")]
    [InlineData("/local/page/")]
    public async Task NoOtherFileIsServed(string path)
    {
        using HttpResponseMessage response = await SendAsync("GET", path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task ADevelopmentUsersTokenIsAcceptedByTheApi()
    {
        using HttpResponseMessage response = await SendAsync("POST", "/local/token?sub=bob", ("Origin", Origin));

        string token = (await JsonAsync(response)).GetProperty("token").GetString()!;
        TokenResult.Accepted accepted = Assert.IsType<TokenResult.Accepted>(await _tokens.VerifyAsync(token));
        Assert.Equal("bob", accepted.Claims["sub"]);
    }

    [Fact]
    public async Task ATokenRequestWithoutAUserIsRejected()
    {
        using HttpResponseMessage response = await SendAsync("POST", "/local/token", ("Origin", Origin));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("The query parameter sub is missing. Set it to the user's name.", (await JsonAsync(response)).GetProperty("message").GetString());
    }

    [Fact]
    public async Task WithAUserPoolTheHostIssuesNoTokens()
    {
        var signIn = new HostedSignIn(new Uri("https://pool.example/oauth2/authorize"), new Uri("https://pool.example/oauth2/token"), new Uri("https://pool.example/logout"), "client");
        await using WebApplication web = Start(issuer: null, signIn);
        using var client = new HttpClient { BaseAddress = new Uri(web.Urls.Single()) };
        client.DefaultRequestHeaders.Add("Origin", web.Urls.Single());

        using HttpResponseMessage token = await client.PostAsync("/local/token?sub=alice", content: null, Canceled);
        using HttpResponseMessage config = await client.GetAsync("/local/config", Canceled);

        Assert.Equal(HttpStatusCode.NotFound, token.StatusCode);
        Assert.Equal(
            """{"users":[],"signIn":{"authorizationEndpoint":"https://pool.example/oauth2/authorize","tokenEndpoint":"https://pool.example/oauth2/token","signOutEndpoint":"https://pool.example/logout","clientId":"client"},"maxPhotoBytes":5}""",
            await config.Content.ReadAsStringAsync(Canceled));
        Assert.Contains(
            "connect-src 'self' http://127.0.0.1:9000 https://pool.example;",
            config.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/local/token?sub=alice", "Origin", "https://evil.example")]
    [InlineData("POST", "/local/token?sub=alice", "Origin", "null")]
    [InlineData("POST", "/local/token?sub=alice", "Origin", "http://127.0.0.1:1")]
    [InlineData("POST", "/local/token?sub=alice", "Accept", "*/*")]
    [InlineData("POST", "/local/token?sub=alice", "Host", "evil.example")]
    [InlineData("POST", "/local/cold", "Origin", "https://evil.example")]
    [InlineData("POST", "/local/cold", "Accept", "*/*")]
    [InlineData("GET", "/local/requests", "Host", "evil.example:3000")]
    [InlineData("GET", "/local/requests", "Origin", "https://evil.example")]
    [InlineData("GET", "/local/config", "Host", "127.0.0.1.evil.example")]
    [InlineData("GET", "/", "Host", "localhost.evil.example")]
    public async Task NoOtherSiteGetsAnything(string method, string path, string header, string value)
    {
        using HttpResponseMessage response = header is "Host"
            ? await SendAsync(method, path, ("Host", value), ("Origin", $"http://{value}"))
            : await SendAsync(method, path, (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("""{"message":"Only this host's own page may request this. Open the page at the address that make run prints."}""", await response.Content.ReadAsStringAsync(Canceled));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(0, _coldStarts);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:3000")]
    [InlineData("[::1]:3000")]
    public async Task ThePageWorksUnderAnyNameOfThisMachine(string host)
    {
        using HttpResponseMessage response = await SendAsync("POST", "/local/cold", ("Host", host), ("Origin", $"http://{host}"));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(1, _coldStarts);
    }

    [Fact]
    public async Task RequestsAreStreamedAsTheyHappenAndOnlyOnce()
    {
        _history.Add(new CompletedRequest("GET", "/photos", 200, 50.5, new InvocationReport("", 2.5, 43, 40, 21)));
        _history.Add(new CompletedRequest("POST", "/photos", 401, 1, Report: null));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/local/requests");
        request.Headers.Add("Last-Event-ID", "1");

        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Canceled);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        await using Stream stream = await response.Content.ReadAsStreamAsync(Canceled);
        await using IAsyncEnumerator<SseItem<string>> events = SseParser.Create(stream).EnumerateAsync(Canceled).GetAsyncEnumerator(Canceled);

        Assert.True(await events.MoveNextAsync());
        Assert.Equal(
            """{"method":"POST","path":"/photos","status":401,"durationMs":1,"cold":null,"functionMs":null,"initMs":null,"memoryMb":null}""",
            events.Current.Data);
        _history.Add(new CompletedRequest("GET", "/photos/1", 200, 3, new InvocationReport("", 2.5, 3, null, 21)));
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(
            """{"method":"GET","path":"/photos/1","status":200,"durationMs":3,"cold":false,"functionMs":2.5,"initMs":null,"memoryMb":21}""",
            events.Current.Data);
        Assert.Equal("3", events.Current.EventId);
    }

    [Fact]
    public async Task OnlyTheLastFiftyRequestsAreKept()
    {
        for (int i = 1; i <= 60; i++)
        {
            _history.Add(new CompletedRequest("GET", $"/photos/{i}", 200, 1, Report: null));
        }

        List<string> paths = [];

        // A page that has seen more events than there are has seen those of a host before a restart.
        await foreach (SseItem<ShownRequest> item in _history.WatchAsync(after: 99, Canceled))
        {
            paths.Add(item.Data.Path);
            if (paths.Count == 50)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(11, 50).Select(i => $"/photos/{i}"), paths);
    }

    private string Origin => _web.Urls.Single();

    private WebApplication Start(DevelopmentIssuer? issuer, HostedSignIn? signIn)
    {
        var api = new RestApi(TestGateway.Stack, _tokens, (_, _) => throw new InvalidOperationException("These requests must not reach a function."), TextWriter.Null);
        var site = new LocalSite(
            api.HandleAsync, Repository.Root, new Uri("http://127.0.0.1:9000"), issuer, signIn, maxPhotoBytes: 5, _history, () =>
            {
                _coldStarts++;
                return Task.CompletedTask;
            });
        WebApplication web = Listener.Create(site.HandleAsync, port: 0);
        web.Start();
        return web;
    }

    /// <summary>Sends the path unchanged, without removing dot segments.</summary>
    private Task<HttpResponseMessage> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        var target = new Uri(_client.BaseAddress!.AbsoluteUri.TrimEnd('/') + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(method), target);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _client.SendAsync(request, Canceled);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(Canceled));
}

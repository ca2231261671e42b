using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Playwright;
using Photos.Tests.EndToEnd.Album;
using static Microsoft.Playwright.Assertions;

namespace Photos.Tests.EndToEnd.Browser;

[Collection<BrowserTests>]
public class HostedSignInTests(SharedBrowser shared)
{
    [Fact]
    public async Task AUserOfAUserPoolSignsInOnItsHostedPage()
    {
        await using var pool = new UserPool();
        using var data = new TemporaryFolder();
        await using LocalHost host = await LocalHost.StartAsync(
            data.Path, new Dictionary<string, string>(), "--issuer", pool.Issuer, "--audience", UserPool.Client);

        await AlbumPage.VisitAsync(shared.Browser, host.Address, "/", async page =>
        {
            await Expect(page.Page.GetByText("Sign in to see your album.")).ToBeVisibleAsync();
            await Expect(page.Button("Choose photos")).ToBeDisabledAsync();
            await page.TakeScreenshotAsync("signed-out");
            await page.Button("Sign in").ClickAsync();
            await page.Page.GetByRole(AriaRole.Link, new() { Name = "Continue as zoe" }).ClickAsync();

            await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "zoe@example.com’s album" })).ToBeVisibleAsync();
            Assert.Equal(host.Address, new Uri(page.Page.Url));
            await page.ChooseAsync(shared.Pictures.All[0]);
            await Expect(page.Tiles).ToHaveCountAsync(1);
            await page.TakeScreenshotAsync("hosted-sign-in");
            await page.WaitForPicturesAsync();
            Assert.Equal(1, await page.Page.EvaluateAsync<int>("caches.keys().then((names) => names.length)"));

            await page.Button("Sign out").ClickAsync();
            await page.Page.GetByRole(AriaRole.Link, new() { Name = "Signed out" }).ClickAsync();
            await Expect(page.Page.GetByText("Sign in to see your album.")).ToBeVisibleAsync();
            await Expect(page.Button("Sign out")).ToBeHiddenAsync();
            await Expect(page.Tiles).ToHaveCountAsync(0);
            Assert.Equal(0, await page.Page.EvaluateAsync<int>("caches.keys().then((names) => names.length)"));
        });

        // The page did not request this code.
        await AlbumPage.VisitAsync(shared.Browser, host.Address, "/?code=stolen&state=guessed", async page =>
        {
            await Expect(page.Page.GetByText("This sign-in was not started on this page. Sign in again.")).ToBeVisibleAsync();
            Assert.DoesNotContain(page.Sent, request => request.Contains("/token", StringComparison.Ordinal));
        });
    }

    /// <summary>A fake user pool with one user: OpenID Connect discovery and the OAuth 2.0 code flow with PKCE.</summary>
    private sealed class UserPool : IAsyncDisposable
    {
        public const string Client = "album-page";

        private const string Code = "good-once";

        private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "1" };
        private readonly WebApplication _web;
        private IQueryCollection? _authorization;

        public UserPool()
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            _web = builder.Build();
            _web.Run(HandleAsync);
            _web.Start();
        }

        public string Issuer => $"{_web.Urls.Single()}/pool";

        public ValueTask DisposeAsync() => _web.DisposeAsync();

        private async Task HandleAsync(HttpContext context)
        {
            JsonWebKey key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.Rsa.ExportParameters(includePrivateParameters: false)));
            switch (context.Request.Path.Value)
            {
                case "/pool/.well-known/openid-configuration":
                    await WriteAsync(context, new
                    {
                        issuer = Issuer,
                        jwks_uri = $"{Issuer}/keys",
                        authorization_endpoint = $"{_web.Urls.Single()}/oauth2/authorize",
                        token_endpoint = $"{_web.Urls.Single()}/oauth2/token",
                        end_session_endpoint = $"{_web.Urls.Single()}/logout",
                    });
                    break;
                case "/pool/keys":
                    await WriteAsync(context, new { keys = new[] { new { kty = "RSA", alg = "RS256", use = "sig", kid = _key.KeyId, n = key.N, e = key.E } } });
                    break;
                case "/oauth2/authorize":
                    _authorization = context.Request.Query;
                    Assert.Equal("code", _authorization["response_type"]);
                    Assert.Equal(Client, _authorization["client_id"]);
                    Assert.Equal("S256", _authorization["code_challenge_method"]);
                    context.Response.ContentType = "text/html";
                    await context.Response.WriteAsync(
                        $"<link rel=icon href=data:,><a href='{_authorization["redirect_uri"]}?code={Code}&state={_authorization["state"]}'>Continue as zoe</a>");
                    break;
                case "/logout":
                    Assert.Equal(Client, context.Request.Query["client_id"]);
                    context.Response.ContentType = "text/html";
                    await context.Response.WriteAsync($"<link rel=icon href=data:,><a href='{context.Request.Query["logout_uri"]}'>Signed out</a>");
                    break;
                case "/oauth2/token":
                    IFormCollection form = await context.Request.ReadFormAsync();
                    string challenge = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
                    bool isValid = (form["grant_type"], form["client_id"], form["code"], form["redirect_uri"], challenge)
                        == ("authorization_code", Client, Code, _authorization!["redirect_uri"], _authorization["code_challenge"]);
                    context.Response.StatusCode = isValid ? 200 : 400;
                    context.Response.Headers.AccessControlAllowOrigin = "*";
                    await WriteAsync(context, isValid ? (object)new { id_token = Token() } : new { error = "invalid_grant" });
                    break;
                default:
                    context.Response.StatusCode = 404;
                    break;
            }
        }

        private static Task WriteAsync(HttpContext context, object body) => context.Response.WriteAsync(JsonSerializer.Serialize(body));

        private string Token() => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Client,
            Expires = DateTime.UtcNow.AddHours(1),
            Claims = new Dictionary<string, object> { ["sub"] = "zoe", ["email"] = "zoe@example.com", ["token_use"] = "id" },
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        });
    }
}

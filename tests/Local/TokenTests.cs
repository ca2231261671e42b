using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.Tokens;
using Photos.Local;
using Photos.Local.Identity;

namespace Photos.Tests.Local;

/// <summary>A data folder for all tests, because creating its key is slow.</summary>
public sealed class KeyFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("photos-token-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

public sealed class TokenTests(KeyFolder folder) : IClassFixture<KeyFolder>, IDisposable
{
    private readonly string _data = folder.Path;
    private readonly DevelopmentIssuer _issuer = DevelopmentIssuer.Open(folder.Path);
    private readonly TokenVerifier _verifier = TokenVerifier.Create(DevelopmentIssuer.Open(folder.Path));
    private readonly ForgedTokens _forged = new(File.ReadAllText(Path.Combine(folder.Path, "issuer.pem")));

    public void Dispose() => _forged.Dispose();

    [Fact]
    public async Task ATokenOfTheIssuerIsAcceptedWithItsClaims()
    {
        TokenResult.Accepted accepted = Assert.IsType<TokenResult.Accepted>(await _verifier.VerifyAsync(_issuer.CreateToken("alice", TimeSpan.FromMinutes(1))));

        Assert.Equal("alice", accepted.Claims["sub"]);
        Assert.Equal("alice", accepted.Claims["cognito:username"]);
        Assert.Equal("id", accepted.Claims["token_use"]);
    }

    [Fact]
    public async Task TheKeyIsReusedAfterARestart()
    {
        string token = DevelopmentIssuer.Open(_data).CreateToken("alice", TimeSpan.FromMinutes(1));

        Assert.IsType<TokenResult.Accepted>(await _verifier.VerifyAsync(token));
    }

    [Fact]
    public void OnlyItsOwnerCanReadTheKey()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_data, "issuer.pem")));
        }
    }

    [Fact]
    public void AnInvalidKeyFileIsNamed()
    {
        using var other = new KeyFolder();
        File.WriteAllText(Path.Combine(other.Path, "issuer.pem"), "nonsense");

        string message = Assert.Throws<LocalHostException>(() => DevelopmentIssuer.Open(other.Path)).Message;

        Assert.EndsWith("issuer.pem does not contain an RSA key. Delete the file; a new key is then created.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExpiredTokenIsReportedAsExpired() =>
        Assert.IsType<TokenResult.Expired>(await _verifier.VerifyAsync(_issuer.CreateToken("alice", TimeSpan.FromSeconds(-1))));

    [Fact]
    public async Task NoForgeryIsAccepted() =>
        await Assert.AllAsync(_forged.All(), async forgery => Assert.IsType<TokenResult.Rejected>(await _verifier.VerifyAsync(forgery.Token)));

    [Fact]
    public async Task TheTokenThatTheForgeriesChangeIsAccepted() =>
        Assert.IsType<TokenResult.Accepted>(await _verifier.VerifyAsync(_forged.With()));

    /// <summary>RFC 7519, section 2: a NumericDate may have a fraction, and it has no upper limit.</summary>
    [Theory]
    [InlineData("exp", "4102444800.5", "Fri Jan 01 00:00:00 UTC 2100")]
    [InlineData("iat", "1.5e9", "Fri Jul 14 02:40:00 UTC 2017")]
    [InlineData("exp", "999999999999999", "Fri Dec 31 23:59:59 UTC 9999")]
    public async Task ATimeMayBeAnyNumber(string claim, string json, string text) => Assert.Equal(
        text, Assert.IsType<TokenResult.Accepted>(await _verifier.VerifyAsync(_forged.With((claim, json)))).Claims[claim]);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    [InlineData("e30.e30.e30")]
    [InlineData("W10.W10.W10")]
    [InlineData("\u00e9.\u00e9.\u00e9")]
    public async Task GarbageIsRejected(string token)
    {
        Assert.IsType<TokenResult.Rejected>(await _verifier.VerifyAsync(token));
        Assert.IsType<TokenResult.Rejected>(await _verifier.VerifyAsync(token + new string('a', 1_000_000)));
    }

    [Fact]
    public async Task AUserPoolsKeysAreFetchedByDiscovery()
    {
        await using WebApplication pool = StartPool(out string issuer);
        TokenVerifier verifier = await TokenVerifier.CreateAsync(new Uri(issuer), "client", TestContext.Current.CancellationToken);
        string good = _forged.With(("iss", $"\"{issuer}\""), ("aud", "\"client\""), ("cognito:groups", "[\"a\",\"b\"]"), ("email_verified", "true"));

        TokenResult.Accepted accepted = Assert.IsType<TokenResult.Accepted>(await verifier.VerifyAsync(good));
        Assert.Equal("a,b", accepted.Claims["cognito:groups"]);
        Assert.Equal("true", accepted.Claims["email_verified"]);
        Assert.IsType<TokenResult.Rejected>(await verifier.VerifyAsync(_issuer.CreateToken("alice", TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public async Task AnUnreachableUserPoolIsNamed()
    {
        Task Connect() => TokenVerifier.CreateAsync(new Uri("http://127.0.0.1:1/pool"), "client", TestContext.Current.CancellationToken);

        LocalHostException exception = await Assert.ThrowsAsync<LocalHostException>(Connect);

        Assert.StartsWith("The keys of http://127.0.0.1:1/pool cannot be fetched", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task ARemoteUserPoolMustUseHttps()
    {
        Task Connect() => TokenVerifier.CreateAsync(new Uri("http://pool.example"), "client", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<LocalHostException>(Connect);
    }

    /// <summary>Starts a fake user pool with the development issuer's key. It serves the discovery document and the keys.</summary>
    private WebApplication StartPool(out string issuer)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication pool = builder.Build();
        string address = "";
        JsonWebKey key = JsonWebKeyConverter.ConvertFromRSASecurityKey(_issuer.PublicKey);
        pool.Run(context => context.Response.WriteAsync(context.Request.Path.Value is "/pool/.well-known/openid-configuration"
            ? JsonSerializer.Serialize(new { issuer = address, jwks_uri = $"{address}/keys" })
            : JsonSerializer.Serialize(new { keys = new[] { new { kty = "RSA", alg = "RS256", use = "sig", kid = key.Kid, n = key.N, e = key.E } } })));
        pool.Start();
        issuer = address = $"{pool.Urls.Single()}/pool";
        return pool;
    }
}

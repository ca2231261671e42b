using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Album.Local;
using Album.Local.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Album.Tests.Local;

/// <summary>A data folder with a key, which takes a while to make.</summary>
public sealed class KeyFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("photos-token-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

public sealed class TokenTests(KeyFolder folder) : IClassFixture<KeyFolder>
{
    private static readonly RSA s_otherKey = RSA.Create(2048);
    private readonly string _data = folder.Path;
    private readonly DevelopmentIssuer _issuer = DevelopmentIssuer.Open(folder.Path);
    private readonly TokenVerifier _verifier = TokenVerifier.For(DevelopmentIssuer.Open(folder.Path));

    [Fact]
    public async Task ATokenOfTheIssuerIsAcceptedWithItsClaims()
    {
        TokenResult.Accepted accepted = Assert.IsType<TokenResult.Accepted>(await _verifier.VerifyAsync(_issuer.CreateToken("alice", TimeSpan.FromMinutes(1))));

        Assert.Equal("alice", accepted.Claims["sub"]);
        Assert.Equal("alice", accepted.Claims["cognito:username"]);
        Assert.Equal("id", accepted.Claims["token_use"]);
    }

    [Fact]
    public async Task TheKeyOutlivesTheIssuer()
    {
        string token = DevelopmentIssuer.Open(_data).CreateToken("alice", TimeSpan.FromMinutes(1));

        Assert.IsType<TokenResult.Accepted>(await _verifier.VerifyAsync(token));
    }

    [Fact]
    public void TheKeyIsForItsOwnerOnly()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_data, "issuer.pem")));
        }
    }

    [Fact]
    public void AKeyThatIsNoneIsNamed()
    {
        using var other = new KeyFolder();
        File.WriteAllText(Path.Combine(other.Path, "issuer.pem"), "nonsense");

        string message = Assert.Throws<LocalHostException>(() => DevelopmentIssuer.Open(other.Path)).Message;

        Assert.EndsWith("issuer.pem holds no RSA key; delete it, and a new one is made.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExpiredTokenIsToldApart() =>
        Assert.IsType<TokenResult.Expired>(await _verifier.VerifyAsync(_issuer.CreateToken("alice", TimeSpan.FromSeconds(-1))));

    [Fact]
    public async Task AnExpiredTokenOfSomebodyElseIsOnlyRefused()
    {
        string token = Sign(Payload(payload => payload["exp"] = 1), new RsaSecurityKey(s_otherKey) { KeyId = _issuer.PublicKey.KeyId });

        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync(token));
    }

    [Theory]
    [InlineData("iss", "\"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other\"")]
    [InlineData("iss", null)]
    [InlineData("aud", "\"other\"")]
    [InlineData("aud", null)]
    [InlineData("token_use", "\"access\"")]
    [InlineData("token_use", null)]
    [InlineData("exp", null)]
    [InlineData("nbf", "99999999999")]
    [InlineData("iat", "99999999999")]
    public async Task AClaimThatIsWrongIsRefused(string claim, string? value)
    {
        // Signed with the issuer's own key: nothing but the claim is wrong.
        string token = Sign(Payload(payload =>
        {
            payload.Remove(claim);
            if (value is not null)
            {
                payload[claim] = JsonNode.Parse(value);
            }
        }), PrivateKey());

        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync(token));
    }

    [Fact]
    public async Task AGoodPayloadSignedWithTheIssuersKeyIsAccepted() =>
        Assert.IsType<TokenResult.Accepted>(await _verifier.VerifyAsync(Sign(Payload(_ => { }), PrivateKey())));

    [Fact]
    public async Task AnotherKeyIsRefusedUnderTheIssuersKeyId() => Assert.IsType<TokenResult.Refused>(
        await _verifier.VerifyAsync(Sign(Payload(_ => { }), new RsaSecurityKey(s_otherKey) { KeyId = _issuer.PublicKey.KeyId })));

    [Theory]
    [InlineData("unknown")]
    [InlineData(null)]
    public async Task TheIssuersKeyIsRefusedUnderAnotherKeyId(string? keyId)
    {
        RsaSecurityKey key = PrivateKey();
        key.KeyId = keyId;

        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync(Sign(Payload(_ => { }), key)));
    }

    [Fact]
    public async Task NoAlgorithmIsRefused()
    {
        string unsigned = $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{Encode(Payload(_ => { }))}.";

        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync(unsigned));
        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync(unsigned.TrimEnd('.')));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ThePublicKeyIsNoHmacSecret(bool asPem)
    {
        using var rsa = RSA.Create(_issuer.PublicKey.Parameters);
        byte[] secret = asPem ? Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()) : rsa.ExportSubjectPublicKeyInfo();
        string head = Encode($$"""{"alg":"HS256","typ":"JWT","kid":"{{_issuer.PublicKey.KeyId}}"}""");
        string signed = $"{head}.{Encode(Payload(_ => { }))}";
        string token = $"{signed}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";

        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync(token));
    }

    [Theory]
    [InlineData(SecurityAlgorithms.RsaSha512)]
    [InlineData(SecurityAlgorithms.RsaSsaPssSha256)]
    public async Task AnotherAlgorithmIsRefused(string algorithm) => Assert.IsType<TokenResult.Refused>(
        await _verifier.VerifyAsync(Sign(Payload(_ => { }), PrivateKey(), algorithm)));

    [Fact]
    public async Task AnAlteredPayloadIsRefused()
    {
        string[] parts = _issuer.CreateToken("alice", TimeSpan.FromMinutes(1)).Split('.');
        string altered = Encode(Base64UrlEncoder.Decode(parts[1]).Replace("alice", "mallory", StringComparison.Ordinal));

        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync($"{parts[0]}.{altered}.{parts[2]}"));
        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync($"{parts[0]}.{parts[1]}."));
        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync($"{parts[0]}.{parts[1]}"));
    }

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
    public async Task GarbageIsRefused(string token)
    {
        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync(token));
        Assert.IsType<TokenResult.Refused>(await _verifier.VerifyAsync(token + new string('a', 1_000_000)));
    }

    [Fact]
    public async Task AUserPoolsKeysAreFetchedByDiscovery()
    {
        await using WebApplication pool = StartPool(out string issuer);
        TokenVerifier verifier = await TokenVerifier.ForAsync(new Uri(issuer), "client", TestContext.Current.CancellationToken);
        RsaSecurityKey key = PrivateKey();
        string good = Payload(payload => (payload["iss"], payload["aud"], payload["cognito:groups"], payload["email_verified"]) = (issuer, "client", new JsonArray("a", "b"), true));

        TokenResult.Accepted accepted = Assert.IsType<TokenResult.Accepted>(await verifier.VerifyAsync(Sign(good, key)));
        Assert.Equal("a,b", accepted.Claims["cognito:groups"]);
        Assert.Equal("true", accepted.Claims["email_verified"]);
        Assert.IsType<TokenResult.Refused>(await verifier.VerifyAsync(_issuer.CreateToken("alice", TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public async Task AUserPoolThatDoesNotAnswerIsNamed()
    {
        Task Connect() => TokenVerifier.ForAsync(new Uri("http://127.0.0.1:1/pool"), "client", TestContext.Current.CancellationToken);

        LocalHostException exception = await Assert.ThrowsAsync<LocalHostException>(Connect);

        Assert.StartsWith("The keys of http://127.0.0.1:1/pool cannot be fetched", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task AUserPoolElsewhereMustHaveHttps()
    {
        Task Connect() => TokenVerifier.ForAsync(new Uri("http://pool.example"), "client", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<LocalHostException>(Connect);
    }

    private static string Payload(Action<JsonObject> change)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var payload = new JsonObject
        {
            ["sub"] = "alice",
            ["iss"] = DevelopmentIssuer.Issuer,
            ["aud"] = DevelopmentIssuer.Audience,
            ["token_use"] = "id",
            ["iat"] = now,
            ["exp"] = now + 60,
        };
        change(payload);
        return payload.ToJsonString();
    }

    private static string Sign(string payload, SecurityKey key, string algorithm = SecurityAlgorithms.RsaSha256) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(payload, new SigningCredentials(key, algorithm));

    private static string Encode(string text) => Base64UrlEncoder.Encode(text);

    private RsaSecurityKey PrivateKey()
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(File.ReadAllText(Path.Combine(_data, "issuer.pem")));
        return new RsaSecurityKey(rsa) { KeyId = _issuer.PublicKey.KeyId };
    }

    /// <summary>A user pool with the development issuer's key, as far as its two public documents go.</summary>
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

using System.Globalization;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Photos.Local.Identity;

/// <summary>What became of a token.</summary>
internal abstract record TokenResult
{
    private TokenResult()
    {
    }

    /// <param name="Claims">Every claim as the text that API Gateway hands to a function.</param>
    internal sealed record Accepted(IReadOnlyDictionary<string, string> Claims) : TokenResult;

    internal sealed record Expired : TokenResult;

    internal sealed record Refused : TokenResult;
}

/// <summary>A user pool's own sign-in page: OAuth 2.0's code flow with PKCE (RFC 7636).
/// https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html</summary>
internal sealed record HostedSignIn(Uri AuthorizationEndpoint, Uri TokenEndpoint, string ClientId);

/// <summary>Checks ID tokens as a Cognito user pool authorizer does.
/// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html</summary>
internal sealed class TokenVerifier
{
    /// <summary>How far the issuer's clock may be ahead of this one. A token's end is kept to the second.</summary>
    private static readonly TimeSpan s_clockAhead = TimeSpan.FromSeconds(30);

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _parameters;

    private TokenVerifier(string issuer, string audience) => _parameters = new TokenValidationParameters
    {
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        ValidIssuer = issuer,
        ValidAudience = audience,
        TryAllIssuerSigningKeys = false,
        LifetimeValidator = IsCurrent,
    };

    /// <summary>Where the users of a user pool sign in; null without one, or when it has no domain and so no such page.</summary>
    public HostedSignIn? HostedSignIn { get; private init; }

    /// <summary>Accepts the tokens of the development issuer.</summary>
    public static TokenVerifier For(DevelopmentIssuer issuer)
    {
        var verifier = new TokenVerifier(DevelopmentIssuer.Issuer, DevelopmentIssuer.Audience);
        verifier._parameters.IssuerSigningKey = issuer.PublicKey;
        return verifier;
    }

    /// <summary>Accepts the tokens of a user pool, whose keys are fetched now and again when they change.</summary>
    /// <param name="issuer">The claim <c>iss</c> of its tokens; HTTPS, except on this machine.</param>
    /// <param name="audience">The id of the app client.</param>
    /// <exception cref="LocalHostException">The issuer's keys cannot be fetched.</exception>
    public static async Task<TokenVerifier> ForAsync(Uri issuer, string audience, CancellationToken cancellationToken)
    {
        string name = issuer.AbsoluteUri.TrimEnd('/');
        var keys = new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{name}/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever { RequireHttps = !issuer.IsLoopback });
        OpenIdConnectConfiguration configuration;
        try
        {
            configuration = await keys.GetConfigurationAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IOException)
        {
            throw new LocalHostException($"The keys of {name} cannot be fetched; --issuer takes the URL that its tokens name as iss. ({e.InnerException?.Message ?? e.Message})");
        }

        var verifier = new TokenVerifier(name, audience)
        {
            HostedSignIn = Uri.TryCreate(configuration.AuthorizationEndpoint, UriKind.Absolute, out Uri? authorization)
                && Uri.TryCreate(configuration.TokenEndpoint, UriKind.Absolute, out Uri? token)
                    ? new HostedSignIn(authorization, token, audience)
                    : null,
        };
        verifier._parameters.ConfigurationManager = keys;
        return verifier;
    }

    public async Task<TokenResult> VerifyAsync(string token)
    {
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, _parameters);
        if (!result.IsValid)
        {
            return result.Exception is SecurityTokenExpiredException ? new TokenResult.Expired() : new TokenResult.Refused();
        }

        var idToken = (JsonWebToken)result.SecurityToken;
        try
        {
            using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(idToken.EncodedPayload), s_strict);
            return Text(payload.RootElement, "token_use") is "id" && Text(payload.RootElement, "sub") is { Length: > 0 }
                ? new TokenResult.Accepted(Claims(payload.RootElement, idToken))
                : new TokenResult.Refused();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A claim that stands there twice, or is no text that UTF-16 can hold.
            return new TokenResult.Refused();
        }
    }

    private static bool IsCurrent(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        DateTime now = DateTime.UtcNow;
        if (expires is null || notBefore > now + s_clockAhead || ((JsonWebToken)token).IssuedAt > now + s_clockAhead)
        {
            return false;
        }

        return expires > now ? true : throw new SecurityTokenExpiredException();
    }

    /// <returns>Null for what is missing or no text.</returns>
    private static string? Text(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>API Gateway writes two times as Java does, and lists with commas.</summary>
    private static Dictionary<string, string> Claims(JsonElement payload, JsonWebToken token) => payload.EnumerateObject().ToDictionary(
        claim => claim.Name,
        claim => (claim.Name, claim.Value.ValueKind) switch
        {
            ("exp", _) => JavaTime(token.ValidTo),
            ("iat", _) => JavaTime(token.IssuedAt),
            (_, JsonValueKind.Array) => string.Join(',', claim.Value.EnumerateArray().Select(item => item.ToString())),
            (_, JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number) => claim.Value.GetRawText(),
            _ => claim.Value.ToString(),
        },
        StringComparer.Ordinal);

    private static string JavaTime(DateTime time) => time.ToString("ddd MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture);
}

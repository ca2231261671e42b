using System.Globalization;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Photos.Local.Identity;

/// <summary>The result of verifying a token.</summary>
internal abstract record TokenResult
{
    private TokenResult()
    {
    }

    /// <param name="Claims">Every claim, as the text that API Gateway passes to a function.</param>
    internal sealed record Accepted(IReadOnlyDictionary<string, string> Claims) : TokenResult;

    internal sealed record Expired : TokenResult;

    /// <param name="Reason">A sentence for the log, without anything that the token contains.</param>
    internal sealed record Rejected(string Reason) : TokenResult;
}

/// <summary>A user pool's hosted sign-in page, for the OAuth 2.0 authorization code flow with PKCE (RFC 7636).</summary>
/// <remarks>https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html</remarks>
/// <param name="AuthorizationEndpoint">Where the user signs in.</param>
/// <param name="TokenEndpoint">Where the page gets the token.</param>
/// <param name="SignOutEndpoint">Where the pool ends its own session; <see langword="null"/> if it does not say.</param>
/// <param name="ClientId">The app client.</param>
internal sealed record HostedSignIn(Uri AuthorizationEndpoint, Uri TokenEndpoint, Uri? SignOutEndpoint, string ClientId);

/// <summary>Verifies ID tokens as a Cognito user pool authorizer does.</summary>
/// <remarks>https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html</remarks>
internal sealed class TokenVerifier
{
    /// <summary>How far the issuer's clock may be ahead of this one. A token's expiry has no tolerance.</summary>
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

    /// <summary>The user pool's sign-in page; null for the development issuer, or when the user pool has no domain.</summary>
    public HostedSignIn? HostedSignIn { get; private init; }

    /// <summary>Accepts the tokens of the development issuer.</summary>
    public static TokenVerifier Create(DevelopmentIssuer issuer)
    {
        var verifier = new TokenVerifier(DevelopmentIssuer.Issuer, DevelopmentIssuer.Audience);
        verifier._parameters.IssuerSigningKey = issuer.PublicKey;
        return verifier;
    }

    /// <summary>Accepts the tokens of a user pool. Fetches its keys now, and again when they change.</summary>
    /// <param name="issuer">The claim <c>iss</c> of its tokens, an HTTPS URL, except on this machine.</param>
    /// <param name="audience">The id of the app client.</param>
    /// <exception cref="LocalHostException">The issuer's keys cannot be fetched.</exception>
    public static async Task<TokenVerifier> CreateAsync(Uri issuer, string audience, CancellationToken cancellationToken)
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
            throw new LocalHostException($"The keys of {name} cannot be fetched ({e.InnerException?.Message ?? e.Message}). Check that --issuer is the URL that the tokens have in the claim iss.");
        }

        var verifier = new TokenVerifier(name, audience)
        {
            HostedSignIn = Uri.TryCreate(configuration.AuthorizationEndpoint, UriKind.Absolute, out Uri? authorization)
                && Uri.TryCreate(configuration.TokenEndpoint, UriKind.Absolute, out Uri? token)
                    ? new HostedSignIn(authorization, token, Uri.TryCreate(configuration.EndSessionEndpoint, UriKind.Absolute, out Uri? end) ? end : null, audience)
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
            return result.Exception is SecurityTokenExpiredException ? new TokenResult.Expired() : new TokenResult.Rejected(Describe(token, result.Exception));
        }

        var idToken = (JsonWebToken)result.SecurityToken;
        try
        {
            using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(idToken.EncodedPayload), s_strict);
            return Text(payload.RootElement, "token_use") is not "id" ? new TokenResult.Rejected("It is not an ID token: the claim token_use is not id.")
                : Text(payload.RootElement, "sub") is not { Length: > 0 } ? new TokenResult.Rejected("The claim sub is missing.")
                : new TokenResult.Accepted(Claims(payload.RootElement, idToken));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new TokenResult.Rejected("A claim occurs twice, or is not valid text.");
        }
    }

    private string Describe(string token, Exception exception) => exception switch
    {
        _ when token.Length == 0 => "The request has no token. Send it in the header Authorization.",
        SecurityTokenSignatureKeyNotFoundException => "The issuer does not have the key that it is signed with. Get a new token: the key changes with the folder of the data.",
        SecurityTokenInvalidAlgorithmException => "It is not signed with RS256.",
        SecurityTokenInvalidSignatureException => "Its signature is not valid.",
        SecurityTokenInvalidIssuerException => $"The claim iss is not {_parameters.ValidIssuer}.",
        SecurityTokenInvalidAudienceException => $"The claim aud is not {_parameters.ValidAudience}. Access tokens do not have it; send the ID token.",
        SecurityTokenInvalidLifetimeException => "It is not valid yet, or the claim exp is missing.",
        _ => "It is not a complete JSON Web Token.",
    };

    private static bool IsCurrent(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        DateTime now = DateTime.UtcNow;
        if (expires is null || notBefore > now + s_clockAhead || ((JsonWebToken)token).IssuedAt > now + s_clockAhead)
        {
            return false;
        }

        return expires > now ? true : throw new SecurityTokenExpiredException();
    }

    /// <returns>Null when the claim is missing or not a string.</returns>
    private static string? Text(JsonElement payload, string claim) =>
        payload.TryGetProperty(claim, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>API Gateway writes <c>exp</c> and <c>iat</c> as Java does, and separates list items with commas.</summary>
    private static Dictionary<string, string> Claims(JsonElement payload, JsonWebToken token) => payload.EnumerateObject().ToDictionary(
        claim => claim.Name,
        claim => (claim.Name, claim.Value.ValueKind) switch
        {
            ("exp", _) => JavaTime(token.ValidTo),
            ("iat", _) => JavaTime(token.IssuedAt),
            (_, JsonValueKind.Array) => string.Join(',', claim.Value.EnumerateArray().Select(item => item.ToString())),
            (_, JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number) => claim.Value.GetRawText(),
            _ => claim.Value.ToString(),
        });

    private static string JavaTime(DateTime time) => time.ToString("ddd MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture);
}

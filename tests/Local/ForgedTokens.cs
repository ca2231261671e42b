using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Photos.Local.Identity;

namespace Photos.Tests.Local;

/// <summary>ID tokens that no user pool issues, built byte by byte, because libraries refuse to create some of them.</summary>
internal sealed class ForgedTokens : IDisposable
{
    private const string Attacker = "https://attacker.example/keys";

    private readonly RSA _issuer = RSA.Create();
    private readonly RSA _other = RSA.Create(2048);
    private readonly string _keyId;

    /// <param name="issuerPem">The issuer's private key, so that each forged token has only the intended fault.</param>
    public ForgedTokens(string issuerPem)
    {
        _issuer.ImportFromPem(issuerPem);
        _keyId = Base64UrlEncoder.Encode(new RsaSecurityKey(_issuer).ComputeJwkThumbprint());
    }

    public void Dispose()
    {
        _issuer.Dispose();
        _other.Dispose();
    }

    /// <summary>A token with the issuer's signature and some changed claims.</summary>
    /// <param name="claims">The claims and their values in JSON; null to omit a claim.</param>
    public string With(params (string Claim, string? Json)[] claims) => Signed(Payload(claims));

    /// <summary>All forged tokens, with descriptions.</summary>
    public IEnumerable<(string What, string Token)> All()
    {
        string payload = Payload();
        foreach (string alg in (string[])["none", "None", "NONE", "nOnE", ""])
        {
            yield return ($"alg '{alg}', unsigned", $"{Encode(Header(alg))}.{Encode(payload)}.");
            yield return ($"alg '{alg}', with the issuer's signature", Signed(payload, Header(alg)));
        }

        RSAParameters key = _issuer.ExportParameters(includePrivateParameters: false);
        string jwk = JsonSerializer.Serialize(new { kty = "RSA", n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) });
        (string What, byte[] Bytes)[] secrets =
        [
            ("SPKI PEM", Encoding.ASCII.GetBytes(_issuer.ExportSubjectPublicKeyInfoPem())),
            ("SPKI PEM with a line end", Encoding.ASCII.GetBytes(_issuer.ExportSubjectPublicKeyInfoPem() + "\n")),
            ("PKCS #1 PEM", Encoding.ASCII.GetBytes(_issuer.ExportRSAPublicKeyPem())),
            ("SPKI DER", _issuer.ExportSubjectPublicKeyInfo()),
            ("PKCS #1 DER", _issuer.ExportRSAPublicKey()),
            ("modulus", key.Modulus!),
            ("modulus in base64url", Encoding.ASCII.GetBytes(Base64UrlEncoder.Encode(key.Modulus))),
            ("JWK", Encoding.UTF8.GetBytes(jwk)),
            ("nothing", []),
        ];
        foreach ((string what, byte[] secret) in secrets)
        {
            string signed = $"{Encode(Header("HS256"))}.{Encode(payload)}";
            yield return ($"HS256 with the public key as {what}", $"{signed}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}");
        }

        yield return ("RS384", Signed(payload, Header("RS384"), hash: HashAlgorithmName.SHA384));
        yield return ("RS512", Signed(payload, Header("RS512"), hash: HashAlgorithmName.SHA512));
        yield return ("PS256", Signed(payload, Header("PS256"), padding: RSASignaturePadding.Pss));
        yield return ("RS256 that is PS256", Signed(payload, padding: RSASignaturePadding.Pss));
        yield return ("RS256 that is RS512", Signed(payload, hash: HashAlgorithmName.SHA512));

        yield return ("no key id", Signed(payload, """{"alg":"RS256","typ":"JWT"}"""));
        foreach (string kid in (string[])["unknown", "", "../../issuer.pem", "/dev/null", "x' OR '1'='1", "$(id)", "a\0b", "\u00e9\ud83d\ude00", new string('k', 10_000)])
        {
            yield return ($"key id {kid[..Math.Min(20, kid.Length)]}", Signed(payload, Header("RS256", kid)));
        }

        yield return ("key id that is a number", Signed(payload, """{"alg":"RS256","kid":7}"""));
        yield return ("key id that is a list", Signed(payload, $$"""{"alg":"RS256","kid":["{{_keyId}}"]}"""));

        // The attacker's key, which the token contains or refers to.
        var other = new CertificateRequest("CN=attacker", _other, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = other.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        RSAParameters otherKey = _other.ExportParameters(includePrivateParameters: false);
        string otherJwk = JsonSerializer.Serialize(new { kty = "RSA", kid = _keyId, n = Base64UrlEncoder.Encode(otherKey.Modulus), e = Base64UrlEncoder.Encode(otherKey.Exponent) });
        foreach (string header in (string[])
            [
                $"\"jku\":\"{Attacker}\"",
                $"\"x5u\":\"{Attacker}\"",
                $"\"jwk\":{otherJwk}",
                $"\"x5c\":[\"{Convert.ToBase64String(certificate.RawData)}\"]",
                $"\"x5t\":\"{_keyId}\"",
            ])
        {
            yield return ($"another's key under the issuer's key id, {header[..5]}", Signed(payload, $$"""{"alg":"RS256","kid":"{{_keyId}}",{{header}}}""", _other));
            yield return ($"another's key without a key id, {header[..5]}", Signed(payload, $$"""{"alg":"RS256",{{header}}}""", _other));
        }

        yield return ("another's key, and expired", Signed(Payload(("exp", "1")), key: _other));

        (string Claim, string? Json)[] claims =
        [
            ("iss", "\"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other\""), ("iss", $"\"{DevelopmentIssuer.Issuer}/\""), ("iss", "[]"), ("iss", null),
            ("aud", "\"other\""), ("aud", "[]"), ("aud", "{}"), ("aud", null),
            ("token_use", "\"access\""), ("token_use", "\"ID\""), ("token_use", "[\"id\"]"), ("token_use", null),
            ("sub", "\"\""), ("sub", "7"), ("sub", "true"), ("sub", "null"), ("sub", "[\"alice\"]"), ("sub", "[\"alice\",\"bob\"]"), ("sub", "{\"id\":\"alice\"}"), ("sub", "\"\\ud800\""), ("sub", null),
            ("exp", "\"tomorrow\""), ("exp", "null"), ("exp", "-1e400"), ("exp", "{}"), ("exp", null),
            ("nbf", "99999999999"), ("iat", "99999999999"),
            ("name", "\"\\udc00\""), ("groups", "[\"\\ud800\"]"), ("nested", string.Concat(Enumerable.Repeat('[', 1000)) + new string(']', 1000)),
        ];
        foreach ((string claim, string? json) in claims)
        {
            yield return ($"{claim} {json?[..Math.Min(20, json.Length)] ?? "missing"}", With((claim, json)));
        }

        yield return ("sub twice", Signed(payload[..^1] + ",\"sub\":\"mallory\"}"));
        yield return ("token_use twice", Signed(payload[..^1] + ",\"token_use\":\"access\"}"));
        yield return ("a list instead of claims", Signed("[1]"));
        yield return ("a string instead of claims", Signed("\"alice\""));
        yield return ("claims that are not UTF-8", Signed(Encoding.Latin1.GetBytes(payload.Replace("alice", "al\u00edce", StringComparison.Ordinal))));

        string good = With();
        string[] parts = good.Split('.');
        yield return ("altered claims", $"{parts[0]}.{Encode(payload.Replace("alice", "mallory", StringComparison.Ordinal))}.{parts[2]}");
        yield return ("no signature", $"{parts[0]}.{parts[1]}.");
        yield return ("two parts", $"{parts[0]}.{parts[1]}");
        yield return ("four parts", $"{good}.{parts[2]}");
        yield return ("five parts, as if encrypted", $"{good}.{parts[1]}.{parts[2]}");
        yield return ("an empty part at the start", $".{good}");
        yield return ("an empty part at the end", $"{good}.");
        yield return ("padding", $"{parts[0]}=.{parts[1]}.{parts[2]}==");
        yield return ("white space within", $"{parts[0]}. {parts[1]}.{parts[2]}");
        yield return ("a tab within", $"{parts[0]}.{parts[1]}\t.{parts[2]}");
        yield return ("a truncated signature", good[..^2]);
        yield return ("a signature with extra characters", good + "AAAA");
        yield return ("two tokens", $"{good},{good}");
        yield return ("two schemes", $"Bearer Bearer {good}");
        yield return ("another scheme", $"Basic {good}");
        yield return ("a token of 20 KB", good + new string('a', 20_000));
    }

    private static string Encode(string text) => Base64UrlEncoder.Encode(text);

    private static string Payload(params ReadOnlySpan<(string Claim, string? Json)> changes)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, string?>
        {
            ["sub"] = "\"alice\"",
            ["iss"] = $"\"{DevelopmentIssuer.Issuer}\"",
            ["aud"] = $"\"{DevelopmentIssuer.Audience}\"",
            ["token_use"] = "\"id\"",
            ["iat"] = $"{now}",
            ["exp"] = $"{now + 600}",
        };
        foreach ((string claim, string? json) in changes)
        {
            claims[claim] = json;
        }

        return $"{{{string.Join(',', claims.Where(claim => claim.Value is not null).Select(claim => $"\"{claim.Key}\":{claim.Value}"))}}}";
    }

    private string Header(string alg, string? kid = null) => JsonSerializer.Serialize(new { alg, typ = "JWT", kid = kid ?? _keyId });

    private string Signed(
        string payload, string? header = null, RSA? key = null, HashAlgorithmName? hash = null, RSASignaturePadding? padding = null) =>
        Signed(Encoding.UTF8.GetBytes(payload), header, key, hash, padding);

    private string Signed(
        byte[] payload, string? header = null, RSA? key = null, HashAlgorithmName? hash = null, RSASignaturePadding? padding = null)
    {
        string signed = $"{Encode(header ?? Header("RS256"))}.{Base64UrlEncoder.Encode(payload)}";
        byte[] signature = (key ?? _issuer).SignData(Encoding.ASCII.GetBytes(signed), hash ?? HashAlgorithmName.SHA256, padding ?? RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64UrlEncoder.Encode(signature)}";
    }
}

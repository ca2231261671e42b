using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Photos.Local.Identity;

/// <summary>Stands in for a Cognito user pool: signs ID tokens with a key that never leaves the data folder.
/// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html</summary>
internal sealed class DevelopmentIssuer
{
    public const string Issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_PhotosLocal";
    public const string Audience = "photoslocaldevelopmentclient";

    /// <summary>An hour, as a user pool's own default.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    private readonly RsaSecurityKey _key;

    private DevelopmentIssuer(RSA rsa)
    {
        _key = new RsaSecurityKey(rsa);
        _key.KeyId = Base64UrlEncoder.Encode(_key.ComputeJwkThumbprint());
        PublicKey = new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false)) { KeyId = _key.KeyId };
    }

    public RsaSecurityKey PublicKey { get; }

    /// <summary>Opens the issuer of a data folder, whose key is made the first time.</summary>
    /// <exception cref="LocalHostException">The key can neither be read nor written.</exception>
    public static DevelopmentIssuer Open(string dataDirectory)
    {
        string path = Path.Combine(dataDirectory, "issuer.pem");
        try
        {
            if (!File.Exists(path))
            {
                Directory.CreateDirectory(dataDirectory);
                CreateKey(path);
            }

            var rsa = RSA.Create();
            rsa.ImportFromPem(File.ReadAllText(path));
            return new DevelopmentIssuer(rsa);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new LocalHostException($"{path} holds no RSA key; delete it, and a new one is made.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalHostException($"{path} cannot be used; name another folder with --data. ({e.Message})");
        }
    }

    /// <summary>An ID token as a user pool makes it.</summary>
    /// <param name="subject">The user, the claim <c>sub</c>.</param>
    /// <param name="lifetime">Until it expires; negative for a token that has expired.</param>
    public string CreateToken(string subject, TimeSpan lifetime)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var payload = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("sub", subject);
            json.WriteString("iss", Issuer);
            json.WriteString("cognito:username", subject);
            json.WriteString("aud", Audience);
            json.WriteString("event_id", Guid.NewGuid());
            json.WriteString("token_use", "id");
            json.WriteNumber("auth_time", now);
            json.WriteNumber("iat", now);
            json.WriteNumber("exp", now + (long)lifetime.TotalSeconds);
            json.WriteString("jti", Guid.NewGuid());
            json.WriteEndObject();
        }

        return new JsonWebTokenHandler().CreateToken(
            Encoding.UTF8.GetString(payload.WrittenSpan), new SigningCredentials(_key, SecurityAlgorithms.RsaSha256));
    }

    /// <summary>Written aside and moved, so that two processes that start at once end with one key.</summary>
    private static void CreateKey(string path)
    {
        using var rsa = RSA.Create(2048);
        string aside = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(aside, options))
        {
            writer.WriteLine(rsa.ExportPkcs8PrivateKeyPem());
        }

        try
        {
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(aside);
        }
    }
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Photos.Local.Identity;

/// <summary>Replaces a Cognito user pool: signs ID tokens with a key that stays in the data folder.</summary>
/// <remarks>https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html</remarks>
internal sealed class DevelopmentIssuer
{
    public const string Issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_PhotosLocal";
    public const string Audience = "photoslocaldevelopmentclient";

    /// <summary>One hour, a user pool's default.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    private readonly RsaSecurityKey _key;

    private DevelopmentIssuer(RSA rsa)
    {
        _key = new RsaSecurityKey(rsa);
        _key.KeyId = Base64UrlEncoder.Encode(_key.ComputeJwkThumbprint());
        PublicKey = new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false)) { KeyId = _key.KeyId };
    }

    public RsaSecurityKey PublicKey { get; }

    /// <summary>Opens the issuer of a data folder. Creates its key the first time.</summary>
    /// <exception cref="LocalHostException">The key cannot be read or created.</exception>
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
            throw new LocalHostException($"{path} does not contain an RSA key. Delete the file; a new key is then created.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DataFolder.CannotWrite(path, e);
        }
    }

    /// <summary>Creates an ID token as a user pool does.</summary>
    /// <param name="subject">The user: the claim <c>sub</c>.</param>
    /// <param name="lifetime">How long it is valid; negative for an expired token.</param>
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

    /// <summary>Writes a temporary file and moves it, so that two processes that start at once use the same key.</summary>
    private static void CreateKey(string path)
    {
        using var rsa = RSA.Create(2048);
        string temporary = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(temporary, options))
        {
            writer.WriteLine(rsa.ExportPkcs8PrivateKeyPem());
        }

        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(temporary);
        }
    }
}

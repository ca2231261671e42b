using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Photos.Local.Template;
using Photos.Tests.Routes;

namespace Photos.Tests.Project;

/// <summary>The functions trust the roots that <c>certs/README.md</c> lists, and their artifacts and variables have them.</summary>
public sealed class TrustRootsTests
{
    private const string Bundle = "amazon-roots.pem";
    private const int LeastDaysLeft = 365;

    private static readonly string s_folder = Path.Combine(Repository.Root, "certs");

    private static readonly string[] s_names =
    [
        "Amazon Root CA 1",
        "Amazon Root CA 2",
        "Amazon Root CA 3",
        "Amazon Root CA 4",
        "Starfield Services Root Certificate Authority - G2",
    ];

    [Fact]
    public void TheBundleContainsOnlyAmazonsRoots()
    {
        X509Certificate2Collection roots = Read();

        Assert.Equal(s_names, roots.Select(Name));
        Assert.Equal(
            s_names.Select(name => $"# {name}"),
            File.ReadLines(Path.Combine(s_folder, Bundle)).Where(line => line.StartsWith('#')));
        Assert.All(roots, root => Assert.Equal(root.SubjectName.RawData, root.IssuerName.RawData));
        Assert.All(roots, root => Assert.True(Assert.Single(root.Extensions.OfType<X509BasicConstraintsExtension>()).CertificateAuthority));
    }

    [Fact]
    public void TheReadmeHasTheFingerprintAndTheExpiryOfEachRoot()
    {
        string[] rows =
        [
            .. Read().Select(root =>
                $"| {Name(root)} | `{root.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()}` | {root.NotAfter.ToUniversalTime():yyyy-MM-dd} |"),
        ];

        Assert.Equal(rows, File.ReadLines(Path.Combine(s_folder, "README.md")).Where(line => line.Contains('`') && line.StartsWith('|')));
    }

    [Fact]
    public void NoRootExpiresSoon() => Assert.All(Read(), root =>
    {
        int left = (int)(root.NotAfter - DateTime.Now).TotalDays;
        Assert.True(
            left >= LeastDaysLeft,
            $"{Name(root)} expires in {left} days. Replace it in certs/{Bundle} as certs/README.md describes under \"Rotation\".");
    });

    [Theory]
    [MemberData(nameof(ExampleRequest.AllFunctions), MemberType = typeof(ExampleRequest))]
    public void TheArtifactContainsTheBundle(string function)
    {
        string artifact = Path.Combine(Repository.Functions, function);

        // SamBuildTests has the names of the libraries that RenderPhoto needs.
        string[] libraries = function == "RenderPhoto" ? [.. Directory.EnumerateFiles(artifact, "*.so*").Select(Path.GetFileName).OfType<string>()] : [];
        Assert.Equal(
            [Bundle, "bootstrap"],
            Directory.EnumerateFileSystemEntries(artifact).Select(Path.GetFileName).Except(libraries).Order(StringComparer.Ordinal));
        Assert.Equal(File.ReadAllBytes(Path.Combine(s_folder, Bundle)), File.ReadAllBytes(Path.Combine(artifact, Bundle)));
    }

    [Fact]
    public void EveryFunctionTrustsTheBundleInsteadOfTheSystemsRoots() => Assert.All(Functions("amazon"), function =>
    {
        Assert.Equal($"/var/task/{Bundle}", function.Environment["PHOTOS_ROOTS"]);

        // The AWS SDK, which only RenderPhoto uses to send requests, has its roots from these.
        bool usesSdk = function.Name == "RenderPhoto";
        Assert.Equal(usesSdk ? $"/var/task/{Bundle}" : null, function.Environment.GetValueOrDefault("SSL_CERT_FILE"));
        Assert.Equal(usesSdk ? "/var/task/no-certs" : null, function.Environment.GetValueOrDefault("SSL_CERT_DIR"));
    });

    [Fact]
    public void TrustStoreSystemKeepsTheSystemsRoots() => Assert.All(
        Functions("system"),
        function => Assert.DoesNotContain(function.Environment.Keys, name => name == "PHOTOS_ROOTS" || name.StartsWith("SSL_CERT_", StringComparison.Ordinal)));

    /// <summary>The functions as the template deploys them with this value of TrustStore. The reader takes each parameter's default, so the default is changed.</summary>
    private static IReadOnlyList<FunctionDefinition> Functions(string trustStore)
    {
        const string Default = "    Default: amazon\n";
        string template = File.ReadAllText(Repository.Template);
        Assert.Single(template.Split(Default).Skip(1));
        using var yaml = new StringReader(template.Replace(Default, $"    Default: {trustStore}\n", StringComparison.Ordinal));
        return TemplateReader.Read(yaml, "us-east-1").Functions;
    }

    private static X509Certificate2Collection Read()
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(Path.Combine(s_folder, Bundle));
        return roots;
    }

    private static string Name(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
}

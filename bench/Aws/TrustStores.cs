using Photos.Harness;

namespace Photos.Bench.Aws;

/// <summary>Files of root certificates with which the measured processes trust the AWS stand-in.</summary>
internal sealed class TrustStores : IDisposable
{
    private static readonly string[] s_systemBundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("photos-bench-");
    private readonly string _noFile;
    private readonly string _emptyFolder;

    /// <param name="rootPem">The stand-in's root certificate.</param>
    /// <exception cref="BenchException">The machine has no root certificates.</exception>
    public TrustStores(string rootPem)
    {
        Root = Write("root.pem", "", rootPem);
        string amazon = Path.Combine(Repository.Root, "certs", "amazon-roots.pem");
        Amazon = Write("amazon.pem", File.Exists(amazon) ? File.ReadAllText(amazon) : "", rootPem);
        string system = s_systemBundles.FirstOrDefault(File.Exists)
            ?? throw new BenchException($"Neither {string.Join(" nor ", s_systemBundles)} exists. Install the package ca-certificates.");
        System = Write("system.pem", File.ReadAllText(system), rootPem);
        _noFile = Path.Combine(_folder.FullName, "none.pem");
        _emptyFolder = _folder.CreateSubdirectory("none").FullName;
    }

    /// <summary>The stand-in's root only.</summary>
    public string Root { get; }

    /// <summary>The roots that are deployed with the functions, and the stand-in's.</summary>
    public string Amazon { get; }

    /// <summary>The system's roots, and the stand-in's.</summary>
    public string System { get; }

    /// <summary>The variables that tell a function which roots to trust.</summary>
    /// <param name="system">Whether it trusts the system's roots, as with the template's <c>TrustStore=system</c>, or Amazon's.</param>
    public IEnumerable<(string Name, string? Value)> Variables(bool system) =>
    [
        ("PHOTOS_ROOTS", system ? "" : Amazon),
        ("SSL_CERT_FILE", system ? System : _noFile),
        ("SSL_CERT_DIR", _emptyFolder),
    ];

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string roots, string rootPem)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, $"{roots}\n{rootPem}\n");
        return path;
    }
}

namespace Photos.Bench.Aws;

/// <summary>The CA bundles by which the measured processes trust the stand-in, as files.</summary>
internal sealed class TrustStores : IDisposable
{
    private static readonly string[] s_systemBundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("photos-bench-");

    /// <param name="rootPem">The stand-in's root.</param>
    public TrustStores(string rootPem)
    {
        Root = Write("root.pem", "", rootPem);
        string amazon = Path.Combine(Repository.Root, "certs", "amazon-roots.pem");
        Amazon = Write("amazon.pem", File.Exists(amazon) ? File.ReadAllText(amazon) : "", rootPem);
        string system = s_systemBundles.FirstOrDefault(File.Exists)
            ?? throw new BenchException($"This machine has none of {string.Join(", ", s_systemBundles)}: install ca-certificates.");
        System = Write("system.pem", File.ReadAllText(system), rootPem);
        None = Path.Combine(_folder.FullName, "none.pem");
        EmptyFolder = _folder.CreateSubdirectory("none").FullName;
    }

    /// <summary>The stand-in's root alone.</summary>
    public string Root { get; }

    /// <summary>The roots that the functions ship with, and the stand-in's.</summary>
    public string Amazon { get; }

    /// <summary>The machine's own roots, and the stand-in's.</summary>
    public string System { get; }

    /// <summary>For <c>SSL_CERT_FILE</c>: a file that does not exist.</summary>
    public string None { get; }

    /// <summary>For <c>SSL_CERT_DIR</c>: where OpenSSL finds no further roots.</summary>
    public string EmptyFolder { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string roots, string rootPem)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, $"{roots}\n{rootPem}\n");
        return path;
    }
}

using Photos.Bench.Aws;
using Photos.Bench.Lambda;

namespace Photos.Bench.Variants;

/// <summary>How little it could take: ListPhotos' Query in C on OpenSSL, without an SDK and without URLs.</summary>
internal sealed class FloorVariant() : Variant("floor")
{
    public override Launch Prepare(string function, TrustStores trust)
    {
        if (function != "ListPhotos")
        {
            throw new VariantAbsentException("The C program only lists.");
        }

        string source = Path.Combine(Repository.Root, "bench", "Variants", "floor.c");
        string folder = Path.Combine(Repository.Artifacts, Name);
        string program = Path.Combine(folder, "floor");
        if (!File.Exists(program) || File.GetLastWriteTimeUtc(program) < File.GetLastWriteTimeUtc(source))
        {
            Directory.CreateDirectory(folder);
            if (CommandLineTool.Run("gcc", "-O2", "-Wall", "-Werror", "-o", program, source, "-lssl", "-lcrypto").ExitCode != 0)
            {
                throw new VariantAbsentException("It needs gcc and OpenSSL's headers (Debian: gcc libssl-dev; Fedora, AL2023: gcc openssl-devel).");
            }
        }

        return new Launch([program], folder, new Dictionary<string, string> { ["SSL_CERT_FILE"] = trust.Root });
    }
}

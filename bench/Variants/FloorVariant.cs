using Photos.Bench.Aws;
using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>A lower bound: the Query of ListPhotos in C with OpenSSL, without an SDK and without presigned URLs.</summary>
internal sealed class FloorVariant() : Variant("floor")
{
    public override Launch Prepare(string function, TrustStores trust)
    {
        if (function != "ListPhotos")
        {
            throw new VariantAbsentException("The C program implements only ListPhotos.");
        }

        string source = Path.Combine(Repository.Root, "bench", "Variants", "floor.c");
        string folder = Path.Combine(Artifacts, Name);
        string program = Path.Combine(folder, "floor");
        if (!File.Exists(program) || File.GetLastWriteTimeUtc(program) < File.GetLastWriteTimeUtc(source))
        {
            Directory.CreateDirectory(folder);
            if (CommandLineTool.Run("gcc", "-O2", "-Wall", "-Werror", "-o", program, source, "-lssl", "-lcrypto").ExitCode != 0)
            {
                throw new VariantAbsentException("It requires gcc and OpenSSL's headers. Install gcc and libssl-dev (Debian) or openssl-devel (Fedora, AL2023).");
            }
        }

        return new Launch([program], folder, new Dictionary<string, string> { ["SSL_CERT_FILE"] = trust.Root });
    }
}

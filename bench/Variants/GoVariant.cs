using Photos.Bench.Aws;
using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>The same functions in Go with the AWS SDK for Go v2 and one root certificate.</summary>
internal sealed class GoVariant() : Variant("go")
{
    // Where Debian's packages of Go libraries are.
    private const string Libraries = "/usr/share/gocode";

    public override Launch Prepare(string function, TrustStores trust)
    {
        string source = Path.Combine(Repository.Root, "bench", "Variants", "Go", "main.go");
        string folder = Path.Combine(Artifacts, Name);
        string program = Path.Combine(folder, "bootstrap");
        if (!File.Exists(program) || File.GetLastWriteTimeUtc(program) < File.GetLastWriteTimeUtc(source))
        {
            string[] build = ["GO111MODULE=off", $"GOPATH={Libraries}", "CGO_ENABLED=0", "go", "build", "-ldflags=-s -w", "-o", program, source];
            CommandLineTool go = CommandLineTool.Run("env", build);
            if (go.ExitCode != 0)
            {
                throw new VariantAbsentException(
                    "It requires Go and the AWS SDK for Go v2. Install golang-go and golang-github-aws-aws-sdk-go-v2-dev (Debian).");
            }
        }

        return new Launch([program], folder, new Dictionary<string, string> { ["SSL_CERT_FILE"] = trust.Root });
    }
}

using Photos.Bench.Aws;
using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>The same functions in Node.js with the AWS SDK for JavaScript, bundled into one file.</summary>
internal sealed class NodeVariant() : Variant("node")
{
    public override bool TrustsSystem => true;

    public override Launch Prepare(string function, TrustStores trust)
    {
        CommandLineTool node = CommandLineTool.Run("node", "-p", "process.execPath");
        if (node.ExitCode != 0)
        {
            throw new VariantAbsentException("It requires Node.js 20 or later. Install it from https://nodejs.org/en/download.");
        }

        string source = Path.Combine(Repository.Root, "bench", "Variants", "Node");
        string bundle = Path.Combine(Artifacts, Name, "photos.cjs");
        FileInfo built = new(bundle);
        if (!built.Exists || built.LastWriteTimeUtc < Directory.EnumerateFiles(source).Max(File.GetLastWriteTimeUtc))
        {
            Run("npm", "ci", "--prefix", source, "--ignore-scripts", "--no-audit", "--no-fund");
            Run(
                "node",
                Path.Combine(source, "node_modules", "esbuild", "bin", "esbuild"),
                Path.Combine(source, "photos.mjs"),
                "--bundle",
                "--minify",
                "--platform=node",
                "--target=node20",
                "--log-level=warning",
                $"--outfile={bundle}");
        }

        // Node.js has the public root certificates built in.
        return new Launch([node.Output, bundle], bundle, new Dictionary<string, string> { ["NODE_EXTRA_CA_CERTS"] = trust.Root });
    }

    private static void Run(string program, params string[] arguments)
    {
        CommandLineTool tool = CommandLineTool.Run(program, arguments);
        if (tool.ExitCode != 0)
        {
            throw new VariantAbsentException($"{program} {arguments[0]} failed. Run it in bench/Variants/Node to see why.");
        }
    }
}

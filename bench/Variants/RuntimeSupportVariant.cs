using Photos.Bench.Aws;
using Photos.Bench.Lambda;

namespace Photos.Bench.Variants;

/// <summary>The same handlers on Amazon's Lambda runtime client, where a feed has it.</summary>
internal sealed class RuntimeSupportVariant()
    : PublishedVariant("runtimesupport", [Switch], new() { ["PHOTOS_WARMUP"] = "off" }, trustsSystem: true)
{
    private const string Switch = "-p:LambdaRuntime=RuntimeSupport";
    private const string Package = "Amazon.Lambda.RuntimeSupport";

    public override Launch Prepare(string function, TrustStores trust)
    {
        string output = Path.Combine(Repository.Artifacts, "build", Name, "restore");
        CommandLineTool restore = CommandLineTool.Run(
            "dotnet", "restore", $"src/{function}/{function}.csproj", Switch, "--artifacts-path", output);
        if (restore.ExitCode != 0)
        {
            throw new VariantAbsentException($"{Package} cannot be restored here.");
        }

        string assets = Path.Combine(output, "obj", function, "project.assets.json");
        return File.ReadAllText(assets).Contains($"\"{Package}/")
            ? base.Prepare(function, trust)
            : throw new VariantAbsentException($"{Switch} does not bring {Package} into the build.");
    }
}

using Photos.Bench.Aws;
using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>The same handlers on AWS's Lambda runtime client, if the package can be restored.</summary>
internal sealed class RuntimeSupportVariant()
    : PublishedVariant("runtimesupport", [Switch], new() { ["PHOTOS_WARMUP"] = "off" }, trustsSystem: true)
{
    private const string Switch = "-p:LambdaRuntime=RuntimeSupport";
    private const string Package = "Amazon.Lambda.RuntimeSupport";

    public override Launch Prepare(string function, TrustStores trust)
    {
        string output = Path.Combine(Artifacts, "build", Name, "restore");
        CommandLineTool restore = CommandLineTool.Run(
            "dotnet", "restore", Publisher.Project(function), Switch, "--artifacts-path", output);
        if (restore.ExitCode != 0)
        {
            throw new VariantAbsentException($"{Package} cannot be restored. Configure a NuGet feed that has it.");
        }

        string assets = Path.Combine(output, "obj", function, "project.assets.json");
        return File.ReadAllText(assets).Contains($"\"{Package}/")
            ? base.Prepare(function, trust)
            : throw new VariantAbsentException($"{Switch} does not add {Package} to the build.");
    }
}

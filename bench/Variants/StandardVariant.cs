using Photos.Bench.Aws;
using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>The same functions as AWS documents them for .NET: on its runtime client and its SDK, with the default settings of Native AOT.</summary>
internal sealed class StandardVariant() : Variant("standard")
{
    private const string Project = "bench/Variants/Standard/Standard.csproj";

    public override bool TrustsSystem => true;

    public override Launch Prepare(string function, TrustStores trust)
    {
        string choice = $"-p:Function={function}";
        CommandLineTool restore = CommandLineTool.Run(
            "dotnet", "restore", Project, choice, "--artifacts-path", Path.Combine(Artifacts, "build", Name, "restore"));
        if (restore.ExitCode != 0)
        {
            throw new VariantAbsentException("Its packages, such as Amazon.Lambda.RuntimeSupport, cannot be restored. Configure a NuGet feed that has them.");
        }

        string folder = Publisher.Publish(Name, function, Project, ["-r", Publisher.RuntimeIdentifier, choice]);
        return new Launch([Path.Combine(folder, "Standard")], folder, new Dictionary<string, string> { ["PHOTOS_WARMUP"] = "off" });
    }
}

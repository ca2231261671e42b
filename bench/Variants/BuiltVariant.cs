using Photos.Bench.Aws;
using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>This build, as it is deployed.</summary>
internal sealed class BuiltVariant() : Variant(Reference)
{
    public override Launch Prepare(string function, TrustStores trust)
    {
        string folder = Path.Combine(Repository.Functions, function);
        string bootstrap = Path.Combine(folder, "bootstrap");
        return File.Exists(bootstrap)
            ? new Launch([bootstrap], folder, new Dictionary<string, string>())
            : throw new BenchException($"{bootstrap} does not exist. Build the functions with ./build.sh.");
    }
}

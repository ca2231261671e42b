using Photos.Bench.Aws;

namespace Photos.Bench.Variants;

/// <summary>The same code as a native binary that is published with other properties.</summary>
internal class PublishedVariant(string name, string[] properties, Dictionary<string, string> environment, bool trustsSystem) : Variant(name)
{
    public override bool TrustsSystem => trustsSystem;

    public override Launch Prepare(string function, TrustStores trust)
    {
        string folder = Publisher.Publish(Name, function, Publisher.Project(function), ["-r", Publisher.RuntimeIdentifier, .. properties]);
        return new Launch([Path.Combine(folder, function)], folder, environment);
    }
}

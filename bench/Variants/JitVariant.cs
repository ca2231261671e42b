using Photos.Bench.Aws;

namespace Photos.Bench.Variants;

/// <summary>The same code, compiled just in time.</summary>
internal sealed class JitVariant() : Variant("jit")
{
    public override Launch Prepare(string function, TrustStores trust)
    {
        string folder = Publisher.Publish(Name, function, Publisher.Project(function), ["--no-self-contained", "-p:PublishAot=false", "-p:UseAppHost=false"]);
        return new Launch(["dotnet", Path.Combine(folder, $"{function}.dll")], folder, new Dictionary<string, string>());
    }
}

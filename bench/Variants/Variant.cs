using Photos.Bench.Aws;
using Photos.Bench.Lambda;

namespace Photos.Bench.Variants;

/// <summary>One way to build and run the functions.</summary>
internal abstract class Variant(string name)
{
    /// <summary>The variant that the others are compared with.</summary>
    public const string Reference = "photos";

    public string Name { get; } = name;

    /// <summary>In the order of the table.</summary>
    public static IReadOnlyList<Variant> All { get; } =
    [
        new BuiltVariant(),
        new PublishedVariant("untuned", ["-p:Untuned=true"], new() { ["PHOTOS_WARMUP"] = "off" }, trustsSystem: true),
        new JitVariant(),
        new RuntimeSupportVariant(),
        new PythonVariant(),
        new NodeVariant(),
        new FloorVariant(),
    ];

    /// <summary>Whether it trusts the machine's own roots whatever <c>--ca</c> says, since that is what it stands for.</summary>
    public virtual bool TrustsSystem => false;

    /// <summary>Builds the function, unless what is there is current.</summary>
    /// <exception cref="VariantAbsentException">It cannot be built here.</exception>
    public abstract Launch Prepare(string function, TrustStores trust);
}

/// <summary>A variant is left out of the comparison.</summary>
internal sealed class VariantAbsentException(string message) : Exception(message);

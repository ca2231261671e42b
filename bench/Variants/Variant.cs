using Photos.Bench.Aws;
using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>A way to build and run the functions.</summary>
internal abstract class Variant(string name)
{
    /// <summary>The variant that the others are compared with.</summary>
    public const string Reference = "photos";

    public string Name { get; } = name;

    /// <summary>The folder of the builds that exist only for the benchmark.</summary>
    public static string Artifacts { get; } = Path.Combine(Repository.Root, "artifacts", "bench");

    /// <summary>All variants, in the order of the table.</summary>
    public static IReadOnlyList<Variant> All { get; } =
    [
        new BuiltVariant(),
        new PublishedVariant("untuned", ["-p:Untuned=true"], new() { ["PHOTOS_WARMUP"] = "off" }, trustsSystem: true),
        new JitVariant(),
        new RuntimeSupportVariant(),
        new StandardVariant(),
        new GoVariant(),
        new PythonVariant(),
        new NodeVariant(),
        new FloorVariant(),
    ];

    /// <summary>Whether the variant always trusts the system's roots, whatever <c>--ca</c> says.</summary>
    public virtual bool TrustsSystem => false;

    /// <summary>Builds the function, unless its build is up to date.</summary>
    /// <exception cref="VariantAbsentException">The variant cannot be built on this machine.</exception>
    /// <exception cref="BenchException">The function does not build.</exception>
    public abstract Launch Prepare(string function, TrustStores trust);
}

/// <summary>Omits a variant from the comparison.</summary>
/// <param name="message">The reason, and what to install.</param>
internal sealed class VariantAbsentException(string message) : Exception(message);

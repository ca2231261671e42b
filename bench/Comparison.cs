using Photos.Bench.Aws;
using Photos.Bench.Lambda;
using Photos.Bench.Report;
using Photos.Bench.Variants;

namespace Photos.Bench;

/// <summary>What to compare.</summary>
/// <param name="Runs">Cold starts of each function in each variant.</param>
/// <param name="Functions">By name.</param>
/// <param name="Variants">In the order of the table.</param>
/// <param name="ColdDisk">Whether every start reads its files from disk.</param>
/// <param name="MemoryMegabytes">Whose share of a processor the invocations get; none for the whole machine.</param>
/// <param name="TrustsSystem">Whether this build, too, trusts the machine's own roots.</param>
internal sealed record ComparisonOptions(
    int Runs,
    IReadOnlyList<string> Functions,
    IReadOnlyList<Variant> Variants,
    bool ColdDisk,
    int? MemoryMegabytes,
    bool TrustsSystem);

/// <summary>Starts every function in every variant, in turn, so that what drifts in the machine hits all alike.</summary>
internal sealed class Comparison(ComparisonOptions options, IProgressLine progress) : IDisposable
{
    private readonly CertificateAuthority _authority = new();
    private readonly List<AbsentVariant> _absent = [];

    /// <summary>Known after <see cref="Run"/>.</summary>
    public IReadOnlyList<AbsentVariant> Absent => _absent;

    /// <exception cref="BenchException">A function failed, or the machine does not allow what was asked for.</exception>
    public IReadOnlyList<FunctionResults> Run()
    {
        using var standIn = new AwsStandIn(_authority.ServerCertificate);
        using var trust = new TrustStores(_authority.RootPem);
        using CpuShare? share = options.MemoryMegabytes is int megabytes ? new CpuShare(megabytes) : null;
        Contender[] contenders = [.. Prepare(standIn, trust)];
        progress.Begin((options.Runs + 1) * contenders.Length);
        for (int run = 0; run <= options.Runs; run++)
        {
            foreach (Contender contender in contenders)
            {
                progress.Step($"{contender.Function} {contender.Variant}");
                if (options.ColdDisk)
                {
                    PageCache.Drop();
                }

                ColdStart start = ColdStart.Measure(contender.Function, contender.Launch, contender.Environment, share);

                // The first round warms the benchmark itself.
                if (run > 0)
                {
                    contender.Starts.Add(start);
                }
            }
        }

        return [.. contenders.GroupBy(contender => contender.Function).Select(function =>
            new FunctionResults(function.Key, [.. function.Select(contender => contender.Result())]))];
    }

    public void Dispose() => _authority.Dispose();

    private IEnumerable<Contender> Prepare(AwsStandIn standIn, TrustStores trust)
    {
        foreach (string function in options.Functions)
        {
            foreach (Variant variant in options.Variants)
            {
                progress.Say($"Preparing {function} {variant.Name}");
                Launch launch;
                try
                {
                    launch = variant.Prepare(function, trust);
                }
                catch (VariantAbsentException e)
                {
                    _absent.Add(new AbsentVariant(variant.Name, function, e.Message));
                    continue;
                }

                bool trustsSystem = options.TrustsSystem || variant.TrustsSystem;
                Dictionary<string, string> environment = FunctionEnvironment.Create(function, standIn.Address, trust, trustsSystem);
                yield return new Contender(function, variant.Name, launch, environment);
            }
        }
    }

    private sealed record Contender(string Function, string Variant, Launch Launch, Dictionary<string, string> Environment)
    {
        public List<ColdStart> Starts { get; } = [];

        public VariantResults Result() => VariantResults.Of(Variant, Starts, Artifact.Measure(Launch.Artifact));
    }
}

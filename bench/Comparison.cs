using Photos.Bench.Aws;
using Photos.Bench.Report;
using Photos.Bench.Variants;
using Photos.Harness;

namespace Photos.Bench;

/// <summary>The options of a comparison.</summary>
/// <param name="Runs">The number of cold starts of each function in each variant.</param>
/// <param name="Functions">The functions' names.</param>
/// <param name="Variants">The variants, in the order of the table.</param>
/// <param name="ColdDisk">Which files every start reads from disk.</param>
/// <param name="MemorySizes">The memory sizes, in MB, whose CPU shares the invocations get; <see langword="null"/> for the whole machine.</param>
/// <param name="TrustsSystem">Whether all variants trust the system's roots.</param>
internal sealed record ComparisonOptions(
    int Runs,
    IReadOnlyList<string> Functions,
    IReadOnlyList<Variant> Variants,
    ColdDisk ColdDisk,
    IReadOnlyList<int?> MemorySizes,
    bool TrustsSystem);

/// <summary>Starts all functions in all variants by turns, so that changes in the machine's speed affect all of them equally.</summary>
internal sealed class Comparison(ComparisonOptions options, IProgressLine progress) : IDisposable
{
    private readonly CertificateAuthority _authority = new();
    private readonly List<AbsentVariant> _absent = [];
    private readonly Dictionary<int, CpuShare> _shares = [];

    /// <summary>The variants that could not be built here. Set by <see cref="Run"/>.</summary>
    public IReadOnlyList<AbsentVariant> Absent => _absent;

    /// <exception cref="BenchException">The machine does not support an option, or a variant does not build.</exception>
    /// <exception cref="FunctionFailedException">A function failed.</exception>
    public IReadOnlyList<FunctionResults> Run()
    {
        foreach (int megabytes in options.MemorySizes.OfType<int>())
        {
            _shares.Add(megabytes, new CpuShare(megabytes));
        }

        using var standIn = new AwsStandIn(_authority.ServerCertificate);
        using var trust = new TrustStores(_authority.RootPem);
        Candidate[] candidates = [.. Prepare(standIn, trust)];
        progress.Begin((options.Runs + 2) * candidates.Length);
        for (int run = 0; run <= options.Runs; run++)
        {
            foreach (Candidate candidate in candidates)
            {
                progress.Step($"{candidate.Function} {candidate.Variant}");
                PageCache.Drop(options.ColdDisk, candidate.Launch.Artifact);
                CpuShare? share = candidate.MemorySize is int megabytes ? _shares[megabytes] : null;
                ColdStart start = ColdStart.Measure(candidate.Function, candidate.Launch, candidate.Environment, share);

                // The first round only warms up the benchmark itself.
                if (run > 0)
                {
                    candidate.Starts.Add(start);
                }
            }
        }

        foreach (Candidate candidate in candidates)
        {
            progress.Step($"{candidate.Function} {candidate.Variant}, system calls");
            candidate.SystemCalls = SystemCalls.Count(candidate.Function, candidate.Launch, candidate.Environment);
        }

        return [.. candidates.GroupBy(candidate => (candidate.Function, candidate.MemorySize)).Select(group =>
            new FunctionResults(group.Key.Function, group.Key.MemorySize, [.. group.Select(candidate => candidate.Result())]))];
    }

    public void Dispose()
    {
        foreach (CpuShare share in _shares.Values)
        {
            share.Dispose();
        }

        _authority.Dispose();
    }

    private IEnumerable<Candidate> Prepare(AwsStandIn standIn, TrustStores trust)
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
                Dictionary<string, string> environment = LambdaEnvironment.Create(function, standIn.Address, trust.Variables(trustsSystem));
                foreach (int? size in options.MemorySizes)
                {
                    yield return new Candidate(function, size, variant.Name, launch, environment);
                }
            }
        }
    }

    private sealed record Candidate(string Function, int? MemorySize, string Variant, Launch Launch, Dictionary<string, string> Environment)
    {
        public List<ColdStart> Starts { get; } = [];

        public long? SystemCalls { get; set; }

        public VariantResults Result() => VariantResults.Of(Variant, Starts, SystemCalls, Artifact.Measure(Launch.Artifact));
    }
}

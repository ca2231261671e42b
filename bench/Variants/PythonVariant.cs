using Photos.Bench.Aws;
using Photos.Harness;

namespace Photos.Bench.Variants;

/// <summary>The same functions in Python with boto3.</summary>
internal sealed class PythonVariant() : Variant("python")
{
    public override bool TrustsSystem => true;

    public override Launch Prepare(string function, TrustStores trust)
    {
        // The interpreter itself, since a script that selects a version would be measured as well.
        CommandLineTool python = CommandLineTool.Run("python3", "-c", "import boto3, sys; print(sys.executable)");
        if (python.ExitCode != 0)
        {
            throw new VariantAbsentException("It requires python3 with boto3. Install it with: pip install boto3.");
        }

        string script = Path.Combine(Repository.Root, "bench", "Variants", "photos.py");

        // boto3 has a separate bundle of root certificates, as large as the system's.
        return new Launch([python.Output, script], script, new Dictionary<string, string> { ["AWS_CA_BUNDLE"] = trust.System });
    }
}

using Photos.Bench.Aws;
using Photos.Bench.Lambda;

namespace Photos.Bench.Variants;

/// <summary>The same work in Python with boto3.</summary>
internal sealed class PythonVariant() : Variant("python")
{
    public override bool TrustsSystem => true;

    public override Launch Prepare(string function, TrustStores trust)
    {
        // Past the scripts that choose among versions, which would be measured too.
        CommandLineTool python = CommandLineTool.Run("python3", "-c", "import boto3, sys; print(sys.executable)");
        if (python.ExitCode != 0)
        {
            throw new VariantAbsentException("It needs python3 with boto3: pip install boto3.");
        }

        string script = Path.Combine(Repository.Root, "bench", "Variants", "photos.py");

        // boto3 brings a bundle of its own, as large as the system's.
        return new Launch([python.Output, script], script, new Dictionary<string, string> { ["AWS_CA_BUNDLE"] = trust.System });
    }
}

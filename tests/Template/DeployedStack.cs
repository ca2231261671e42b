using System.Collections.Concurrent;
using System.Text.Json;
using Photos.Local.Template;

namespace Photos.Tests.Template;

/// <summary>The template after the SAM transform, as CloudFormation deploys it with given parameter values.</summary>
internal sealed class DeployedStack
{
    private static readonly ConcurrentDictionary<string, DeployedStack> s_stacks = new(StringComparer.Ordinal);
    private static readonly Lazy<bool> s_canTransform = new(() => CommandLineTool.Run("python3", "-c", "import samtranslator, cfnlint").ExitCode == 0);

    private readonly TemplateNode _template;

    private DeployedStack(string json, string[] overrides)
    {
        Json = JsonElement.Parse(json);
        _template = TemplateSource.Read(json, overrides);
    }

    /// <summary>The template with its intrinsic functions.</summary>
    public JsonElement Json { get; }

    /// <summary>The logical IDs of the resources whose conditions are true.</summary>
    public IEnumerable<string> Resources => Names(nameof(Resources));

    /// <summary>The names of the outputs whose conditions are true.</summary>
    public IEnumerable<string> Outputs => Names(nameof(Outputs));

    /// <summary>The resource's properties, with intrinsic functions resolved.</summary>
    public TemplateNode this[string resource] => _template[nameof(Resources)][resource]["Properties"];

    /// <summary>The resources of a type whose conditions are true.</summary>
    public IEnumerable<string> OfType(string type) => Resources.Where(name => _template[nameof(Resources)][name]["Type"].Text() == type);

    /// <summary>The resource with its intrinsic functions.</summary>
    public JsonElement Raw(string resource) => Json.GetProperty(nameof(Resources)).GetProperty(resource);

    /// <summary>Whether a condition is true.</summary>
    public bool Holds(string condition) => _template.Holds(condition);

    /// <summary>Transforms the stacks with these parameters in one process, if the SAM transform is installed. <see cref="Check"/>
    /// then finds them.</summary>
    public static void Transform(IEnumerable<string[]> stacks)
    {
        lock (s_stacks)
        {
            string[][] missing = [.. stacks.DistinctBy(Key).Where(overrides => !s_stacks.ContainsKey(Key(overrides)))];
            if (missing.Length == 0 || !s_canTransform.Value)
            {
                return;
            }

            CommandLineTool transform = CommandLineTool.Run("python3",
            [
                Path.Combine(Repository.Root, "tests", "Template", "transform.py"),
                Repository.Template,
                .. missing.SelectMany((overrides, index) => index == 0 ? overrides : ["--", .. overrides]),
            ]);
            Assert.True(
                transform.ExitCode == 0,
                $"The SAM transform fails. To see why, run: python3 tests/Template/transform.py template.yaml {string.Join(" -- ", missing.Select(one => string.Join(' ', one)))}");
            foreach ((string json, string[] overrides) in transform.Output.Split('\n').Zip(missing))
            {
                s_stacks[Key(overrides)] = new DeployedStack(json, overrides);
            }
        }
    }

    /// <summary>Checks the stack with these parameters, if the SAM transform is installed.</summary>
    /// <param name="overrides">Each <c>NAME=VALUE</c>.</param>
    public static void Check(string[] overrides, Action<DeployedStack> check)
    {
        if (s_canTransform.Value)
        {
            Transform([overrides]);
            check(s_stacks[Key(overrides)]);
            return;
        }

        Assert.True(
            Environment.GetEnvironmentVariable("CI") != "true",
            "The SAM transform cannot be checked: python3 does not have samtranslator. Install cfn-lint, which depends on it: pip install cfn-lint.");
        TestContext.Current.SendDiagnosticMessage("NOT CHECKED: python3 does not have samtranslator, a dependency of cfn-lint.");
    }

    private static string Key(string[] overrides) => string.Join('\n', overrides);

    private IEnumerable<string> Names(string section) => _template[section].Entries()
        .Where(entry => !entry.Value["Condition"].Exists || _template.Holds(entry.Value["Condition"].Text()))
        .Select(entry => entry.Key);
}

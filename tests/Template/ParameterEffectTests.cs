using System.Text.Json;
using System.Text.RegularExpressions;

namespace Photos.Tests.Template;

/// <summary>What a changed parameter reaches. CloudFormation publishes a version or an API deployment only if its logical ID or a
/// property that requires replacement changes, so a parameter that changes neither would not reach requests.</summary>
public sealed partial class ParameterEffectTests
{
    private const string UserPool = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_Abc";

    private static readonly string[] s_domain =
    [
        "DomainName=photos.example.com",
        "CertificateArn=arn:aws:acm:eu-central-1:123456789012:certificate/1",
        "HostedZoneId=Z1",
    ];

    /// <summary>For each parameter, the parameters before and after a change of it.</summary>
    private static readonly Dictionary<string, (string[] Before, string[] After)> s_changes = new()
    {
        ["Stage"] = ([], ["Stage=prod"]),
        ["AllowedOrigin"] = ([], ["AllowedOrigin=https://app.example.com"]),
        ["MaxPhotoBytes"] = ([], ["MaxPhotoBytes=1000"]),
        ["TableName"] = ([], ["TableName=albums"]),
        ["BucketName"] = ([], ["BucketName=our-photos"]),
        ["LogLevel"] = ([], ["LogLevel=DEBUG"]),
        ["ReservedConcurrency"] = ([], ["ReservedConcurrency=10"]),
        ["CaseSensitiveEmails"] = ([], ["CaseSensitiveEmails=true"]),
        ["DeletionProtection"] = ([], ["DeletionProtection=true"]),
        ["DisableExecuteApiEndpoint"] = (s_domain, [.. s_domain, "DisableExecuteApiEndpoint=true"]),
        ["Architecture"] = ([], ["Architecture=x86_64"]),
        ["TrustStore"] = ([], ["TrustStore=system"]),
        ["MemorySize"] = ([], ["MemorySize=1024"]),
        ["LogRetentionDays"] = ([], ["LogRetentionDays=365"]),
        ["RequestsPerSecond"] = ([], ["RequestsPerSecond=50"]),
        ["RequestBurst"] = ([], ["RequestBurst=50"]),
        ["RollOut"] = ([], ["RollOut=Canary10Percent5Minutes"]),
        ["Waf"] = ([], ["Waf=true"]),
        ["UserPoolArn"] = ([], [$"UserPoolArn={UserPool}"]),
        ["DomainName"] = (s_domain, [.. s_domain, "DomainName=album.example.com"]),
        ["CertificateArn"] = (s_domain, [.. s_domain, "CertificateArn=arn:aws:acm:eu-central-1:123456789012:certificate/2"]),
        ["HostedZoneId"] = (s_domain, [.. s_domain, "HostedZoneId=Z2"]),
        ["BasePath"] = (s_domain, [.. s_domain, "BasePath=album"]),
        ["EndpointType"] = (s_domain, [.. s_domain, "EndpointType=EDGE"]),
        ["AlarmEmail"] = ([], ["AlarmEmail=you@example.com"]),
    };

    /// <summary>Each parameter that the template declares.</summary>
    public static TheoryData<string> Parameters => [.. TemplateSource.Read()["Parameters"].Entries().Select(parameter => parameter.Key)];

    [Theory]
    [MemberData(nameof(Parameters))]
    public void AChangedParameterReachesWhatItIsFor(string parameter) => Check(parameter, (before, after) =>
    {
        IEnumerable<string> changed = Changed(before, after);
        Assert.NotEmpty(changed);

        // An alias is the live version, and a stage is the live deployment.
        string[] functions = [.. after.Functions.Where(function => before.Versioned(function) != after.Versioned(function))];
        Assert.Equal(functions, NewVersions(before, after));
        Assert.All(functions, function => Assert.Contains($"{function}Aliaslive", changed));

        bool body = before.Body != after.Body;
        Assert.Equal(body, before.Deployment != after.Deployment);
        if (body)
        {
            Assert.Contains("ApiStage", changed);
        }
    });

    /// <summary>The table in docs/deploy.md: parameter, new versions, new API deployment, and the types of what else changes.</summary>
    [Theory]
    [MemberData(nameof(Parameters))]
    public void TheDocumentationSaysWhatAChangeReaches(string parameter) => Check(parameter, (before, after) =>
    {
        string[] versions = NewVersions(before, after);
        string[] implied = ["Version", "Alias", "Deployment", .. before.Deployment != after.Deployment ? ["Stage"] : (string[])[]];
        IEnumerable<string> others = Changed(before, after)
            .Select(name => (after.Resources.Contains(name) ? after : before).Type(name).Split("::")[^1])
            .Except(implied)
            .Order(StringComparer.Ordinal);
        string row = string.Join(" | ",
            $"| `{parameter}`",
            versions.Length == 0 ? "–" : versions.Length == after.Functions.Count() ? "all" : string.Join(", ", versions.Order(StringComparer.Ordinal)),
            before.Deployment != after.Deployment ? "yes" : "–",
            others.Any() ? string.Join(", ", others) + " |" : "– |");

        string documented = File.ReadLines(Path.Combine(Repository.Root, "docs", "deploy.md"))
            .SingleOrDefault(line => line.StartsWith($"| `{parameter}` |", StringComparison.Ordinal)) ?? "no row";
        Assert.Equal(row, Spaces().Replace(documented, " "));
    });

    /// <summary>API Gateway compresses by a new size only after a deployment, and SAM does not hash the property.</summary>
    [Fact]
    public void AChangedCompressionSizeMakesADeployment()
    {
        string template = File.ReadAllText(Repository.Template);
        Match property = CompressionSize().Match(template);
        Match atUserPool = CompressionSizeAtUserPool().Match(template);
        Assert.Equal(property.Groups["size"].Value, atUserPool.Groups["size"].Value);

        DeployedStack.Check([], before =>
        {
            using var folder = new TemporaryFolder();
            string changed = Path.Combine(folder.Path, "template.yaml");
            File.WriteAllText(changed, CompressionSizeAtUserPool().Replace(CompressionSize().Replace(template, "${name}2048"), "${name}2048\"]]"));
            CommandLineTool transform = CommandLineTool.Run("python3", Path.Combine(Repository.Root, "tests", "Template", "transform.py"), changed);
            Assert.True(transform.ExitCode == 0, transform.Output);
            JsonElement after = JsonElement.Parse(transform.Output).GetProperty("Resources");

            Assert.Equal(2048, after.GetProperty("Api").GetProperty("Properties").GetProperty("MinimumCompressionSize").GetInt32());
            Assert.Equal(property.Groups["size"].Value, before["Api"]["MinimumCompressionSize"].Text());
            JsonProperty deployment = Assert.Single(after.EnumerateObject(), one => one.Value.GetProperty("Type").GetString() == "AWS::ApiGateway::Deployment");
            Assert.NotEqual(Assert.Single(before.OfType("AWS::ApiGateway::Deployment")), deployment.Name);
            Assert.Contains($"\"{deployment.Name}\"", after.GetProperty("ApiStage").GetProperty("Properties").GetProperty("DeploymentId").GetRawText(), StringComparison.Ordinal);
        });
    }

    /// <summary>Lambda limits a version's description to 256 characters.</summary>
    [Fact]
    public void EveryDescriptionOfAVersionFits() => DeployedStack.Check([], stack =>
    {
        var longest = TemplateSource.Read()["Parameters"].Entries().ToDictionary(
            parameter => parameter.Key,
            parameter => parameter.Value["AllowedValues"].Exists ? parameter.Value["AllowedValues"].Items().Max(value => value.Text().Length)
                : parameter.Value["MaxLength"].Exists ? (int)parameter.Value["MaxLength"].Number(0)
                : parameter.Value["MaxValue"].Text("").Length);
        foreach (string version in stack.OfType("AWS::Lambda::Version"))
        {
            string description = stack.Raw(version).GetProperty("Properties").GetProperty("Description").GetProperty("Fn::Sub").GetString()!;
            int length = description.Length;
            foreach (Match placeholder in Placeholder().Matches(description))
            {
                length += placeholder.Groups["name"].Value switch
                {
                    "PhotoTable" => Math.Max(longest["TableName"], "devPhotoUsers".Length),
                    // An account has 12 digits, and no Region's name is longer than us-isof-south-1.
                    "PhotoBucket" => Math.Max(longest["BucketName"], "photos-prod-123456789012-us-isof-south-1".Length),
                    string name => longest[name],
                } - placeholder.Length;
            }

            Assert.InRange(length, 1, 256);
        }
    });

    private static IEnumerable<string> Changed(ResolvedStack before, ResolvedStack after) => before.Resources.Union(after.Resources)
        .Where(name => !before.Resources.Contains(name) || !after.Resources.Contains(name) || before.Text(name) != after.Text(name));

    private static string[] NewVersions(ResolvedStack before, ResolvedStack after) =>
        [.. after.Functions.Where(function => before.Version(function) != after.Version(function))];

    private static void Check(string parameter, Action<ResolvedStack, ResolvedStack> check)
    {
        Assert.True(s_changes.TryGetValue(parameter, out (string[] Before, string[] After) change), $"Add a change of {parameter} to s_changes.");
        DeployedStack.Transform(s_changes.Values.SelectMany(one => (string[][])[one.Before, one.After]));
        DeployedStack.Check(change.Before, before => DeployedStack.Check(
            change.After, after => check(new ResolvedStack(before, change.Before), new ResolvedStack(after, change.After))));
    }

    [GeneratedRegex(@"(?<name>\n      MinimumCompressionSize: )(?<size>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CompressionSize();

    [GeneratedRegex("""(?<name>\n            UserPoolArn: !Select .*, ")(?<size>\d+)"\]\]""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CompressionSizeAtUserPool();

    [GeneratedRegex(" {2,}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\$\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}

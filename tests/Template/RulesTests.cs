using Photos.Local.Template;
using YamlDotNet.RepresentationModel;

namespace Photos.Tests.Template;

/// <summary>CloudFormation rejects contradictory parameters before it changes anything.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html</summary>
public class RulesTests
{
    private const string Domain = "DomainName=photos.example.com";
    private const string Certificate = "CertificateArn=arn:aws:acm:eu-central-1:123456789012:certificate/1";
    private const string Zone = "HostedZoneId=Z1";

    [Theory]
    [InlineData]
    [InlineData(Domain, Certificate, Zone)]
    [InlineData(Domain, Certificate, Zone, "BasePath=api", "EndpointType=EDGE")]
    [InlineData(Domain, Certificate, Zone, "DisableExecuteApiEndpoint=true")]
    public void ConsistentParametersAreAccepted(params string[] overrides) => Assert.Empty(Messages(overrides));

    [Theory]
    [InlineData("A custom domain needs a certificate. Set CertificateArn, or leave DomainName empty.", Domain, Zone)]
    [InlineData("A custom domain needs a hosted zone for its records. Set HostedZoneId, or leave DomainName empty.", Domain, Certificate)]
    [InlineData("CertificateArn, HostedZoneId, BasePath and EndpointType=EDGE apply only to a custom domain. Set DomainName too, or none of them.", Certificate, Zone)]
    [InlineData("CertificateArn, HostedZoneId, BasePath and EndpointType=EDGE apply only to a custom domain. Set DomainName too, or none of them.", "BasePath=api")]
    [InlineData("CertificateArn, HostedZoneId, BasePath and EndpointType=EDGE apply only to a custom domain. Set DomainName too, or none of them.", "EndpointType=EDGE")]
    [InlineData("With DisableExecuteApiEndpoint=true, the API is reachable only through a custom domain. Set DomainName, or DisableExecuteApiEndpoint=false.", "DisableExecuteApiEndpoint=true")]
    public void ContradictoryParametersAreRejectedWithAMessage(string message, params string[] overrides) =>
        Assert.Contains(message, Messages(overrides));

    [Theory]
    [InlineData("default")]
    [InlineData("dev")]
    [InlineData("prod")]
    public void TheParametersOfSamConfigAreAccepted(string environment) => Assert.Empty(Messages(SamConfig.Overrides(environment)));

    /// <summary>The messages of the assertions that fail. Rules use the functions of conditions.</summary>
    private static List<string> Messages(string[] overrides)
    {
        List<string> messages = [];
        TemplateNode template = TemplateSource.Read(File.ReadAllText(Repository.Template), overrides, root =>
        {
            YamlMappingNode conditions = (YamlMappingNode)root["Conditions"];
            foreach ((YamlNode name, YamlNode rule) in (YamlMappingNode)root["Rules"])
            {
                foreach (YamlNode assertion in (YamlSequenceNode)rule["Assertions"])
                {
                    // A rule passes when its condition is false or its assertion is true.
                    conditions.Add($"Rule{messages.Count}", new YamlSequenceNode(Not(rule["RuleCondition"]), assertion["Assert"]) { Tag = "!Or" });
                    messages.Add(assertion["AssertDescription"].ToString());
                }
            }
        });
        return [.. messages.Where((_, index) => !template.Holds($"Rule{index}"))];
    }

    private static YamlSequenceNode Not(YamlNode condition) => new(condition) { Tag = "!Not" };
}

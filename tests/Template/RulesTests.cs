using Photos.Local.Template;
using YamlDotNet.RepresentationModel;

namespace Photos.Tests.Template;

/// <summary>CloudFormation refuses parameters that contradict each other, before it changes anything.
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
    public void WhatFitsTogetherIsTaken(params string[] overrides) => Assert.Empty(Refusals(overrides));

    [Theory]
    [InlineData("A domain needs a certificate. Give CertificateArn, or leave DomainName empty.", Domain, Zone)]
    [InlineData("A domain needs records. Give HostedZoneId, or leave DomainName empty.", Domain, Certificate)]
    [InlineData("CertificateArn, HostedZoneId, BasePath and EndpointType=EDGE are for a domain. Give DomainName too, or none of them.", Certificate, Zone)]
    [InlineData("CertificateArn, HostedZoneId, BasePath and EndpointType=EDGE are for a domain. Give DomainName too, or none of them.", "BasePath=api")]
    [InlineData("CertificateArn, HostedZoneId, BasePath and EndpointType=EDGE are for a domain. Give DomainName too, or none of them.", "EndpointType=EDGE")]
    public void WhatContradictsItselfIsRefusedWithASentence(string sentence, params string[] overrides) =>
        Assert.Contains(sentence, Refusals(overrides));

    [Theory]
    [InlineData("default")]
    [InlineData("dev")]
    [InlineData("prod")]
    public void TheStagesOfSamConfigAreTaken(string environment) => Assert.Empty(Refusals(SamConfig.Overrides(environment)));

    /// <summary>The sentences of the assertions that do not hold. A rule's functions are those of a condition.</summary>
    private static List<string> Refusals(string[] overrides)
    {
        List<string> sentences = [];
        TemplateNode template = TemplateSource.Read(File.ReadAllText(Repository.Template), overrides, root =>
        {
            YamlMappingNode conditions = (YamlMappingNode)root["Conditions"];
            foreach ((YamlNode name, YamlNode rule) in (YamlMappingNode)root["Rules"])
            {
                foreach (YamlNode assertion in (YamlSequenceNode)rule["Assertions"])
                {
                    // Held: the rule's condition does not, or the assertion does.
                    conditions.Add($"Rule{sentences.Count}", new YamlSequenceNode(Not(rule["RuleCondition"]), assertion["Assert"]) { Tag = "!Or" });
                    sentences.Add(assertion["AssertDescription"].ToString());
                }
            }
        });
        return [.. sentences.Where((_, index) => !template.Holds($"Rule{index}"))];
    }

    private static YamlSequenceNode Not(YamlNode condition) => new(condition) { Tag = "!Not" };
}

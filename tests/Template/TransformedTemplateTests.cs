using System.Text.Json;
using Album.Bench;

namespace Album.Tests.Template;

/// <summary>What CloudFormation gets to see: the template after the SAM transform, where the machine has that.</summary>
public class TransformedTemplateTests
{
    private static readonly Lazy<JsonElement?> s_transformed = new(Transform);

    [Fact]
    public void EveryRouteAsksForATokenAndNoPreflightDoes() => Check(template =>
    {
        JsonElement paths = Resource(template, "Api").GetProperty("Properties").GetProperty("Body").GetProperty("paths");
        IEnumerable<string> routes =
            from path in paths.EnumerateObject()
            from method in path.Value.EnumerateObject()
            let authorizers = method.Value.TryGetProperty("security", out JsonElement security) ? security.GetRawText() : "nobody"
            select $"{method.Name} {path.Name} {authorizers}";

        Assert.Equal(
            [
                """delete /photos [{"Users": []}]""",
                """delete /photos/{id} [{"Users": []}]""",
                """get /photos [{"Users": []}]""",
                """get /photos/{id} [{"Users": []}]""",
                "options /photos nobody",
                "options /photos/uploads nobody",
                "options /photos/{id} nobody",
                """post /photos [{"Users": []}]""",
                """post /photos/uploads [{"Users": []}]""",
            ],
            routes.Order(StringComparer.Ordinal));
    });

    [Theory]
    [InlineData("ListPhotos", "dynamodb:GetItem dynamodb:Query s3:GetObject")]
    [InlineData("WritePhoto", "dynamodb:GetItem dynamodb:PutItem s3:GetObject s3:ListBucket s3:PutObject s3:PutObjectTagging")]
    [InlineData("DeletePhoto", "dynamodb:DeleteItem s3:DeleteObject")]
    public void ARoleAllowsWhatItsFunctionDoesAndNoMore(string function, string actions) => Check(template =>
    {
        JsonElement role = Resource(template, $"{function}Role").GetProperty("Properties");
        JsonElement[] statements =
        [
            .. role.GetProperty("Policies").EnumerateArray()
                .SelectMany(policy => policy.GetProperty("PolicyDocument").GetProperty("Statement").EnumerateArray()),
        ];

        Assert.Equal(actions.Split(' '), statements.SelectMany(Actions).Order(StringComparer.Ordinal));
        Assert.All(statements, statement => Assert.Equal("Allow", statement.GetProperty("Effect").GetString()));
        Assert.All(statements, statement => Assert.Contains(
            statement.GetProperty("Resource").GetRawText(),
            (string[])
            [
                """{"Fn::GetAtt": ["PhotoTable", "Arn"]}""",
                """{"Fn::GetAtt": ["PhotoBucket", "Arn"]}""",
                """{"Fn::Sub": "${PhotoBucket.Arn}/private/*"}""",
            ]));
        Assert.Equal(
            "service-role/AWSLambdaBasicExecutionRole",
            Assert.Single(role.GetProperty("ManagedPolicyArns").EnumerateArray()).GetString()!.Split(":policy/")[1]);
    });

    [Theory]
    [InlineData("PhotoTable")]
    [InlineData("PhotoBucket")]
    [InlineData("PhotoBucketPolicy")]
    [InlineData("UserPool")]
    [InlineData("UserPoolClient")]
    public void WhatHoldsDataOutlivesTheStack(string resource) => Check(template =>
    {
        Assert.Equal("Retain", Resource(template, resource).GetProperty("DeletionPolicy").GetString());
        Assert.Equal("Retain", Resource(template, resource).GetProperty("UpdateReplacePolicy").GetString());
    });

    [Fact]
    public void EachRouteMayCallItsFunction() => Check(template => Assert.Equal(
        ["DeletePhoto", "DeletePhoto", "ListPhotos", "ListPhotos", "WritePhoto", "WritePhoto"],
        template.GetProperty("Resources").EnumerateObject()
            .Where(resource => resource.Value.GetProperty("Type").GetString() == "AWS::Lambda::Permission")
            .Select(resource => resource.Value.GetProperty("Properties").GetProperty("FunctionName").GetProperty("Ref").GetString())
            .Order(StringComparer.Ordinal)));

    [Fact]
    public void OnlyADomainBringsTheDomainsResources() => Check(template => Assert.Equal(
        ["Domain", "DomainMapping", "DomainRecordA", "DomainRecordAaaa"],
        template.GetProperty("Resources").EnumerateObject()
            .Where(resource => resource.Value.TryGetProperty("Condition", out JsonElement condition) && condition.GetString() == "HasDomain")
            .Select(resource => resource.Name)
            .Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("ListPhotos")]
    [InlineData("WritePhoto")]
    [InlineData("DeletePhoto")]
    public void AFunctionLogsJsonToAGroupThatForgets(string function) => Check(template =>
    {
        Assert.Equal(
            $$$"""{"LogFormat": "JSON", "LogGroup": {"Ref": "{{{function}}}Log"}}""",
            Resource(template, function).GetProperty("Properties").GetProperty("LoggingConfig").GetRawText());
        Assert.Equal(
            """{"Ref": "LogRetentionDays"}""",
            Resource(template, $"{function}Log").GetProperty("Properties").GetProperty("RetentionInDays").GetRawText());
    });

    [Theory]
    [InlineData("ApiFails", "AWS/ApiGateway", "5XXError")]
    [InlineData("ApiIsSlow", "AWS/ApiGateway", "Latency")]
    [InlineData("ListPhotosFails", "AWS/Lambda", "Errors")]
    [InlineData("ListPhotosIsThrottled", "AWS/Lambda", "Throttles")]
    [InlineData("WritePhotoFails", "AWS/Lambda", "Errors")]
    [InlineData("WritePhotoIsThrottled", "AWS/Lambda", "Throttles")]
    [InlineData("DeletePhotoFails", "AWS/Lambda", "Errors")]
    [InlineData("DeletePhotoIsThrottled", "AWS/Lambda", "Throttles")]
    public void AnAlarmWatchesAMetricAndTellsWhoAskedToHear(string alarm, string source, string metric) => Check(template =>
    {
        JsonElement properties = Resource(template, alarm).GetProperty("Properties");

        Assert.Equal(source, properties.GetProperty("Namespace").GetString());
        Assert.Equal(metric, properties.GetProperty("MetricName").GetString());
        Assert.Equal(
            """{"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}""",
            properties.GetProperty("AlarmActions").GetRawText());
    });

    [Fact]
    public void TheApiHasTheNameThatItsAlarmsGoBy() => Check(template => Assert.Equal(
        Resource(template, "Api").GetProperty("Properties").GetProperty("Name").GetRawText(),
        Resource(template, "ApiFails").GetProperty("Properties").GetProperty("Dimensions")[0].GetProperty("Value").GetRawText()));

    /// <summary>https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html: CloudFormation takes no aliases.</summary>
    [Fact]
    public void TheTemplateHasNoYamlAliases() =>
        Assert.DoesNotMatch(@"(?m)^[^#\n]*[:-] [&*]\w+\s*$", File.ReadAllText(Repository.Template));

    private static IEnumerable<string> Actions(JsonElement statement) => statement.GetProperty("Action") is { ValueKind: JsonValueKind.Array } several
        ? several.EnumerateArray().Select(action => action.GetString()!)
        : [statement.GetProperty("Action").GetString()!];

    private static JsonElement Resource(JsonElement template, string name) => template.GetProperty("Resources").GetProperty(name);

    private static void Check(Action<JsonElement> check)
    {
        if (s_transformed.Value is JsonElement template)
        {
            check(template);
        }
        else
        {
            Assert.True(
                Environment.GetEnvironmentVariable("CI") != "true",
                "The SAM transform cannot be checked: python3 has no samtranslator. It comes with cfn-lint: pip install cfn-lint.");
            TestContext.Current.SendDiagnosticMessage("NOT CHECKED: python3 has no samtranslator, which comes with cfn-lint.");
        }
    }

    private static JsonElement? Transform()
    {
        if (CommandLineTool.Run("python3", "-c", "import samtranslator, cfnlint").ExitCode != 0)
        {
            return null;
        }

        CommandLineTool transform = CommandLineTool.Run(
            "python3", Path.Combine(Repository.Root, "tests", "Template", "transform.py"), Repository.Template);
        Assert.True(transform.ExitCode == 0, "SAM refuses the template; see: python3 tests/Template/transform.py template.yaml");
        return JsonElement.Parse(transform.Output);
    }
}

using System.Text.Json;
using Photos.Local.Template;
using Photos.Tests.Local;
using Photos.Tests.Routes;
using YamlDotNet.RepresentationModel;

namespace Photos.Tests.Template;

/// <summary>The template after the SAM transform: every route, authorizer, role, permission, alarm and output.</summary>
public class TransformedTemplateTests
{
    // The value of AWS::StackName outside AWS.
    private const string StackName = "photos-local";

    private static readonly string[] s_domain =
    [
        "DomainName=photos.example.com",
        "CertificateArn=arn:aws:acm:eu-central-1:123456789012:certificate/1",
        "HostedZoneId=Z1",
    ];

    // The functions that read items for clients.
    private static readonly string[] s_readers = ["ListPhotos", "WritePhoto"];

    [Fact]
    public void EveryRouteRequiresATokenAndNoPreflightDoes() => Check(stack =>
    {
        IEnumerable<string> routes =
            from path in Body(stack).GetProperty("paths").EnumerateObject()
            from method in path.Value.EnumerateObject()
            let authorizers = method.Value.TryGetProperty("security", out JsonElement security) ? security.GetRawText() : "no authorizer"
            select $"{method.Name} {path.Name} {authorizers}";

        IEnumerable<string> expected = TestGateway.Stack.Routes
            .SelectMany(route => (string[])[$$"""{{route.Method.ToLowerInvariant()}} {{route.Resource}} [{"Users": []}]""", $"options {route.Resource} no authorizer"])
            .Distinct();
        Assert.Equal(expected.Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
    });

    [Fact]
    public void TheAuthorizerIsAUserPool() => Check(stack =>
    {
        JsonElement users = Body(stack).GetProperty("securityDefinitions").GetProperty("Users");

        Assert.Equal("Authorization", users.GetProperty("name").GetString());
        Assert.Equal("cognito_user_pools", users.GetProperty("x-amazon-apigateway-authtype").GetString());
    });

    [Fact]
    public void TheAuthorizerUsesTheGivenUserPool()
    {
        const string Arn = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_Abc";
        DeployedStack.Check([$"UserPoolArn={Arn}"], stack =>
        {
            Assert.Empty(stack.OfType("AWS::Cognito::UserPool").Concat(stack.OfType("AWS::Cognito::UserPoolClient")));
            Assert.DoesNotContain("UserPoolId", stack.Outputs);
            Assert.Equal(
                $$"""{"Fn::If": ["CreatesUserPool", {"Fn::GetAtt": ["UserPool", "Arn"]}, "{{Arn}}"]}""",
                SelectedUserPool(stack)[1][0].GetRawText());
            Assert.Equal(0, SelectedUserPool(stack)[0].GetInt32());
        });
    }

    /// <summary>A deployment that names a stage creates it, without the settings of the template's own stage.</summary>
    [Fact]
    public void TheApiHasOneStage() => Check(stack =>
    {
        string deployment = Assert.Single(stack.OfType("AWS::ApiGateway::Deployment"));
        Assert.All(stack.Raw(deployment).GetProperty("Properties").EnumerateObject(), property => Assert.Contains(property.Name, (string[])["Description", "RestApiId"]));
        Assert.Equal("ApiStage", Assert.Single(stack.OfType("AWS::ApiGateway::Stage")));
    });

    /// <summary>The validator's errors could not name a field in a sentence, and it counts characters in another unit.</summary>
    [Fact]
    public void TheGatewayLeavesTheFieldsToTheFunctions() => Check(stack =>
    {
        JsonElement body = Body(stack);

        Assert.False(body.TryGetProperty("definitions", out _));
        Assert.False(body.TryGetProperty("x-amazon-apigateway-request-validators", out _));
        Assert.DoesNotContain("x-amazon-apigateway-request-validator", body.GetRawText(), StringComparison.Ordinal);
    });

    [Fact]
    public void EveryGatewayErrorCanBeReadByABrowser() => DeployedStack.Check(["AllowedOrigin=https://app.example.com"], stack =>
    {
        JsonElement responses = Body(stack).GetProperty("x-amazon-apigateway-gateway-responses");

        Assert.Equal(
            ["DEFAULT_4XX", "DEFAULT_5XX"],
            responses.EnumerateObject().Select(response => response.Name).Order(StringComparer.Ordinal));
        Assert.All(responses.EnumerateObject(), response => Assert.Equal(
            """{"Fn::Sub": "'${AllowedOrigin}'"}""",
            response.Value.GetProperty("responseParameters").GetProperty("gatewayresponse.header.Access-Control-Allow-Origin").GetRawText()));
    });

    /// <summary>RoleTests checks the roles of the functions that have a route.</summary>
    [Fact]
    public void SweepPhotosRoleAllowsWhatItDoesAndNoMore() => DeployedStack.Check(["Stage=prod"], stack =>
    {
        const string Table = "arn:aws:dynamodb:eu-central-1:123456789012:table/photoUsers";
        const string Bucket = "arn:aws:s3:::photos-prod-123456789012-eu-central-1";
        const string Failures = "arn:aws:s3:::photos-prod-failures-123456789012-eu-central-1";
        const string OwnAccount = """{"StringEquals":{"s3:ResourceAccount":"123456789012"}}""";
        TemplateNode role = stack["SweepPhotoRole"];

        Assert.Equal(
            [
                $"dynamodb:GetItem {Table}",
                $"dynamodb:DescribeStream {Table}/stream/*",
                $"dynamodb:GetShardIterator {Table}/stream/*",
                $"dynamodb:GetRecords {Table}/stream/*",
                $"dynamodb:ListStreams {Table}/stream/*",
                $$$"""s3:ListBucketVersions {{{Bucket}}} {"StringLike":{"s3:prefix":"private/*"}}""",
                $"s3:DeleteObject {Bucket}/private/*",
                $"s3:DeleteObjectVersion {Bucket}/private/*",
                $$$"""s3:ListBucketVersions {{{Bucket}}} {"StringLike":{"s3:prefix":"renditions/*"}}""",
                $"s3:DeleteObjectVersion {Bucket}/renditions/*",
                $"s3:PutObject {Failures}/aws/lambda/* {OwnAccount}",
                $"s3:ListBucket {Failures} {OwnAccount}",
            ],
            from policy in role["Policies"].Items()
            from statement in policy["PolicyDocument"]["Statement"].Items()
            from action in Texts(statement["Action"])
            from resource in Texts(statement["Resource"])
            let condition = statement["Condition"].Exists ? " " + statement["Condition"].Json()!.ToJsonString() : ""
            select statement["Effect"].Text() == "Allow" ? $"{action} {resource}{condition}" : "not an Allow");
        Assert.Equal(
            ["service-role/AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"],
            role["ManagedPolicyArns"].Items().Select(arn => arn.Text().Split(":policy/")[1]));
    });

    [Fact]
    public void OnlyTheApiMayCallAFunctionAndOnlyForItsRoutes() => Check(stack => Assert.Equal(
        TestGateway.Stack.Routes
            .Select(route => $"{route.Function}Aliaslive {route.Method}{route.Resource.Replace("{id}", "*", StringComparison.Ordinal)}")
            .Order(StringComparer.Ordinal),
        stack.OfType("AWS::Lambda::Permission")
            .Select(permission => stack[permission])
            .Select(permission => permission["Principal"].Text() == "apigateway.amazonaws.com"
                ? $"{permission["FunctionName"].Text()} {permission["SourceArn"].Text().Split("Api/*/")[1]}"
                : "not the API")
            .Order(StringComparer.Ordinal)));

    [Fact]
    public void EachRouteCallsTheLiveVersionOfItsFunction() => Check(stack =>
    {
        IEnumerable<string> integrations =
            from path in Body(stack).GetProperty("paths").EnumerateObject()
            from method in path.Value.EnumerateObject()
            let integration = method.Value.GetProperty("x-amazon-apigateway-integration")
            where integration.GetProperty("type").GetString() == "aws_proxy"
            select $"{method.Name} {path.Name} {integration.GetProperty("uri").GetProperty("Fn::Sub").GetString()!.Split("/functions/")[1]}";

        Assert.Equal(
            TestGateway.Stack.Routes
                .Select(route => $"{route.Method.ToLowerInvariant()} {route.Resource} ${{{route.Function}Aliaslive}}/invocations")
                .Order(StringComparer.Ordinal),
            integrations.Order(StringComparer.Ordinal));
    });

    [Fact]
    public void TheLiveVersionsOfTwoFunctionsFollowTheTablesStream() => Check(stack =>
    {
        Assert.Equal(["RenderPhotoSource", "SweepPhotoSource"], stack.OfType("AWS::Lambda::EventSourceMapping").Order(StringComparer.Ordinal));
        Assert.All(stack.OfType("AWS::Lambda::EventSourceMapping"), name =>
        {
            JsonElement source = stack.Raw(name).GetProperty("Properties");
            Assert.Equal("""{"Fn::GetAtt": ["PhotoTable", "StreamArn"]}""", source.GetProperty("EventSourceArn").GetRawText());
            Assert.Equal($$"""{"Ref": "{{name.Replace("Source", "Aliaslive", StringComparison.Ordinal)}}"}""", source.GetProperty("FunctionName").GetRawText());
            Assert.Equal("""{"OnFailure": {"Destination": {"Fn::GetAtt": ["SweepFailures", "Arn"]}}}""", source.GetProperty("DestinationConfig").GetRawText());
            Assert.Equal("""["ReportBatchItemFailures"]""", source.GetProperty("FunctionResponseTypes").GetRawText());
            Assert.Equal("TRIM_HORIZON", source.GetProperty("StartingPosition").GetString());
            Assert.Equal(4 * 3600, source.GetProperty("MaximumRecordAgeInSeconds").GetInt32());
            Assert.True(source.GetProperty("BisectBatchOnFunctionError").GetBoolean());
        });
        Assert.Equal("NEW_AND_OLD_IMAGES", stack["PhotoTable"]["StreamSpecification"]["StreamViewType"].Text());
        Assert.Equal("""{"AttributeName":"expires","Enabled":true}""", stack["PhotoTable"]["TimeToLiveSpecification"].Json()!.ToJsonString());
    });

    /// <summary>Renderer.TimeLimit is for one picture of a batch, and ProcessLimits has the memory of its decoder.</summary>
    [Fact]
    public void RenderPhotoHasTimeMemoryAndDiskForAPicture() => Check(stack =>
    {
        Assert.InRange(stack["RenderPhoto"]["Timeout"].Number(0), 2 * (int)RenderPhoto.Renderer.TimeLimit.TotalSeconds, 900);
        Assert.InRange(stack["RenderPhoto"]["MemorySize"].Number(0), (int)(RenderPhoto.ProcessLimits.MaxMemoryBytes >> 20) + 256, 10240);
        Assert.InRange(stack["RenderPhoto"]["EphemeralStorage"]["Size"].Number(0), 512, 10240);
        Assert.Equal(10, stack["RenderPhotoSource"]["ParallelizationFactor"].Number(0));
    });

    [Theory]
    [InlineData("dev", "AllAtOnce", false)]
    [InlineData("prod", "Canary10Percent10Minutes", true)]
    public void AnAlarmRollsAGradualDeploymentBack(string environment, string type, bool checksAlarms) => DeployedStack.Check(SamConfig.Overrides(environment), stack =>
    {
        Assert.Equal(Functions(stack).Count(), stack.OfType("AWS::CodeDeploy::DeploymentGroup").Count());
        Assert.All(Functions(stack), function =>
        {
            TemplateNode group = stack[$"{function}DeploymentGroup"];
            Assert.Equal($"CodeDeployDefault.Lambda{type}", group["DeploymentConfigName"].Text());
            Assert.Equal(checksAlarms, group["AlarmConfiguration"]["Enabled"].Flag());
            Assert.Equal(
                !checksAlarms ? [] : HasRoute(function) ? [$"{function}ErrorsAlarm", "ApiErrorsAlarm", "ApiLatencyAlarm"] : [$"{function}ErrorsAlarm"],
                group["AlarmConfiguration"]["Alarms"].Items().Select(alarm => alarm["Name"].Text()));
            Assert.Contains("DEPLOYMENT_STOP_ON_ALARM", group["AutoRollbackConfiguration"]["Events"].Items().Select(one => one.Text()));
            Assert.Contains(
                $$"""{"Ref": "{{function}}DeploymentGroup"}""",
                stack.Raw($"{function}Aliaslive").GetProperty("UpdatePolicy").GetRawText(),
                StringComparison.Ordinal);
        });
    });

    [Fact]
    public void OldVersionsAreDeleted() => Check(stack =>
    {
        string[] versions = [.. stack.OfType("AWS::Lambda::Version")];

        Assert.Equal(Functions(stack).Count(), versions.Length);
        Assert.All(versions, version => Assert.Equal("Delete", stack.Raw(version).GetProperty("DeletionPolicy").GetString()));
    });

    [Fact]
    public void ResourcesWithDataAreRetained() => Check(stack =>
    {
        string[] holders =
        [
            .. ((string[])
            [
                "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient",
            ]).SelectMany(stack.OfType),
        ];

        Assert.Equal(["PhotoBucket", "PhotoBucketPolicy", "PhotoTable", "SweepFailures", "SweepFailuresPolicy", "UserPool", "UserPoolClient"], holders.Order(StringComparer.Ordinal));
        Assert.All(holders, holder =>
        {
            Assert.Equal("RetainExceptOnCreate", stack.Raw(holder).GetProperty("DeletionPolicy").GetString());
            Assert.Equal("Retain", stack.Raw(holder).GetProperty("UpdateReplacePolicy").GetString());
        });
    });

    /// <summary>When the creation of a stack fails, a retained resource keeps its name, and the next creation fails too.</summary>
    [Fact]
    public void AFailedFirstDeploymentLeavesNoNameBehind() => Check(stack =>
    {
        string[] named =
        [
            .. stack.Resources.Where(name => stack.Raw(name).TryGetProperty("Properties", out JsonElement properties)
                && ((string[])["TableName", "BucketName", "DashboardName", "FunctionName", "RoleName", "LogGroupName", "UserPoolName"])
                    .Any(property => properties.TryGetProperty(property, out _))),
        ];

        Assert.Superset(new HashSet<string>(["PhotoTable", "PhotoBucket", "SweepFailures", "Dashboard"]), named.ToHashSet());
        Assert.All(named, name => Assert.NotEqual(
            "Retain", stack.Raw(name).TryGetProperty("DeletionPolicy", out JsonElement policy) ? policy.GetString() : "Delete"));
    });

    [Theory]
    [InlineData("PhotoBucket")]
    [InlineData("SweepFailures")]
    public void TheBucketIsClosedToThePublicAndToPlainHttp(string name) => Check(stack =>
    {
        JsonElement bucket = stack.Raw(name).GetProperty("Properties");
        Assert.Contains("\"SSEAlgorithm\": \"AES256\"", bucket.GetProperty("BucketEncryption").GetRawText(), StringComparison.Ordinal);
        Assert.All(bucket.GetProperty("PublicAccessBlockConfiguration").EnumerateObject(), setting => Assert.True(setting.Value.GetBoolean(), setting.Name));
        Assert.Equal(4, bucket.GetProperty("PublicAccessBlockConfiguration").EnumerateObject().Count());
        Assert.Equal("""[{"ObjectOwnership": "BucketOwnerEnforced"}]""", bucket.GetProperty("OwnershipControls").GetProperty("Rules").GetRawText());

        JsonElement statement = Assert.Single(
            stack.Raw($"{name}Policy").GetProperty("Properties").GetProperty("PolicyDocument").GetProperty("Statement").EnumerateArray());
        Assert.Equal(
            ["Deny", "*", "s3:*", """{"Bool": {"aws:SecureTransport": "false"}}"""],
            ((string[])["Effect", "Principal", "Action", "Condition"]).Select(name => statement.GetProperty(name).ToString()));
        Assert.Equal(
            $$"""[{"Fn::GetAtt": ["{{name}}", "Arn"]}, {"Fn::Sub": "${{{name}}.Arn}/*"}]""", statement.GetProperty("Resource").GetRawText());
        Assert.Equal(stack[name]["BucketName"].Text(), stack[$"{name}Policy"]["Bucket"].Text());
    });

    [Fact]
    public void DiscardedRecordsExpireAfterAMonth() => Check(stack => Assert.Equal(
        """[{"Id":"OldRecords","Status":"Enabled","ExpirationInDays":30}]""",
        stack["SweepFailures"]["LifecycleConfiguration"]["Rules"].Json()!.ToJsonString()));

    /// <summary>The APIs of other stacks may use them, even if the creation of this stack fails.</summary>
    [Theory]
    [InlineData("ApiLogRole")]
    [InlineData("ApiLogAccount")]
    public void ResourcesOfTheWholeAccountAreRetained(string resource) => Check(stack =>
    {
        Assert.Equal("Retain", stack.Raw(resource).GetProperty("DeletionPolicy").GetString());
        Assert.Equal("Retain", stack.Raw(resource).GetProperty("UpdateReplacePolicy").GetString());
    });

    [Theory]
    [InlineData("dev", "devPhotoUsers", "photos-dev-123456789012-eu-central-1", 100, 200)]
    [InlineData("prod", "photoUsers", "photos-prod-123456789012-eu-central-1", 5000, 2500)]
    public void EachStageHasItsOwnNamesAndLimits(string environment, string table, string bucket, int rate, int burst) =>
        DeployedStack.Check(SamConfig.Overrides(environment), stack =>
        {
            Assert.Equal(table, stack["PhotoTable"]["TableName"].Text());
            Assert.Equal(bucket, stack["PhotoBucket"]["BucketName"].Text());
            Assert.Equal(environment, stack["ApiStage"]["StageName"].Text());
            Assert.Equal(StackName, stack["Api"]["Name"].Text());
            TemplateNode methods = Assert.Single(stack["ApiStage"]["MethodSettings"].Items());
            Assert.Equal("* /*", $"{methods["HttpMethod"].Text()} {methods["ResourcePath"].Text()}");
            Assert.Equal(rate, methods["ThrottlingRateLimit"].Number(0));
            Assert.Equal(burst, methods["ThrottlingBurstLimit"].Number(0));
        });

    [Fact]
    public void TheTableAndTheBucketsMayHaveOtherNames() => DeployedStack.Check(["TableName=albums", "BucketName=our-photos"], stack =>
    {
        Assert.Equal("albums", stack["PhotoTable"]["TableName"].Text());
        Assert.Equal("our-photos", stack["PhotoBucket"]["BucketName"].Text());
        Assert.Equal("our-photos-failures", stack["SweepFailures"]["BucketName"].Text());
        Assert.All(Functions(stack), function =>
        {
            Assert.Equal("albums", stack[function]["Environment"]["Variables"]["PHOTO_TABLE"].Text());
            Assert.Equal("our-photos", stack[function]["Environment"]["Variables"]["PHOTO_BUCKET"].Text());
        });
    });

    [Fact]
    public void TwoStacksOfOneStageCanShareAnAccount() => Check(stack =>
    {
        Assert.Equal("""{"Ref": "AWS::StackName"}""", stack.Raw("Api").GetProperty("Properties").GetProperty("Name").GetRawText());
        Assert.Equal("""{"Ref": "AWS::StackName"}""", stack.Raw("Dashboard").GetProperty("Properties").GetProperty("DashboardName").GetRawText());
    });

    [Fact]
    public void WithoutADomainNameTheStackHasNoDomainResources() => DeployedStack.Check(SamConfig.Overrides("prod"), stack =>
    {
        Assert.DoesNotContain(stack.Resources, resource => resource.StartsWith("Domain", StringComparison.Ordinal));
        Assert.Equal(
            ["ApiUrl", "DashboardUrl", "PhotoBucketName", "PhotoTableName", "RenderPhotoAlias", "SweepFailuresName", "SweepPhotoAlias", "UserPoolClientId", "UserPoolId"],
            stack.Outputs.Order(StringComparer.Ordinal));
    });

    [Theory]
    [InlineData("REGIONAL", "RegionalCertificateArn", "RegionalDomainName", "RegionalHostedZoneId")]
    [InlineData("EDGE", "CertificateArn", "DistributionDomainName", "DistributionHostedZoneId")]
    public void ADomainHasACertificateAMappingAndRecords(string endpoint, string certificate, string target, string zone) =>
        DeployedStack.Check([.. s_domain, $"EndpointType={endpoint}"], stack =>
        {
            TemplateNode domain = stack["Domain"];
            Assert.Equal("photos.example.com", domain["DomainName"].Text());
            Assert.Equal("arn:aws:acm:eu-central-1:123456789012:certificate/1", domain[certificate].Text());
            Assert.Single((string[])["RegionalCertificateArn", "CertificateArn"], name => domain[name].Exists);
            Assert.Equal(endpoint, Assert.Single(domain["EndpointConfiguration"]["Types"].Items()).Text());
            Assert.Equal("TLS_1_2", domain["SecurityPolicy"].Text());

            Assert.Equal("Domain Api ApiStage", $"{stack["DomainMapping"]["DomainName"].Text()} {stack["DomainMapping"]["RestApiId"].Text()} {stack["DomainMapping"]["Stage"].Text()}");
            Assert.False(stack["DomainMapping"]["BasePath"].Exists);

            Assert.All((string[])["A", "AAAA"], type =>
            {
                string record = Assert.Single(stack.OfType("AWS::Route53::RecordSet"), one => stack[one]["Type"].Text() == type);
                Assert.Equal("photos.example.com Z1", $"{stack[record]["Name"].Text()} {stack[record]["HostedZoneId"].Text()}");
                string alias = stack.Raw(record).GetProperty("Properties").GetProperty("AliasTarget").GetRawText();
                Assert.Contains($"\"{target}\"", alias, StringComparison.Ordinal);
                Assert.Contains($"\"{zone}\"", alias, StringComparison.Ordinal);
            });
            Assert.Contains("CustomUrl", stack.Outputs);
        });

    [Fact]
    public void ADomainMayHaveABasePath() => DeployedStack.Check([.. s_domain, "BasePath=album"], stack =>
    {
        Assert.Equal("album", stack["DomainMapping"]["BasePath"].Text());
        Assert.DoesNotContain("DomainPathMapping", stack.Resources);
    });

    /// <summary>The mappings of version 1 of API Gateway's API have no slash.</summary>
    [Fact]
    public void ABasePathMayHaveSeveralSegments() => DeployedStack.Check([.. s_domain, "BasePath=api/v1"], stack =>
    {
        Assert.Equal(
            """{"DomainName":"Domain","ApiId":"Api","Stage":"ApiStage","ApiMappingKey":"api/v1"}""",
            stack["DomainPathMapping"].Json()!.ToJsonString());
        Assert.DoesNotContain("DomainMapping", stack.Resources);
    });

    [Theory]
    [InlineData("true", "https://photos.example.com/album")]
    [InlineData("false", "https://Api.execute-api.eu-central-1.amazonaws.com/dev")]
    public void TheApiMayBeReachableOnlyThroughItsDomain(string isDisabled, string url)
    {
        string[] parameters = [.. s_domain, "BasePath=album", $"DisableExecuteApiEndpoint={isDisabled}"];
        Assert.Equal(url, TemplateSource.Read(parameters)["Outputs"]["ApiUrl"]["Value"].Text());
        DeployedStack.Check(parameters, stack =>
        {
            JsonElement choice = Body(stack).GetProperty("x-amazon-apigateway-endpoint-configuration").GetProperty("disableExecuteApiEndpoint").GetProperty("Fn::If");
            Assert.Equal(isDisabled, choice[stack.Holds(choice[0].GetString()!) ? 1 : 2].GetRawText());
        });
    }

    [Theory]
    [InlineData("false", "INACTIVE")]
    [InlineData("true", "ACTIVE")]
    public void TheTableAndTheUserPoolMayBeProtected(string isProtected, string userPool) =>
        DeployedStack.Check([$"DeletionProtection={isProtected}"], stack =>
        {
            Assert.Equal(isProtected, stack["PhotoTable"]["DeletionProtectionEnabled"].Text());
            Assert.Equal(userPool, stack["UserPool"]["DeletionProtection"].Text());
        });

    [Fact]
    public void FunctionsMayReserveConcurrency()
    {
        Check(stack => Assert.All(Functions(stack), function => Assert.False(stack[function]["ReservedConcurrentExecutions"].Exists, function)));
        DeployedStack.Check(["ReservedConcurrency=0"], stack => Assert.All(
            Functions(stack), function => Assert.Equal("0", stack[function]["ReservedConcurrentExecutions"].Text())));
    }

    /// <summary>You@example.com and you@example.com are one user. A pool that exists cannot change to that.</summary>
    [Fact]
    public void EmailsAreCaseInsensitiveUnlessThePoolIsOlder()
    {
        Check(stack => Assert.Equal("false", stack["UserPool"]["UsernameConfiguration"]["CaseSensitive"].Text()));
        DeployedStack.Check(["CaseSensitiveEmails=true"], stack => Assert.False(stack["UserPool"]["UsernameConfiguration"].Exists));
    }

    /// <summary>Without a version, a policy is of 2008.
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html</summary>
    [Fact]
    public void EveryPolicyHasAVersion() => Check(stack =>
    {
        JsonElement[] policies = [.. stack.Resources.SelectMany(name => PoliciesOf(stack.Raw(name)))];

        Assert.True(policies.Length > 2 * Functions(stack).Count(), $"{policies.Length} policies");
        Assert.All(policies, policy => Assert.Equal("2012-10-17", policy.TryGetProperty("Version", out JsonElement version) ? version.GetString() : "none"));

        static IEnumerable<JsonElement> PoliciesOf(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.Object when value.TryGetProperty("Statement", out JsonElement statements) && statements.ValueKind is JsonValueKind.Array => [value],
            JsonValueKind.Object => value.EnumerateObject().SelectMany(property => PoliciesOf(property.Value)),
            JsonValueKind.Array => value.EnumerateArray().SelectMany(PoliciesOf),
            _ => [],
        };
    });

    [Fact]
    public void WidgetsHaveAPlaceOfTheirOwn() => Check(stack =>
    {
        var taken = new HashSet<(int X, int Y)>();
        var dashboard = JsonElement.Parse(stack.Raw("Dashboard").GetProperty("Properties").GetProperty("DashboardBody").GetProperty("Fn::Sub").GetString()!);
        Assert.All(dashboard.GetProperty("widgets").EnumerateArray(), widget =>
        {
            int[] place = [.. ((string[])["x", "y", "width", "height"]).Select(name => widget.GetProperty(name).GetInt32())];
            Assert.InRange(place[0] + place[2], 1, 24);
            Assert.All(
                from x in Enumerable.Range(place[0], place[2]) from y in Enumerable.Range(place[1], place[3]) select (x, y),
                cell => Assert.True(taken.Add(cell), $"Two widgets cover {cell}."));
        });
    });

    [Theory]
    [InlineData(null, "https://eu-central-1.console.aws.amazon.com/cloudwatch/")]
    [InlineData("IsChina", "https://eu-central-1.console.amazonaws.cn/cloudwatch/")]
    [InlineData("IsGovCloud", "https://eu-central-1.console.amazonaws-us-gov.com/cloudwatch/")]
    [InlineData("IsEuropeanSovereignCloud", "https://eu-central-1.console.amazonaws-eusc.eu/cloudwatch/")]
    public void TheDashboardsUrlIsTheConsoleOfThePartition(string? partition, string url)
    {
        TemplateNode template = TemplateSource.Read(File.ReadAllText(Repository.Template), [], root =>
        {
            if (partition is not null)
            {
                ((YamlSequenceNode)root["Conditions"][partition]).Children[0] = root["Conditions"][partition][1];
            }
        });

        Assert.StartsWith(url, template["Outputs"]["DashboardUrl"]["Value"].Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheFirewallProtectsTheStageWhenItIsEnabled()
    {
        Check(stack => Assert.DoesNotContain(stack.Resources, resource => resource.StartsWith("Firewall", StringComparison.Ordinal)));
        DeployedStack.Check(["Waf=true"], stack =>
        {
            Assert.Equal("arn:aws:apigateway:eu-central-1::/restapis/Api/stages/ApiStage", stack["FirewallAssociation"]["ResourceArn"].Text());
            Assert.Equal(["Flood", "IpReputation", "KnownAttacks"], stack["Firewall"]["Rules"].Items().Select(rule => rule["Name"].Text()));
        });
    }

    [Fact]
    public void EveryFunctionLogsJsonToAGroupWithRetention() => DeployedStack.Check(SamConfig.Overrides("prod"), stack => Assert.All(Functions(stack), function =>
    {
        Assert.Equal($$"""{"LogFormat":"JSON","ApplicationLogLevel":"INFO","LogGroup":"{{function}}Log"}""", stack[function]["LoggingConfig"].Json()!.ToJsonString());
        Assert.Equal(365, stack[$"{function}Log"]["RetentionInDays"].Number(0));
        Assert.Equal($"{function}Log", stack[$"{function}ColdStarts"]["LogGroupName"].Text());
        Assert.Equal($"{function}ColdStart", Assert.Single(stack[$"{function}ColdStarts"]["MetricTransformations"].Items())["MetricName"].Text());
    }));

    [Fact]
    public void TheAccessLogIsOneJsonObjectARequest() => DeployedStack.Check(SamConfig.Overrides("prod"), stack =>
    {
        JsonElement setting = stack.Raw("ApiStage").GetProperty("Properties").GetProperty("AccessLogSetting");
        string format = setting.GetProperty("Format").GetString()!;

        Assert.Equal("""{"Fn::GetAtt": ["ApiLog", "Arn"]}""", setting.GetProperty("DestinationArn").GetRawText());
        Assert.DoesNotContain('\n', format);
        var fields = JsonElement.Parse(format);
        Assert.Equal("$context.requestId", fields.GetProperty("requestId").GetString());
        Assert.Equal("$context.extendedRequestId", fields.GetProperty("extendedRequestId").GetString());
        Assert.Equal(365, stack["ApiLog"]["RetentionInDays"].Number(0));
    });

    /// <summary>The stage refers to the group, the group depends on the account, and the account depends on the API.</summary>
    [Fact]
    public void TheStageIsCreatedAfterTheAccountMayWriteLogs() => Check(stack =>
    {
        Assert.Equal("ApiLogAccount", stack.Raw("ApiLog").GetProperty("DependsOn").GetString());
        Assert.Equal("Api", stack.Raw("ApiLogAccount").GetProperty("DependsOn").GetString());
    });

    [Fact]
    public void RequestsAreTraced() => Check(stack =>
    {
        Assert.Equal("true", stack["ApiStage"]["TracingEnabled"].Text());
        Assert.All(stack.OfType("AWS::Lambda::Function"), function => Assert.Equal("Active", stack[function]["TracingConfig"]["Mode"].Text()));
    });

    [Fact]
    public void EveryFunctionHasALogGroupAlarmsAndAMetricFilter() => Check(stack => Assert.All(Functions(stack), function => Assert.All(
        (string[])[$"{function}Log", $"{function}ErrorsAlarm", $"{function}ThrottlesAlarm", $"{function}ColdStarts"],
        resource => Assert.True(
            stack.Resources.Contains(resource),
            $"{function} does not have {resource}. Add it to template.yaml like {resource.Replace(function, "ListPhotos", StringComparison.Ordinal)}, and to the dashboard."))));

    [Fact]
    public void EveryFunctionAndTheApiHaveTheirAlarms() => Check(stack => Assert.Equal(
        Functions(stack)
            .SelectMany(function => (string[])
            [
                $"{function}ErrorsAlarm AWS/Lambda Errors FunctionName={function}",
                $"{function}ThrottlesAlarm AWS/Lambda Throttles FunctionName={function}",
            ])
            .Append($"ApiErrorsAlarm AWS/ApiGateway 5XXError ApiName={StackName} Stage=dev")
            .Append($"ApiLatencyAlarm AWS/ApiGateway Latency ApiName={StackName} Stage=dev")
            .Concat(((string[])["SweepPhoto", "RenderPhoto"]).SelectMany(function => (string[])
            [
                $"{function}AgeAlarm AWS/Lambda IteratorAge FunctionName={function}",
                $"{function}DiscardsAlarm AWS/Lambda OnFailureDestinationDeliveredEventCount EventSourceMappingUUID={function}Source",
            ]))
            .Append($"SkippedItemsAlarm {StackName} SkippedItem ")
            .Order(StringComparer.Ordinal),
        Alarms(stack)
            .Select(alarm => $"{alarm} {stack[alarm]["Namespace"].Text()} {stack[alarm]["MetricName"].Text()} "
                + string.Join(' ', stack[alarm]["Dimensions"].Items().Select(one => $"{one["Name"].Text()}={one["Value"].Text()}")))
            .Order(StringComparer.Ordinal)));

    [Fact]
    public void EveryAlarmNotifiesTheAlarmEmailIfThereIsOne()
    {
        Check(stack =>
        {
            Assert.All(Alarms(stack), alarm => Assert.False(stack[alarm]["AlarmActions"].Exists, alarm));
            Assert.DoesNotContain("AlarmTopic", stack.Resources);
        });
        DeployedStack.Check(["AlarmEmail=you@example.com"], stack =>
        {
            Assert.All(Alarms(stack), alarm => Assert.Equal("AlarmTopic", Assert.Single(stack[alarm]["AlarmActions"].Items()).Text()));
            Assert.Equal("you@example.com", Assert.Single(stack["AlarmTopic"]["Subscription"].Items())["Endpoint"].Text());
        });
    }

    [Fact]
    public void TheDashboardShowsEveryAlarmAndEveryFunction() => Check(stack =>
    {
        string source = stack.Raw("Dashboard").GetProperty("Properties").GetProperty("DashboardBody").GetProperty("Fn::Sub").GetString()!;
        var dashboard = JsonElement.Parse(source);

        Assert.Equal(
            Alarms(stack).Select(alarm => $"${{{alarm}.Arn}}").Order(StringComparer.Ordinal),
            dashboard.GetProperty("widgets")[0].GetProperty("properties").GetProperty("alarms").EnumerateArray()
                .Select(alarm => alarm.GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(
            Functions(stack).Select(function => $"{function}ColdStarts").Concat(s_readers.Select(function => $"{function}SkippedItems")).Order(StringComparer.Ordinal),
            stack.OfType("AWS::Logs::MetricFilter").Order(StringComparer.Ordinal));
        Assert.All(Functions(stack), function =>
        {
            Assert.Contains($"\"${{{function}}}\",{{\"label\":\"{function}\"}}", source, StringComparison.Ordinal);
            Assert.Contains($"SOURCE '${{{function}Log}}'", source, StringComparison.Ordinal);
        });
        Assert.All(stack.OfType("AWS::Logs::MetricFilter"), filter =>
        {
            TemplateNode metric = Assert.Single(stack[filter]["MetricTransformations"].Items());
            Assert.Equal(StackName, metric["MetricNamespace"].Text());
            Assert.Contains($"\"{metric["MetricName"].Text()}\"", source, StringComparison.Ordinal);
        });
    });

    [Fact]
    public void SkippedItemsAreCounted() => Check(stack => Assert.All(s_readers, function =>
    {
        TemplateNode filter = stack[$"{function}SkippedItems"];
        Assert.Equal($"{function}Log", filter["LogGroupName"].Text());
        Assert.Equal("""{ $.message = "Skipped an item that is not a photo*" }""", filter["FilterPattern"].Text());
        Assert.Equal("SkippedItem", Assert.Single(filter["MetricTransformations"].Items())["MetricName"].Text());
        Assert.Contains(
            "\"Skipped an item that is not a photo: ",
            File.ReadAllText(Path.Combine(Repository.Root, "src", "Shared", "Album", "PhotoTable.cs")),
            StringComparison.Ordinal);
    }));

    [Fact]
    public void OnlyItemsThatAreGoneReachSweepPhoto() => AssertFilters(
        "SweepPhotoSource",
        """{"eventName":["MODIFY"],"dynamodb":{"NewImage":{"state":{"S":["deleted"]}}}}""",
        """{"eventName":["REMOVE"],"userIdentity":{"type":["Service"],"principalId":["dynamodb.amazonaws.com"]}}""");

    [Fact]
    public void OnlyPhotosThatBecameListedReachRenderPhoto() => AssertFilters(
        "RenderPhotoSource",
        """{"eventName":["MODIFY"],"dynamodb":{"NewImage":{"state":{"S":[{"exists":false}]},"rendered":{"S":[{"exists":false}]}},"OldImage":{"state":{"S":["granted"]}}}}""",
        """{"eventName":["INSERT"],"dynamodb":{"NewImage":{"state":{"S":[{"exists":false}]},"rendered":{"S":[{"exists":false}]}}}}""");

    /// <summary>See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html: CloudFormation does not support YAML aliases.</summary>
    [Fact]
    public void TheTemplateHasNoYamlAliases() =>
        Assert.DoesNotMatch(@"(?m)^[^#\n]*[:-] [&*]\w+\s*$", File.ReadAllText(Repository.Template));

    private static void Check(Action<DeployedStack> check) => DeployedStack.Check([], check);

    private static IEnumerable<string> Functions(DeployedStack stack) => stack.OfType("AWS::Lambda::Function");

    private static void AssertFilters(string source, params string[] patterns) => Check(stack => Assert.Equal(
        patterns, stack[source]["FilterCriteria"]["Filters"].Items().Select(filter => filter["Pattern"].Text())));

    private static bool HasRoute(string function) => ExampleRequest.RoutesOf(function).Any();

    private static IEnumerable<string> Alarms(DeployedStack stack) => stack.OfType("AWS::CloudWatch::Alarm");

    private static JsonElement Body(DeployedStack stack) => stack.Raw("Api").GetProperty("Properties").GetProperty("Body");

    private static JsonElement SelectedUserPool(DeployedStack stack) => Body(stack)
        .GetProperty("securityDefinitions").GetProperty("Users").GetProperty("x-amazon-apigateway-authorizer")
        .GetProperty("providerARNs")[0].GetProperty("Fn::Select");

    private static IEnumerable<string> Texts(TemplateNode oneOrMore) => oneOrMore.IsText ? [oneOrMore.Text()] : oneOrMore.Items().Select(item => item.Text());
}

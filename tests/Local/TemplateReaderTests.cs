using Photos.Local;
using Photos.Local.Template;

namespace Photos.Tests.Local;

public sealed class TemplateReaderTests
{
    private const string Small = """
        Parameters:
          Stage: { Type: String, Default: dev }
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
        Resources:
          List:
            Type: AWS::Serverless::Function
            Properties:
              Environment: { Variables: { TABLE: !Ref Table, BUCKET: !Ref Bucket, VALUE: "v" } }
              Events:
                All: { Type: Api, Properties: { Path: /photos, Method: get } }
          Api:
            Type: AWS::Serverless::Api
            Properties: { StageName: !Ref Stage }
          Table:
            Type: AWS::DynamoDB::Table
            Properties:
              TableName: photos
              KeySchema: [{ AttributeName: id, KeyType: HASH }, { AttributeName: photoId, KeyType: RANGE }]
          Bucket:
            Type: AWS::S3::Bucket
            Properties: { BucketName: album }
        """;

    [Fact]
    public void TheDeployedTemplateHasItsRoutesAndFunctions()
    {
        StackDefinition stack = TemplateReader.Read(Repository.Template, "us-east-1");

        Assert.Equal("dev", stack.Stage);
        Assert.Superset(
            new HashSet<string> { "ListPhotos", "WritePhoto", "DeletePhoto", "SweepPhoto", "RenderPhoto" }, stack.Functions.Select(function => function.Name).ToHashSet());
        Assert.Superset(
            new HashSet<string>
            {
                "GET /photos ListPhotos",
                "GET /photos/{id} ListPhotos",
                "POST /photos/uploads WritePhoto",
                "POST /photos WritePhoto",
                "PATCH /photos/{id} WritePhoto",
                "POST /photos/deletions DeletePhoto",
                "DELETE /photos/{id} DeletePhoto",
                "DELETE /photos DeletePhoto",
                "DELETE /album DeletePhoto",
            },
            stack.Routes.Select(route => $"{route.Method} {route.Resource} {route.Function}").ToHashSet());
    }

    [Fact]
    public void TheDeployedTemplateHasTheSettingsOfFunctionsAndEngines()
    {
        StackDefinition stack = TemplateReader.Read(Repository.Template, "eu-west-1");

        Assert.Equal(1024, stack.MinimumCompressionSize);
        FunctionDefinition write = stack.Functions[1];
        Assert.Equal(512, write.MemoryMegabytes);
        Assert.Equal(TimeSpan.FromSeconds(10), write.Timeout);
        Assert.Equal("devPhotoUsers", write.Environment["PHOTO_TABLE"]);
        Assert.Equal("photos-dev-123456789012-eu-west-1", write.Environment["PHOTO_BUCKET"]);
        Assert.Equal("26214400", write.Environment["MAX_PHOTO_BYTES"]);
        Assert.Equal(
            new TableDefinition("devPhotoUsers", "id", "photoId")
            {
                StreamViewType = "NEW_AND_OLD_IMAGES",
                TimeToLiveAttribute = "expires",
                Index = new IndexDefinition("ByTaken", "id", "takenUtc"),
            },
            stack.Table);
        Assert.Equal("photos-dev-123456789012-eu-west-1", stack.Bucket.Name);
        BucketCorsRule cors = Assert.Single(stack.Bucket.CorsRules);
        Assert.Equal(["*"], cors.AllowedOrigins);
        Assert.Equal(["HEAD", "GET", "PUT", "POST", "DELETE"], cors.AllowedMethods);
        Assert.Equal(3000, cors.MaxAgeSeconds);
    }

    [Fact]
    public void TheDeployedTemplateHasTheGatewaysCorsHeaders()
    {
        StackDefinition stack = TemplateReader.Read(Repository.Template, "us-east-1");

        Assert.Equal("*", stack.Cors.AllowOrigin);
        Assert.Equal("3000", stack.Cors.MaxAge);
        Assert.Contains("Authorization", stack.Cors.AllowHeaders, StringComparison.Ordinal);
        Assert.Equal("*", stack.GatewayResponses["DEFAULT_4XX"].Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("*", stack.GatewayResponses["DEFAULT_5XX"].Headers["Access-Control-Allow-Origin"]);
    }

    [Fact]
    public void AFunctionHasLambdasDefaults()
    {
        FunctionDefinition function = Assert.Single(Read(Small).Functions);

        Assert.Equal(TimeSpan.FromSeconds(3), function.Timeout);
        Assert.Equal(128, function.MemoryMegabytes);
    }

    [Theory]
    [InlineData("!Ref Stage", "dev")]
    [InlineData("{ Ref: Stage }", "dev")]
    [InlineData("!Ref Table", "photos")]
    [InlineData("!Ref AWS::AccountId", "123456789012")]
    [InlineData("!Ref AWS::Region", "us-east-1")]
    [InlineData("!Sub \"${Stage}-${AWS::Partition}-${!Stage}\"", "dev-aws-${Stage}")]
    [InlineData("!Sub [\"${A}/${Stage}\", { A: !Ref Bucket }]", "album/dev")]
    [InlineData("{ \"Fn::Sub\": \"${Bucket.Arn}/*\" }", "arn:aws:s3:::album/*")]
    [InlineData("!GetAtt Table.Arn", "arn:aws:dynamodb:us-east-1:123456789012:table/photos")]
    [InlineData("!GetAtt Table.StreamArn", "arn:aws:dynamodb:us-east-1:123456789012:table/photos/stream/local")]
    [InlineData("!Ref List.Alias", "arn:aws:lambda:us-east-1:123456789012:function:List")]
    [InlineData("{ \"Fn::GetAtt\": [Bucket, Arn] }", "arn:aws:s3:::album")]
    [InlineData("!If [IsProd, a, b]", "b")]
    [InlineData("{ \"Fn::If\": [IsProd, a, !If [IsProd, c, !Ref Stage]] }", "dev")]
    [InlineData("!Join [\"-\", [a, !Ref Stage, !Ref AWS::NoValue]]", "a-dev")]
    [InlineData("!Select [1, !Split [\",\", \"a,b,c\"]]", "b")]
    [InlineData("!Join [\"|\", !Split [\",\", \"a,b\"]]", "a|b")]
    [InlineData("true", "true")]
    [InlineData("0123", "0123")]
    public void AnIntrinsicFunctionIsEvaluated(string yaml, string expected) =>
        Assert.Equal(expected, Assert.Single(Read(Small.Replace("\"v\"", yaml, StringComparison.Ordinal)).Functions).Environment["VALUE"]);

    [Fact]
    public void NoValueOmitsAVariable()
    {
        string yaml = Small.Replace("\"v\"", "!Ref AWS::NoValue", StringComparison.Ordinal);

        Assert.False(Assert.Single(Read(yaml).Functions).Environment.ContainsKey("VALUE"));
    }

    [Theory]
    [InlineData("!And [!Condition IsDev, !Not [!Condition IsProd]]", "yes")]
    [InlineData("!Or [!Condition IsProd, !Equals [a, b]]", "no")]
    [InlineData("{ \"Fn::Not\": [{ Condition: IsProd }] }", "yes")]
    public void ConditionsCanBeCombined(string condition, string expected)
    {
        string yaml = Small
            .Replace("  IsProd:", $"  IsDev: !Not [!Condition IsProd]\n  Tried: {condition}\n  IsProd:", StringComparison.Ordinal)
            .Replace("\"v\"", "!If [Tried, yes, no]", StringComparison.Ordinal);

        Assert.Equal(expected, Assert.Single(Read(yaml).Functions).Environment["VALUE"]);
    }

    [Fact]
    public void FindInMapLooksUpAValue()
    {
        string yaml = Small.Replace("\"v\"", "!FindInMap [Sizes, !Ref Stage, Max]", StringComparison.Ordinal)
            + "\nMappings: { Sizes: { dev: { Max: 7 } } }";

        Assert.Equal("7", Assert.Single(Read(yaml).Functions).Environment["VALUE"]);
    }

    [Fact]
    public void GlobalsAreMergedAndTheFunctionsPropertiesWin()
    {
        string yaml = Small + """

            Globals:
              Function:
                Timeout: 7
                Environment: { Variables: { VALUE: global, OTHER: global } }
            """;

        FunctionDefinition function = Assert.Single(Read(yaml).Functions);

        Assert.Equal(TimeSpan.FromSeconds(7), function.Timeout);
        Assert.Equal("v", function.Environment["VALUE"]);
        Assert.Equal("global", function.Environment["OTHER"]);
    }

    [Fact]
    public void ResourcesThatAreNotDeployedOrNotSupportedAreIgnored()
    {
        string yaml = Small.Replace("  Api:\n", """
              Logs:
                Type: AWS::S3::Bucket
                Properties: { BucketName: logs, Tags: !ImportValue Elsewhere }
              ProdOnly:
                Type: AWS::Serverless::Function
                Condition: IsProd
                Properties: { Events: { E: { Type: Api, Properties: { Path: /prod, Method: GET } } } }
              Canary:
                Type: AWS::Serverless::Function
                Properties: { Environment: { Variables: { X: !GetAtt Topic.Name } } }
              Firewall:
                Type: AWS::WAFv2::WebACL
                Properties: { Scope: !Transform { Name: x } }
              Api:

            """, StringComparison.Ordinal);

        StackDefinition stack = Read(yaml);

        Assert.Equal("List", Assert.Single(stack.Functions).Name);
        Assert.Equal("/photos", Assert.Single(stack.Routes).Resource);
        Assert.Equal("album", stack.Bucket.Name);
    }

    [Fact]
    public void GatewayResponsesAndBinaryTypesAreRead()
    {
        string yaml = Small.Replace("StageName: !Ref Stage", """
            StageName: !Ref Stage, Cors: "'https://a.example'", BinaryMediaTypes: [image~1png, "*/*"], GatewayResponses: { DEFAULT_4XX: { ResponseParameters: { Headers: { X-A: "'1'" } } } }
            """, StringComparison.Ordinal);

        StackDefinition stack = Read(yaml);

        Assert.Equal(new CorsDefinition("https://a.example", null, null, null), stack.Cors);
        Assert.Equal(["image/png", "*/*"], stack.BinaryMediaTypes);
        Assert.Equal("1", stack.GatewayResponses["DEFAULT_4XX"].Headers["X-A"]);
    }

    [Theory]
    [InlineData("\"v\"", "!Ref Nothing", "The template's line 9, Resources.List.Properties.Environment.Variables.VALUE, refers to Nothing, which is neither a parameter nor a resource.")]
    [InlineData("\"v\"", "!ImportValue X", "The template's line 9, Resources.List.Properties.Environment.Variables.VALUE, uses ImportValue, which the local host does not support.")]
    [InlineData("\"v\"", "!GetAtt Api.RootResourceId", "The template's line 9, Resources.List.Properties.Environment.Variables.VALUE, refers to Api.RootResourceId, which exists only in AWS. Use a value that the local host can resolve.")]
    [InlineData("\"v\"", "[a]", "The template's line 9, Resources.List.Properties.Environment.Variables.VALUE, must be a string.")]
    [InlineData("Method: get", "Verb: get", "The template's line 11, Resources.List.Properties.Events.All.Properties.Method, is missing.")]
    [InlineData("Method: get", "Method: ANY", "Resources.List.Properties.Events.All.Properties.Method, must be a single HTTP method, because the local host does not support ANY.")]
    [InlineData("Path: /photos", "Path: \"/{proxy+}\"", "Properties.Path, must not have a greedy parameter, because the local host does not support it.")]
    [InlineData("Method: get", "Method: get, Auth: { Authorizer: NONE }", "Properties.Auth, must be set on the API, because the local host does not support it on an event.")]
    [InlineData("Method: get", "Method: get, RequestModel: { Model: New, ValidateBody: true }", "Properties.RequestModel, must not be set, because the local host does not validate requests. The functions do.")]
    [InlineData("StageName: !Ref Stage", "StageName: dev, GatewayResponses: { DEFAULT_4XX: { ResponseTemplates: { application/json: x } } }", "DEFAULT_4XX.ResponseTemplates, must not be set, because the local host does not support it.")]
    [InlineData("TableName: photos", "TableName: !Ref Table", "The template's line 18, Resources.Table.Properties.TableName, depends on the resource Table, which depends on itself.")]
    [InlineData("!Equals [!Ref Stage, prod]", "!Condition IsProd", "which depends on itself.")]
    [InlineData("AWS::Serverless::Api", "AWS::Serverless::HttpApi", "must have exactly one resource of type AWS::Serverless::Api, but has 0.")]
    [InlineData("BUCKET: !Ref Bucket", "BUCKET: other", "must have exactly one resource of type AWS::S3::Bucket whose name is in the functions' environment, but has 0.")]
    [InlineData("Stage: { Type: String, Default: dev }", "Stage: { Type: String }", "refers to the parameter Stage, which has no default value. Give it one, which the local host uses.")]
    [InlineData("Resources:", "Resources: [", "is not YAML")]
    public void AnErrorNamesThePlaceInOneLine(string part, string replacement, string expected)
    {
        string yaml = Small.Replace(part, replacement, StringComparison.Ordinal).Replace("VALUE: \"v\"", "VALUE: !If [IsProd, a, b]", StringComparison.Ordinal);

        string message = Assert.Throws<LocalHostException>(() => Read(yaml)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void TheDeployedTemplateHasItsEventSources()
    {
        IReadOnlyList<EventSourceDefinition> sources = TemplateReader.Read(Repository.Template, "eu-west-1").EventSources;

        Assert.Equal(
            [("SweepPhotoSource", "SweepPhoto", 25, 1, TimeSpan.FromSeconds(1)), ("RenderPhotoSource", "RenderPhoto", 5, 10, TimeSpan.Zero)],
            sources.Select(source => (source.Name, source.Function, source.BatchSize, source.Parallelization, source.BatchingWindow)));
        Assert.All(sources, source =>
        {
            Assert.True(source.ReportsFailures && source.Bisects);
            Assert.Equal((EventSourceDefinition.Unlimited, 4 * 3600), (source.MaxRetries, source.MaxRecordAgeSeconds));
            Assert.Equal("photos-dev-failures-123456789012-eu-west-1", source.FailureBucket);
            Assert.Equal(2, source.Filters.Count);
        });
    }

    [Theory]
    [InlineData("!Ref Sweep")]
    [InlineData("!GetAtt Sweep.Arn")]
    [InlineData("!Ref Sweep.Alias")]
    [InlineData("!Sub \"${Sweep.Arn}:live\"")]
    public void AnEventSourceHasLambdasDefaultsAndItsFunctionIsRead(string function)
    {
        StackDefinition stack = Read(WithEventSource($"FunctionName: {function}"));

        EventSourceDefinition source = Assert.Single(stack.EventSources);
        Assert.Equal("List Sweep", string.Join(' ', stack.Functions.Select(one => one.Name)));
        Assert.Equal(("Source", "Sweep", 100, 1, TimeSpan.Zero), (source.Name, source.Function, source.BatchSize, source.Parallelization, source.BatchingWindow));
        Assert.False(source.ReportsFailures || source.Bisects);
        Assert.Equal((EventSourceDefinition.Unlimited, EventSourceDefinition.Unlimited), (source.MaxRetries, source.MaxRecordAgeSeconds));
        Assert.Null(source.FailureBucket);
        Assert.Empty(source.Filters);
    }

    [Fact]
    public void ADisabledEventSourceIsNotRun()
    {
        StackDefinition stack = Read(WithEventSource("FunctionName: !Ref Sweep, Enabled: false"));

        Assert.Empty(stack.EventSources);
        Assert.Equal("List", Assert.Single(stack.Functions).Name);
    }

    [Theory]
    [InlineData("TRIM_HORIZON", "LATEST", "Properties.StartingPosition, must be TRIM_HORIZON, because the local host does not support other positions.")]
    [InlineData("Table.StreamArn", "Table.Arn", "Properties.EventSourceArn, must be the StreamArn of the functions' table, because the local host has no other event sources.")]
    [InlineData("!Ref Sweep", "Gone", "Properties.FunctionName, refers to Gone, which is not a function of the template.")]
    [InlineData("FunctionName: !Ref Sweep", "FunctionName: !Ref Sweep, DestinationConfig: { OnFailure: { Destination: \"arn:aws:sqs:us-east-1:123456789012:queue\" } }", "Destination, must be the ARN of a bucket, because the local host has no other destinations.")]
    public void AnEventSourceThatTheLocalHostCannotRunIsReported(string part, string replacement, string expected)
    {
        string yaml = WithEventSource("FunctionName: !Ref Sweep").Replace(part, replacement, StringComparison.Ordinal);

        Assert.Contains(expected, Assert.Throws<LocalHostException>(() => Read(yaml)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GlobalsOfTheApiAreMerged()
    {
        StackDefinition stack = Read(Small + "\nGlobals: { Api: { Cors: \"'*'\" } }");

        Assert.Equal("*", stack.Cors.AllowOrigin);
    }

    [Fact]
    public void AMissingFileIsReported()
    {
        string message = Assert.Throws<LocalHostException>(() => TemplateReader.Read("nowhere.yaml", "us-east-1")).Message;

        Assert.StartsWith("nowhere.yaml cannot be read. Specify the template with --template.", message, StringComparison.Ordinal);
    }

    private static string WithEventSource(string properties) => Small + $$"""

          Sweep:
            Type: AWS::Serverless::Function
          Source:
            Type: AWS::Lambda::EventSourceMapping
            Properties: { EventSourceArn: !GetAtt Table.StreamArn, StartingPosition: TRIM_HORIZON, {{properties}} }
        """;

    private static StackDefinition Read(string yaml) => TemplateReader.Read(new StringReader(yaml), "us-east-1");
}

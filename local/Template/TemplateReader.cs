using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Photos.Local.Template;

/// <summary>Reads the template that is deployed to AWS, so that the local host runs the same stack.
/// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html</summary>
internal static class TemplateReader
{
    /// <exception cref="LocalHostException">The file is missing, is not YAML, or lacks something that the local host needs. The
    /// message names the place.</exception>
    public static StackDefinition Read(string path, string region)
    {
        try
        {
            using StreamReader reader = File.OpenText(path);
            return Read(reader, region);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LocalHostException($"{path} cannot be read. Specify the template with --template. ({e.Message})");
        }
    }

    /// <inheritdoc cref="Read(string, string)"/>
    public static StackDefinition Read(TextReader yaml, string region)
    {
        TemplateNode template = new Intrinsics(Parse(yaml), region).Root;
        List<KeyValuePair<string, TemplateNode>> resources = [.. template["Resources"].Entries().Where(IsDeployed)];

        TemplateNode api = Only(template, Of(resources, "AWS::Serverless::Api"), "resource of type AWS::Serverless::Api");
        List<RouteDefinition> routes = [.. Of(resources, "AWS::Serverless::Function").SelectMany(Routes)];
        if (routes.Count == 0)
        {
            throw template["Resources"].Wrong("has no function with an event of type Api");
        }

        List<(EventSourceDefinition Source, TemplateNode Properties)> eventSources =
        [
            .. Of(resources, "AWS::Lambda::EventSourceMapping")
                .Where(mapping => !mapping.Value["Properties"]["Enabled"].Exists || mapping.Value["Properties"]["Enabled"].Flag())
                .Select(mapping => (EventSourceDefinition.Read(mapping.Key, mapping.Value["Properties"]), mapping.Value["Properties"])),
        ];
        HashSet<string> invoked = [.. routes.Select(route => route.Function), .. eventSources.Select(one => one.Source.Function)];
        TemplateNode globals = template["Globals"]["Function"];
        List<FunctionDefinition> functions =
        [
            .. Of(resources, "AWS::Serverless::Function")
                .Where(function => invoked.Contains(function.Key))
                .Select(function => Function(function.Key, globals, function.Value["Properties"])),
        ];

        TableDefinition table = Table(template, resources, functions);
        eventSources.ForEach(one => one.Source.Check(one.Properties, table, functions));
        return new StackDefinition(
            api["StageName"].Text(),
            functions,
            routes,
            Cors(Setting("Cors")),
            GatewayResponses(Setting("GatewayResponses")),
            [.. Setting("BinaryMediaTypes").Items().Select(type => type.Text().Replace("~1", "/", StringComparison.Ordinal))],
            table,
            Bucket(template, resources, functions))
        {
            EventSources = [.. eventSources.Select(one => one.Source)],
            MinimumCompressionSize = Setting("MinimumCompressionSize").Exists ? Setting("MinimumCompressionSize").Number(0) : null,
        };

        TemplateNode Setting(string name) => api[name].Exists ? api[name] : template["Globals"]["Api"][name];

        bool IsDeployed(KeyValuePair<string, TemplateNode> resource) =>
            !resource.Value["Condition"].Exists
            || resource.Value.Holds(resource.Value["Condition"].Text());
    }

    private static YamlMappingNode Parse(TextReader yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(yaml);
        }
        catch (YamlException e)
        {
            throw new LocalHostException($"The template's line {e.Start.Line} is not YAML: {e.Message}");
        }

        return stream.Documents is [{ RootNode: YamlMappingNode root }, ..]
            ? root
            : throw new LocalHostException("The template is empty.");
    }

    private static IEnumerable<RouteDefinition> Routes(KeyValuePair<string, TemplateNode> function)
    {
        foreach (TemplateNode e in function.Value["Properties"]["Events"].Entries().Select(entry => entry.Value))
        {
            if (e["Type"].Text() is "Api")
            {
                yield return Route(function.Key, e["Properties"]);
            }
        }
    }

    private static RouteDefinition Route(string function, TemplateNode properties)
    {
        TemplateNode method = properties["Method"];
        TemplateNode path = properties["Path"];
        if (method.Text().Equals("any", StringComparison.OrdinalIgnoreCase))
        {
            throw method.Wrong("must be a single HTTP method, because the local host does not support ANY");
        }

        if (path.Text().Contains("+}", StringComparison.Ordinal))
        {
            throw path.Wrong("must not have a greedy parameter, because the local host does not support it");
        }

        if (properties["Auth"].Exists)
        {
            throw properties["Auth"].Wrong("must be set on the API, because the local host does not support it on an event");
        }

        if (properties["RequestModel"].Exists)
        {
            throw properties["RequestModel"].Wrong("must not be set, because the local host does not validate requests. The functions do");
        }

        return new RouteDefinition(method.Text().ToUpperInvariant(), path.Text(), function);
    }

    private static FunctionDefinition Function(string name, TemplateNode globals, TemplateNode own)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (TemplateNode properties in (TemplateNode[])[globals, own])
        {
            foreach ((string variable, TemplateNode value) in properties["Environment"]["Variables"].Entries())
            {
                if (value.Exists)
                {
                    environment[variable] = value.Text();
                }
            }
        }

        // Lambda's defaults are 3 seconds and 128 MB.
        return new FunctionDefinition(
            name,
            TimeSpan.FromSeconds(own["Timeout"].Number(globals["Timeout"].Number(3))),
            own["MemorySize"].Number(globals["MemorySize"].Number(128)),
            environment);
    }

    private static CorsDefinition Cors(TemplateNode cors)
    {
        // A string, as in Cors: "'*'", sets only the origin.
        return cors.IsText
            ? new CorsDefinition(Unquoted(cors), null, null, null)
            : new CorsDefinition(
                Unquoted(cors["AllowOrigin"]),
                Unquoted(cors["AllowMethods"]),
                Unquoted(cors["AllowHeaders"]),
                Unquoted(cors["MaxAge"]));
    }

    private static Dictionary<string, GatewayResponseDefinition> GatewayResponses(TemplateNode responses)
    {
        var definitions = new Dictionary<string, GatewayResponseDefinition>(StringComparer.Ordinal);
        foreach ((string type, TemplateNode response) in responses.Entries())
        {
            if (response["ResponseTemplates"].Exists)
            {
                throw response["ResponseTemplates"].Wrong("must not be set, because the local host does not support it");
            }

            definitions[type] = new GatewayResponseDefinition(response["ResponseParameters"]["Headers"].Entries().ToDictionary(
                header => header.Key, header => Unquoted(header.Value) ?? "", StringComparer.OrdinalIgnoreCase));
        }

        return definitions;
    }

    /// <summary>API Gateway encloses literal header values in single quotes.</summary>
    private static string? Unquoted(TemplateNode value)
    {
        if (!value.Exists)
        {
            return null;
        }

        return value.Text() is ['\'', .. string inner, '\''] ? inner : throw value.Wrong("must be in single quotes, as in \"'*'\"");
    }

    private static TableDefinition Table(
        TemplateNode template, IEnumerable<KeyValuePair<string, TemplateNode>> resources, List<FunctionDefinition> functions)
    {
        (string name, TemplateNode table) = Used(template, resources, "AWS::DynamoDB::Table", functions);
        (string partition, string sort) = Keys(table);
        TemplateNode[] indexes = [.. table["GlobalSecondaryIndexes"].Items()];
        return indexes.Length > 1
            ? throw table["GlobalSecondaryIndexes"].Wrong($"must have at most one index, but has {indexes.Length}")
            : new TableDefinition(name, partition, sort)
            {
                StreamViewType = table["StreamSpecification"].Exists ? table["StreamSpecification"]["StreamViewType"].Text() : null,
                TimeToLiveAttribute = table["TimeToLiveSpecification"]["Enabled"].Flag()
                    ? table["TimeToLiveSpecification"]["AttributeName"].Text()
                    : null,
                Index = indexes is [TemplateNode index] ? Index(index) : null,
            };
    }

    private static IndexDefinition Index(TemplateNode index)
    {
        TemplateNode projection = index["Projection"]["ProjectionType"];
        if (projection.Text() != "ALL")
        {
            throw projection.Wrong("must be ALL, because the local host supports no other");
        }

        (string partition, string sort) = Keys(index);
        return new IndexDefinition(index["IndexName"].Text(), partition, sort);
    }

    private static (string Partition, string Sort) Keys(TemplateNode keyed)
    {
        Dictionary<string, string> keys = keyed["KeySchema"].Items()
            .ToDictionary(key => key["KeyType"].Text(), key => key["AttributeName"].Text(), StringComparer.Ordinal);
        return keys.TryGetValue("HASH", out string? partition) && keys.TryGetValue("RANGE", out string? sort)
            ? (partition, sort)
            : throw keyed["KeySchema"].Wrong("must have a HASH and a RANGE key");
    }

    private static BucketDefinition Bucket(
        TemplateNode template, IEnumerable<KeyValuePair<string, TemplateNode>> resources, List<FunctionDefinition> functions)
    {
        (string name, TemplateNode bucket) = Used(template, resources, "AWS::S3::Bucket", functions);
        return new BucketDefinition(name, [.. bucket["CorsConfiguration"]["CorsRules"].Items().Select(rule => new BucketCorsRule(
            Texts(rule["AllowedOrigins"]),
            Texts(rule["AllowedMethods"]),
            Texts(rule["AllowedHeaders"]),
            Texts(rule["ExposedHeaders"]),
            rule["MaxAge"].Number(0)))]);

        static List<string> Texts(TemplateNode list) => [.. list.Items().Select(item => item.Text())];
    }

    /// <summary>The table or bucket whose name is in the functions' environment. A stack may have others, for logs for
    /// example.</summary>
    private static (string Name, TemplateNode Properties) Used(
        TemplateNode template,
        IEnumerable<KeyValuePair<string, TemplateNode>> resources,
        string type,
        List<FunctionDefinition> functions)
    {
        List<KeyValuePair<string, TemplateNode>> used =
        [
            .. Of(resources, type)
                .Select(resource => KeyValuePair.Create(template.NameOf(resource.Key), resource.Value))
                .Where(resource => functions.Exists(function => function.Environment.Values.Contains(resource.Key, StringComparer.Ordinal))),
        ];
        TemplateNode properties = Only(template, used, $"resource of type {type} whose name is in the functions' environment");
        return (used[0].Key, properties);
    }

    private static IEnumerable<KeyValuePair<string, TemplateNode>> Of(
        IEnumerable<KeyValuePair<string, TemplateNode>> resources, string type) =>
        resources.Where(resource => string.Equals(resource.Value["Type"].Text(), type, StringComparison.Ordinal));

    /// <summary>The properties of the single resource in a list.</summary>
    private static TemplateNode Only(TemplateNode template, IEnumerable<KeyValuePair<string, TemplateNode>> resources, string what)
    {
        List<KeyValuePair<string, TemplateNode>> found = [.. resources];
        return found.Count == 1
            ? found[0].Value["Properties"]
            : throw template["Resources"].Wrong($"must have exactly one {what}, but has {found.Count}");
    }
}

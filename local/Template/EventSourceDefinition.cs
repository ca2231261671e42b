namespace Photos.Local.Template;

/// <summary>One <c>AWS::Lambda::EventSourceMapping</c>: invokes a function with the records of the table's stream.</summary>
/// <param name="Name">The logical ID.</param>
/// <param name="Function">The <see cref="FunctionDefinition.Name"/> of the function.</param>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html</remarks>
internal sealed record EventSourceDefinition(string Name, string Function)
{
    /// <summary>Lambda's maximum and default for retries and for the age of records.</summary>
    public const int Unlimited = -1;

    // What the local host does. Each other property would change which records the function receives.
    private static readonly string[] s_properties =
    [
        "EventSourceArn", "FunctionName", "StartingPosition", "BatchSize", "MaximumBatchingWindowInSeconds", "FilterCriteria",
        "FunctionResponseTypes", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds",
        "DestinationConfig", "Enabled", "MetricsConfig", "ParallelizationFactor", "Tags",
    ];

    /// <summary>The most records of one invocation.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>The most batches of a shard that are sent at the same time.</summary>
    public int Parallelization { get; init; } = 1;

    /// <summary>How long records are gathered for a batch.</summary>
    public TimeSpan BatchingWindow { get; init; }

    /// <summary>The filter patterns, of which a record must match one; none to match every record.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    /// <summary>Whether the function's response names the records that failed.</summary>
    public bool ReportsFailures { get; init; }

    /// <summary>Whether a batch is split in two when the function returns an error.</summary>
    public bool Bisects { get; init; }

    /// <summary>How often a batch is retried, or <see cref="Unlimited"/>.</summary>
    public int MaxRetries { get; init; } = Unlimited;

    /// <summary>The age at which a record is discarded, in seconds, or <see cref="Unlimited"/>.</summary>
    public int MaxRecordAgeSeconds { get; init; } = Unlimited;

    /// <summary>The bucket that receives discarded records; null to drop them.</summary>
    public string? FailureBucket { get; init; }

    /// <summary>Checks what only the whole template shows.</summary>
    /// <exception cref="LocalHostException">The mapping reads another stream, or invokes another function, than the local host runs.</exception>
    public void Check(TemplateNode properties, TableDefinition table, IEnumerable<FunctionDefinition> functions)
    {
        if (!properties["EventSourceArn"].Text().EndsWith($":table/{table.Name}{Intrinsics.StreamSuffix}", StringComparison.Ordinal))
        {
            throw properties["EventSourceArn"].Wrong("must be the StreamArn of the functions' table, because the local host has no other event sources");
        }

        if (!functions.Any(function => function.Name == Function))
        {
            throw properties["FunctionName"].Wrong($"refers to {Function}, which is not a function of the template");
        }
    }

    /// <exception cref="LocalHostException">The mapping has a property or a value that the local host does not support.</exception>
    public static EventSourceDefinition Read(string name, TemplateNode properties)
    {
        foreach ((string property, TemplateNode value) in properties.Entries())
        {
            if (!s_properties.Contains(property, StringComparer.Ordinal))
            {
                throw value.Wrong("is not supported by the local host");
            }
        }

        if (properties["StartingPosition"].Text() != "TRIM_HORIZON")
        {
            throw properties["StartingPosition"].Wrong("must be TRIM_HORIZON, because the local host does not support other positions");
        }

        return new EventSourceDefinition(name, FunctionOf(properties["FunctionName"].Text()))
        {
            BatchSize = properties["BatchSize"].Number(100),
            Parallelization = properties["ParallelizationFactor"].Number(1),
            BatchingWindow = TimeSpan.FromSeconds(properties["MaximumBatchingWindowInSeconds"].Number(0)),
            Filters = [.. properties["FilterCriteria"]["Filters"].Items().Select(filter => filter["Pattern"].Text())],
            ReportsFailures = properties["FunctionResponseTypes"].Items().Any(type => type.Text() == "ReportBatchItemFailures"),
            Bisects = properties["BisectBatchOnFunctionError"].Flag(),
            MaxRetries = properties["MaximumRetryAttempts"].Number(Unlimited),
            MaxRecordAgeSeconds = properties["MaximumRecordAgeInSeconds"].Number(Unlimited),
            FailureBucket = FailureBucketOf(properties["DestinationConfig"]["OnFailure"]["Destination"]),
        };
    }

    /// <summary>The function's name. The property may also be an ARN, with or without an alias.</summary>
    private static string FunctionOf(string name)
    {
        const string BeforeName = ":function:";
        int at = name.IndexOf(BeforeName, StringComparison.Ordinal);
        return (at < 0 ? name : name[(at + BeforeName.Length)..]).Split(':')[0];
    }

    private static string? FailureBucketOf(TemplateNode destination)
    {
        const string BucketArn = "arn:aws:s3:::";
        return !destination.Exists ? null
            : destination.Text().StartsWith(BucketArn, StringComparison.Ordinal) ? destination.Text()[BucketArn.Length..]
            : throw destination.Wrong("must be the ARN of a bucket, because the local host has no other destinations");
    }
}

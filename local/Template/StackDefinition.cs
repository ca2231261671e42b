namespace Photos.Local.Template;

/// <summary>The part of <c>template.yaml</c> that the local host can run.</summary>
/// <param name="Stage">The API's stage, <c>dev</c> or <c>prod</c>.</param>
/// <param name="Functions">The functions that have a route or an event source, in the template's order.</param>
/// <param name="Routes">Every route of the API except the CORS preflights.</param>
/// <param name="Cors">The gateway's response to a CORS preflight.</param>
/// <param name="GatewayResponses">The template's changes to the gateway's own errors, by response type, such as
/// <c>DEFAULT_4XX</c> or <c>UNAUTHORIZED</c>.</param>
/// <param name="BinaryMediaTypes">The media types whose bodies the gateway passes on as base64.</param>
/// <param name="Table">The table of photo metadata.</param>
/// <param name="Bucket">The bucket of photos.</param>
internal sealed record StackDefinition(
    string Stage,
    IReadOnlyList<FunctionDefinition> Functions,
    IReadOnlyList<RouteDefinition> Routes,
    CorsDefinition Cors,
    IReadOnlyDictionary<string, GatewayResponseDefinition> GatewayResponses,
    IReadOnlyList<string> BinaryMediaTypes,
    TableDefinition Table,
    BucketDefinition Bucket)
{
    /// <summary>The event sources of functions other than the API.</summary>
    public IReadOnlyList<EventSourceDefinition> EventSources { get; init; } = [];

    /// <summary>The length in bytes from which the gateway compresses a response; null if it compresses none.</summary>
    public int? MinimumCompressionSize { get; init; }
}

/// <summary>One <c>AWS::Serverless::Function</c>.</summary>
/// <param name="Name">The logical ID, which is also the name of the folder of its <c>bootstrap</c>.</param>
/// <param name="Timeout">The maximum duration of an invocation.</param>
/// <param name="MemoryMegabytes">The memory size, in MB.</param>
/// <param name="Environment">The function's environment variables.</param>
internal sealed record FunctionDefinition(
    string Name,
    TimeSpan Timeout,
    int MemoryMegabytes,
    IReadOnlyDictionary<string, string> Environment);

/// <summary>One method on one resource of the API.</summary>
/// <param name="Method">The HTTP method, upper case.</param>
/// <param name="Resource">The resource path as in the template, such as <c>/photos/{id}</c>.</param>
/// <param name="Function">The <see cref="FunctionDefinition.Name"/> of the function that handles the route.</param>
internal sealed record RouteDefinition(string Method, string Resource, string Function);

/// <summary>One of the gateway's own errors.</summary>
/// <param name="Headers">The response headers, without single quotes.</param>
internal sealed record GatewayResponseDefinition(IReadOnlyDictionary<string, string> Headers);

/// <summary>The API's CORS headers, without single quotes; null for a header that the template does not set.</summary>
/// <param name="MaxAge">How long a browser may cache the response, in seconds.</param>
internal sealed record CorsDefinition(string? AllowOrigin, string? AllowMethods, string? AllowHeaders, string? MaxAge);

/// <summary>The table's name and its two string keys.</summary>
internal sealed record TableDefinition(string Name, string PartitionKey, string SortKey)
{
    /// <summary>What the table's stream shows of a change, such as <c>NEW_AND_OLD_IMAGES</c>; null for a table without a stream.</summary>
    public string? StreamViewType { get; init; }

    /// <summary>The attribute with the time when an item expires; null for a table without time to live.</summary>
    public string? TimeToLiveAttribute { get; init; }

    /// <summary>The global secondary index, which has all attributes; null for a table without one.</summary>
    public IndexDefinition? Index { get; init; }
}

/// <summary>A global secondary index's name and its two string keys.</summary>
internal sealed record IndexDefinition(string Name, string PartitionKey, string SortKey);

/// <summary>The bucket's name and its CORS rules.</summary>
internal sealed record BucketDefinition(string Name, IReadOnlyList<BucketCorsRule> CorsRules);

/// <summary>One rule of the bucket's <c>CorsConfiguration</c>.</summary>
/// <param name="MaxAgeSeconds">How long a browser may cache the response to a preflight, in seconds.</param>
internal sealed record BucketCorsRule(
    IReadOnlyList<string> AllowedOrigins,
    IReadOnlyList<string> AllowedMethods,
    IReadOnlyList<string> AllowedHeaders,
    IReadOnlyList<string> ExposedHeaders,
    int MaxAgeSeconds);

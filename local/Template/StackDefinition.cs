using NJsonSchema;

namespace Photos.Local.Template;

/// <summary>What <c>template.yaml</c> deploys, as far as one machine can run it.</summary>
/// <param name="Stage">The API's stage, <c>dev</c> or <c>prod</c>.</param>
/// <param name="Functions">The functions that a route leads to, in the template's order.</param>
/// <param name="Routes">Every route of the API but the preflights.</param>
/// <param name="Cors">What the gateway answers to a preflight.</param>
/// <param name="GatewayResponses">What the template changes of the gateway's own errors, by response type:
/// <c>DEFAULT_4XX</c>, <c>UNAUTHORIZED</c> …</param>
/// <param name="BinaryMediaTypes">The media types whose bodies the gateway hands over in base64.</param>
/// <param name="Table">The table of metadata.</param>
/// <param name="Bucket">The bucket of objects.</param>
internal sealed record StackDefinition(
    string Stage,
    IReadOnlyList<FunctionDefinition> Functions,
    IReadOnlyList<RouteDefinition> Routes,
    CorsDefinition Cors,
    IReadOnlyDictionary<string, GatewayResponseDefinition> GatewayResponses,
    IReadOnlyList<string> BinaryMediaTypes,
    TableDefinition Table,
    BucketDefinition Bucket);

/// <summary>One <c>AWS::Serverless::Function</c>.</summary>
/// <param name="Name">The logical id; also the folder its <c>bootstrap</c> lies in.</param>
/// <param name="Timeout">How long an invocation may take.</param>
/// <param name="MemoryMegabytes">The memory size, in MB.</param>
/// <param name="Environment">The function's own variables, intrinsics resolved.</param>
internal sealed record FunctionDefinition(
    string Name,
    TimeSpan Timeout,
    int MemoryMegabytes,
    IReadOnlyDictionary<string, string> Environment);

/// <summary>One method on one resource of the API.</summary>
/// <param name="Method">The HTTP method, upper case.</param>
/// <param name="Resource">The resource path as the template has it, <c>/photos/{id}</c>.</param>
/// <param name="Function">The <see cref="FunctionDefinition.Name"/> that answers.</param>
/// <param name="RequiredQuery">The query parameters without which the gateway refuses a request.</param>
/// <param name="BodyModel">What the gateway takes as a JSON body; null when it does not look.</param>
internal sealed record RouteDefinition(
    string Method, string Resource, string Function, IReadOnlyList<string> RequiredQuery, JsonSchema? BodyModel);

/// <summary>One error of the gateway's own.</summary>
/// <param name="Headers">Unquoted.</param>
/// <param name="Template">The JSON body, with variables such as <c>$context.error.messageString</c>; null for the
/// gateway's own.</param>
internal sealed record GatewayResponseDefinition(IReadOnlyDictionary<string, string> Headers, string? Template);

/// <summary>The API's CORS answers, unquoted; null for a header that the template does not ask for.</summary>
/// <param name="MaxAge">How long a browser may keep the answer, in seconds.</param>
internal sealed record CorsDefinition(string? AllowOrigin, string? AllowMethods, string? AllowHeaders, string? MaxAge);

/// <summary>The table's name and its two string keys.</summary>
internal sealed record TableDefinition(string Name, string PartitionKey, string SortKey);

/// <summary>The bucket's name and its CORS rules.</summary>
internal sealed record BucketDefinition(string Name, IReadOnlyList<BucketCorsRule> CorsRules);

/// <summary>One rule of the bucket's <c>CorsConfiguration</c>.</summary>
/// <param name="MaxAgeSeconds">How long a browser may keep a preflight's answer, in seconds.</param>
internal sealed record BucketCorsRule(
    IReadOnlyList<string> AllowedOrigins,
    IReadOnlyList<string> AllowedMethods,
    IReadOnlyList<string> AllowedHeaders,
    IReadOnlyList<string> ExposedHeaders,
    int MaxAgeSeconds);

using System.Text.Json;

namespace Photos.Tests.Routes;

/// <summary>A request to DynamoDB or S3, sent by a function or, by a presigned URL, by a client in the function's name.</summary>
/// <param name="Operation">
/// The operation's name in the API reference of DynamoDB or S3; <c>DeleteObjectVersion</c> for a DeleteObject that names a version,
/// because it needs another permission.
/// </param>
/// <param name="Resource">
/// The table's name, or <c>TABLE/index/INDEX</c>, as ARNs have it; or the bucket and the key or prefix, separated by a slash.
/// </param>
internal sealed record StorageRequest(string Operation, string Resource)
{
    private const string TargetPrefix = "DynamoDB_20120810.";

    /// <summary>Whether a function sends it, which must tell a missing object from a denied request. A client of a presigned URL need not.</summary>
    public bool IsOfFunction { get; init; }

    /// <summary>Whether DynamoDB serves it; otherwise S3 does.</summary>
    public bool IsDynamoDb { get; init; }

    /// <summary>Reads a request as a function sends it.</summary>
    public static StorageRequest Of(HttpRequest request)
    {
        // The functions write this header in lower case, the SDK does not.
        if (request.Header("x-amz-target", StringComparison.OrdinalIgnoreCase) is not string target)
        {
            return OfS3(request.Method, request.Target) with { IsOfFunction = true };
        }

        Assert.StartsWith(TargetPrefix, target, StringComparison.Ordinal);
        var body = JsonElement.Parse(request.Body.Span);
        string index = body.TryGetProperty("IndexName", out JsonElement name) ? $"/index/{name.GetString()}" : "";
        return new StorageRequest(target[TargetPrefix.Length..], body.GetProperty("TableName").GetString() + index) { IsDynamoDb = true };
    }

    /// <summary>What the role of a function that sends this request must allow, each as an action, a resource and a condition.</summary>
    /// <param name="user">The user whose objects the key names. The role allows the same for every user.</param>
    /// <remarks>
    /// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html and
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/api-permissions-reference.html.
    /// </remarks>
    public IEnumerable<string> Permissions(string user)
    {
        if (IsDynamoDb)
        {
            return Operation is "Query" or "GetItem" or "PutItem" or "UpdateItem" or "DeleteItem"
                ? [$"dynamodb:{Operation} arn:aws:dynamodb:eu-central-1:123456789012:table/{Resource}"]
                : throw Unknown("permission");
        }

        string bucket = Resource[..Resource.IndexOf('/', StringComparison.Ordinal)];
        string key = Resource[(bucket.Length + 1)..];
        string keys = key[..key.IndexOf(user, StringComparison.Ordinal)] + "*";
        string arn = $"arn:aws:s3:::{bucket}";
        string objects = $"{arn}/{keys}";

        // Without permission to list the bucket, S3 responds 403 to a request for a missing object, not 404.
        string[] reads = [$"s3:GetObject {objects}", $$$"""s3:ListBucket {{{arn}}} {"StringLike":{"s3:prefix":"{{{keys}}}"}}"""];
        return Operation switch
        {
            "HeadObject" => reads,
            "GetObject" when IsOfFunction => reads,
            "ListObjectVersions" => [$$$"""s3:ListBucketVersions {{{arn}}} {"StringLike":{"s3:prefix":"{{{keys}}}"}}"""],
            "GetObject" or "PutObject" or "PutObjectTagging" or "DeleteObject" or "DeleteObjectVersion" => [$"s3:{Operation} {objects}"],
            _ => throw Unknown("permission"),
        };
    }

    /// <summary>The exception for an operation that the tests do not know.</summary>
    /// <param name="what">What of it they need to know.</param>
    public InvalidOperationException Unknown(string what) =>
        new($"A function sends {Operation}, which is new: add its {what} to tests/Routes, where {nameof(StorageRequest)} and {nameof(StorageOutcome)} list the others.");

    /// <summary>Reads a request to S3.</summary>
    /// <param name="method">Its HTTP method.</param>
    /// <param name="target">The path, which begins with the bucket, and the query.</param>
    public static StorageRequest OfS3(string method, string target)
    {
        string[] parts = target.Split('?', 2);
        string path = Uri.UnescapeDataString(parts[0].TrimStart('/'));
        string[] query = parts.Length == 1 ? [] : [.. parts[1].Split('&').Where(parameter => parameter != "x-id=GetObject")];
        return (method, string.Join(',', query.Select(parameter => parameter.Split('=')[0]))) switch
        {
            ("HEAD", "") => new("HeadObject", path),
            ("GET", "") => new("GetObject", path),
            ("GET", "prefix,versions") => new("ListObjectVersions", $"{path}/{Uri.UnescapeDataString(query[0].Split('=')[1])}"),
            ("PUT", "") => new("PutObject", path),
            ("PUT", "tagging") => new("PutObjectTagging", path),
            ("DELETE", "") => new("DeleteObject", path),
            ("DELETE", "versionId") => new("DeleteObjectVersion", path),
            _ => new($"{method} {target}", path),
        };
    }
}

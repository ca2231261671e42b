using System.Text.Json;

namespace Photos.Tests.Routes;

/// <summary>A request to DynamoDB or S3, sent by a function or, by a presigned URL, by a client in the function's name.</summary>
/// <param name="Operation">The operation's name in the API reference of DynamoDB or S3.</param>
/// <param name="Resource">The table's name, or the bucket and the key, separated by a slash.</param>
/// <param name="IsTagged">Whether it also sets the object's tags.</param>
internal sealed record StorageRequest(string Operation, string Resource, bool IsTagged = false)
{
    private const string TargetPrefix = "DynamoDB_20120810.";

    /// <summary>Whether DynamoDB serves it; otherwise S3 does.</summary>
    public bool IsDynamoDb => !Resource.Contains('/', StringComparison.Ordinal);

    /// <summary>Reads a request as a function sends it.</summary>
    public static StorageRequest Of(HttpRequest request)
    {
        if (request.Header("x-amz-target") is not string target)
        {
            return OfS3(request.Method, request.Target, request.Header("x-amz-tagging") is not null);
        }

        Assert.StartsWith(TargetPrefix, target, StringComparison.Ordinal);
        return new StorageRequest(target[TargetPrefix.Length..], JsonElement.Parse(request.Body.Span).GetProperty("TableName").GetString()!);
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
        return Operation switch
        {
            // Without permission to list the bucket, S3 responds 403 to a request for a missing object, not 404.
            "HeadObject" => [$"s3:GetObject {objects}", $$$"""s3:ListBucket {{{arn}}} {"StringLike":{"s3:prefix":"{{{keys}}}"}}"""],
            "GetObject" or "PutObjectTagging" or "DeleteObject" => [$"s3:{Operation} {objects}"],
            "PutObject" when IsTagged => [$"s3:PutObject {objects}", $"s3:PutObjectTagging {objects}"],
            "PutObject" => [$"s3:PutObject {objects}"],
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
    /// <param name="isTagged">Whether it also sets the object's tags.</param>
    public static StorageRequest OfS3(string method, string target, bool isTagged)
    {
        string[] parts = target.Split('?', 2);
        string subresource = parts.Length == 1 ? "" : parts[1].TrimEnd('=');
        string operation = (method, subresource) switch
        {
            ("HEAD", "") => "HeadObject",
            ("GET", "") => "GetObject",
            ("PUT", "") => "PutObject",
            ("PUT", "tagging") => "PutObjectTagging",
            ("DELETE", "") => "DeleteObject",
            _ => $"{method} {target}",
        };
        return new StorageRequest(operation, Uri.UnescapeDataString(parts[0].TrimStart('/')), isTagged);
    }
}

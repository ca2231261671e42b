using Photos.Local.Template;

namespace Photos.Tests.Routes;

/// <summary>The permissions that a function's role must allow, and no others.</summary>
internal static class Permissions
{
    private const string Table = "arn:aws:dynamodb:eu-central-1:123456789012:table";
    private const string ThisAccount = """{"StringEquals":{"s3:ResourceAccount":"123456789012"}}""";

    // In the Region of DeployedStack.
    private static readonly StackDefinition s_stack = TemplateReader.Read(Repository.Template, "eu-central-1");

    /// <summary>
    /// What the functions of the previous release need in addition. A deployment changes the role of a function before its
    /// version, so the previous version has this role until the deployment has finished. <c>make upgrade</c> checks the list
    /// against the binaries of that release.
    /// </summary>
    public static ILookup<string, string> OfPreviousRelease { get; } = new (string Function, string Permission)[]
    {
        ("WritePhoto", $"dynamodb:DeleteItem {Table}/{s_stack.Table.Name}"),
        ("WritePhoto", $"s3:PutObjectTagging arn:aws:s3:::{s_stack.Bucket.Name}/private/*"),
        ("DeletePhoto", $"dynamodb:DeleteItem {Table}/{s_stack.Table.Name}"),
    }.ToLookup(one => one.Function, one => one.Permission, StringComparer.Ordinal);

    /// <summary>Each permission, with a route or an event source that needs it.</summary>
    /// <param name="function">The function's name.</param>
    public static async Task<Dictionary<string, string>> OfAsync(string function)
    {
        Dictionary<string, string> permissions = [];
        foreach (string route in ExampleRequest.RoutesOf(function))
        {
            Add((await RouteObservation.OfAsync(route)).Storage, route);
        }

        foreach (EventSourceDefinition source in s_stack.EventSources.Where(source => source.Function == function))
        {
            Add(await StreamObservation.OfAsync(function), source.Name);
            foreach (string permission in OfLambda(source))
            {
                permissions.TryAdd(permission, source.Name);
            }
        }

        foreach (string permission in OfPreviousRelease[function])
        {
            permissions.TryAdd(permission, "the previous release");
        }

        return permissions;

        void Add(IEnumerable<StorageRequest> requests, string user)
        {
            foreach (string permission in requests.SelectMany(request => request.Permissions(ExampleRequest.User)))
            {
                permissions.TryAdd(permission, user);
            }
        }
    }

    /// <summary>Lambda reads the stream and writes the discarded records with the function's role.</summary>
    /// <remarks>
    /// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-eventsourcemapping.html and
    /// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html.
    /// </remarks>
    private static IEnumerable<string> OfLambda(EventSourceDefinition source)
    {
        IEnumerable<string> reads = ((string[])["DescribeStream", "GetShardIterator", "GetRecords", "ListStreams"])
            .Select(action => $"dynamodb:{action} {Table}/{s_stack.Table.Name}/stream/*");
        return source.FailureBucket is not string bucket
            ? reads
            : [.. reads, $"s3:PutObject arn:aws:s3:::{bucket}/aws/lambda/* {ThisAccount}", $"s3:ListBucket arn:aws:s3:::{bucket} {ThisAccount}"];
    }
}

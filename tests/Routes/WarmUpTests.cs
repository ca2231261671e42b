namespace Photos.Tests.Routes;

/// <summary>A function's warm-up opens every connection that its routes use.</summary>
public sealed class WarmUpTests
{
    /// <summary>The warm-up concerns a reserved user who has no photos, and AWS denies what the role does not allow.</summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task TheFirstCallOpensNoConnection(string route)
    {
        ExampleRequest example = ExampleRequest.Of(route);
        string function = example.Route.Function;
        Dictionary<string, string> allowed = await Permissions.OfAsync(function);
        await using var probe = new ProbedFunction(function, (request, outcomes) =>
            request.Permissions("warm-up").All(allowed.ContainsKey) ? outcomes[Math.Min(1, outcomes.Count - 1)] : StorageOutcome.Denied(request));

        (_, IReadOnlyList<SentRequest> sent) = probe.Invoke(example, (_, outcomes) => outcomes[0]);

        Assert.All(sent, one => Assert.True(
            probe.WarmUp.Any(warm => warm.Request.IsDynamoDb == one.Request.IsDynamoDb && warm.Connection == one.Connection),
            $"{route}: the first {one.Request.Operation} opens a connection to {(one.Request.IsDynamoDb ? "DynamoDB" : "S3")}, "
            + $"which takes time that the client waits for. Add a request to {(one.Request.IsDynamoDb ? "DynamoDB" : "S3")} to the warm-up in src/{function}/Program.cs."));
    }
}

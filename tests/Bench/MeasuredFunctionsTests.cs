using System.Text.Json;
using System.Text.Json.Nodes;
using Photos.Bench;
using Photos.Local.Lambda;
using Photos.Tests.Local;
using Photos.Tests.Routes;

namespace Photos.Tests.Bench;

public sealed class MeasuredFunctionsTests
{
    [Theory]
    [MemberData(nameof(ExampleRequest.Functions), MemberType = typeof(ExampleRequest))]
    public void EveryFunctionIsMeasuredWithAnEventOfOneOfItsRoutes(string function)
    {
        Assert.True(
            MeasuredFunctions.OfRoutes.Contains(function),
            $"{function} is not measured: add it, with an event of one of its routes, to bench/MeasuredFunctions.cs, and its budget to bench/budget.json.");

        using var json = JsonDocument.Parse(MeasuredFunctions.Event(function));
        string route = $"{json.RootElement.GetProperty("httpMethod").GetString()} {json.RootElement.GetProperty("resource").GetString()}";
        Assert.Contains(route, ExampleRequest.RoutesOf(function));
    }

    /// <summary>The cold start of a function without a route delays no client.</summary>
    [Fact]
    public void TheComparisonMeasuresNoOtherFunction() => Assert.All(MeasuredFunctions.OfRoutes, function => Assert.True(
        ExampleRequest.RoutesOf(function).Any(), $"{function} has no route. Remove it from OfRoutes in bench/MeasuredFunctions.cs."));

    [Theory]
    [MemberData(nameof(ExampleRequest.AllFunctions), MemberType = typeof(ExampleRequest))]
    public void EveryFunctionHasAnEvent(string function) => Assert.True(
        MeasuredFunctions.All.Contains(function) || MeasuredFunctions.WithoutBudget.Contains(function),
        $"{function} has no event: add it to bench/MeasuredFunctions.cs, and its budget to bench/budget.json.");

    [Fact]
    public void AFunctionOfAnEventSourceIsMeasuredWithARecordThatItReceives() => Assert.All(
        TestGateway.Stack.EventSources.Where(source => MeasuredFunctions.All.Contains(source.Function)), source =>
    {
        JsonObject record = JsonNode.Parse(MeasuredFunctions.Event(source.Function))!["Records"]![0]!.AsObject();
        Assert.Contains(source.Filters, filter => FilterPattern.Parse(filter).Matches(record));
    });

    [Fact]
    public void APageWithFewerPhotosThanTheStandInHasIsNotCompared()
    {
        string photos = string.Join(',', Enumerable.Repeat("{}", StandInResponses.Items - 1));
        BenchException e = Assert.Throws<BenchException>(() => CheckPage($$"""{"photos":[{{photos}}]}"""));
        Assert.Contains("19 photos instead of 20", e.Message);
        CheckPage($$"""{"photos":[{{photos}},{}]}""");
    }

    private static void CheckPage(string body) =>
        MeasuredFunctions.CheckResponse("ListPhotos", JsonSerializer.SerializeToUtf8Bytes(new { statusCode = 200, body }));
}

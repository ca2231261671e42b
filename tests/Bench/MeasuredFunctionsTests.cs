using System.Text.Json;
using Photos.Bench;
using Photos.Tests.Routes;

namespace Photos.Tests.Bench;

public sealed class MeasuredFunctionsTests
{
    [Theory]
    [MemberData(nameof(ExampleRequest.Functions), MemberType = typeof(ExampleRequest))]
    public void EveryFunctionIsMeasuredWithAnEventOfOneOfItsRoutes(string function)
    {
        Assert.True(
            MeasuredFunctions.Names.Contains(function),
            $"{function} is not measured: add it, with an event of one of its routes, to bench/MeasuredFunctions.cs, and its budget to bench/budget.json.");

        using var json = JsonDocument.Parse(MeasuredFunctions.Event(function));
        string route = $"{json.RootElement.GetProperty("httpMethod").GetString()} {json.RootElement.GetProperty("resource").GetString()}";
        Assert.Contains(route, ExampleRequest.RoutesOf(function));
    }

    /// <summary>The cold start of a function without a route delays no client.</summary>
    [Fact]
    public void NoOtherFunctionIsMeasured() => Assert.All(MeasuredFunctions.Names, function => Assert.True(
        ExampleRequest.RoutesOf(function).Any(), $"{function} has no route. Remove it from bench/MeasuredFunctions.cs and bench/budget.json."));
}

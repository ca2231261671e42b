using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Photos.Album;
using Photos.Api;
using Photos.Runtime;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.EndToEnd.Fuzz;
using Photos.Tests.Local;

namespace Photos.Tests.Routes;

/// <summary>Every route of the template is in every list that must have it. A new route fails here, and the message says what to add.</summary>
public sealed partial class CoverageTests
{
    /// <summary>The functions' storage requests are those of the route's successful calls, which the fault tests check on real engines.</summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public async Task EverySuccessOfARouteIsAFaultCase(string route)
    {
        RouteObservation observed = await RouteObservation.OfAsync(route);
        string[] successes =
        [
            .. observed.Handled.Where(call => call.Status < 300)
                .Select(call => $"{call.Status} after [{string.Join(", ", WithoutRetries(call.Sent))}]").Distinct(),
        ];
        string[] covered = [.. Call.All.Concat(Call.Special).Where(call => call.Route == route && call.Status < 300).Select(call => $"{call.Status} after [{string.Join(", ", call.Requests)}]")];

        Assert.All(successes, success => Assert.True(
            covered.Contains(success),
            $"{route}: {success} is not a fault case. Add a call with these requests to tests/EndToEnd/Faults/Call.cs, also where there are none."));
        Assert.All(covered, one => Assert.True(
            successes.Contains(one), $"{route}: no call gets {one}. Correct or remove it in tests/EndToEnd/Faults/Call.cs."));
    }

    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public void EveryRouteHasHostileEvents(string route)
    {
        Assert.True(
            HostileEvents.Routes.TryGetValue(route, out Gen<string>? events),
            $"{route} is new: add its events, with every field that its handler reads, to tests/EndToEnd/Fuzz/HostileEvents.cs.");

        string[] parts = route.Split(' ');
        int intact = 0;
        events.Sample(
            text => intact += IsEvent(text, parts[0], parts[1]) ? 1 : 0, iter: 200, threads: 1, seed: "0000000000000");
        Assert.True(intact > 100, $"{route}: only {intact} of 200 hostile events are for it. Correct them in tests/EndToEnd/Fuzz/HostileEvents.cs.");
    }

    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public void EveryRouteIsInTheLoadTest(string route) => Assert.True(
        EndToEnd.Load.Call.All.Any(call => call.Route == route),
        $"{route} is new: add it to Call in tests/EndToEnd/Load/Traffic.cs, its effect to AlbumModel and CheckedAlbum, and have LoadUser send it.");

    [Theory]
    [MemberData(nameof(ExampleRequest.Routes), MemberType = typeof(ExampleRequest))]
    public void EveryRouteIsInTheReadme(string route)
    {
        string function = ExampleRequest.DefinitionOf(route).Function;

        string[][] rows = [.. ReadmeRows().Where(row => RoutesIn(row[0]).Contains(route))];
        Assert.True(rows.Length == 1, $"{route} is in {rows.Length} rows of README.md's tables. It needs one row: | `{route}` | {function} | what it responds with |.");
        Assert.True(rows[0][1].Trim() == function, $"{route}: README.md says that {rows[0][1].Trim()} serves it. Write {function}.");
    }

    /// <summary>What was removed from the template, or never was in it.</summary>
    [Fact]
    public void NoListHasARouteThatTheTemplateHasNot()
    {
        string[] routes = [.. TestGateway.Stack.Routes.Select(ExampleRequest.NameOf)];
        AssertKnown("README.md", ReadmeRows().SelectMany(row => RoutesIn(row[0])).Where(route => !route.StartsWith("OPTIONS", StringComparison.Ordinal)));
        AssertKnown("tests/EndToEnd/Faults/Call.cs", Call.All.Select(call => call.Route));
        AssertKnown("tests/EndToEnd/Fuzz/HostileEvents.cs", HostileEvents.Routes.Keys);
        AssertKnown("tests/EndToEnd/Load/Traffic.cs", EndToEnd.Load.Call.All.Select(call => call.Route).OfType<string>());

        void AssertKnown(string file, IEnumerable<string> listed) => Assert.All(
            listed, route => Assert.True(routes.Contains(route), $"{file} has {route}, which template.yaml has not. Remove it."));
    }

    /// <summary>README.md has every error code in a row with its status.</summary>
    [Fact]
    public void EveryErrorIsInTheReadme() => Assert.All(Enum.GetValues<PhotoFault>(), fault =>
    {
        (int status, string code) = ErrorOf(fault);
        Assert.True(
            ReadmeRows().Any(row => row[0].Contains($"{status}", StringComparison.Ordinal) && row[1].Contains($"`{code}`", StringComparison.Ordinal)),
            $"{fault} is new: add a row | {status} | `{code}` | when | to the errors in README.md.");
    });

    /// <summary>The status and the code that clients see.</summary>
    internal static (int Status, string Code) ErrorOf(PhotoFault fault)
    {
        var response = new ResponseBuffer();
        ErrorResponse.For(new PhotoException(fault, "A message.")).WriteTo(response, "*");
        var json = JsonElement.Parse(response.Written.Span);
        return (json.GetProperty("statusCode").GetInt32(), JsonElement.Parse(json.GetProperty("body").GetString()!).GetProperty("code").GetString()!);
    }

    /// <summary>The cells of each row of a table.</summary>
    private static IEnumerable<string[]> ReadmeRows() => File.ReadLines(Path.Combine(Repository.Root, "README.md"))
        .Where(line => line.StartsWith('|'))
        .Select(line => line.Split('|')[1..])
        .Where(cells => cells.Length > 2);

    private static IEnumerable<string> RoutesIn(string cell) => Route().Matches(cell).Select(match => match.Value.Trim('`'));

    /// <summary>The operations of the requests, of which the attempts of one count once.</summary>
    private static IEnumerable<string> WithoutRetries(IReadOnlyList<StorageRequest> sent) =>
        sent.Where((request, index) => index == 0 || request != sent[index - 1]).Select(request => request.Operation);

    private static bool IsEvent(string text, string method, string resource)
    {
        try
        {
            var json = JsonElement.Parse(Encoding.UTF8.GetBytes(text));
            return json.GetProperty("httpMethod").GetString() == method && json.GetProperty("resource").GetString() == resource;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    [GeneratedRegex("`[A-Z]+ /[^?`]*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Route();
}

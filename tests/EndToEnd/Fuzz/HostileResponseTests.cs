using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Photos.Aws;
using Photos.Tests.Unit.Functions;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Responses that AWS never sends, to the deployable binaries.</summary>
public sealed class HostileResponseTests
{
    // The exceptions of faults that are not transient; the last one is of a name that is not valid Unicode.
    private static readonly string[] s_lasting = [nameof(InvalidDataException), nameof(AwsException), nameof(InvalidOperationException)];

    /// <summary>
    /// A garbled response is a transient fault, so the status is 503. The status is 500 when a repeat does not help, as when
    /// AWS refused the request. An item that is not a photo is skipped. The request is valid, so the status never blames the client.
    /// </summary>
    [Theory]
    [InlineData("ListPhotos", 404)]
    [InlineData("WritePhoto", 404, 409, 410)]
    [InlineData("DeletePhoto", 404)]
    public void NoResponseOfAwsEndsAFunctionOrKeepsItFromResponding(string name, params int[] refusals)
    {
        using var function = new FuzzedFunction(name, "JSON");
        byte[][] events = Events(name);
        List<byte[]> sent = [];
        Cases.Run(
            $"responses to {name}",
            Cases.Count(shortRun: 150, longRun: 5000),
            Gen.Select(HostileResponses.All, Gen.OneOf(events)),
            one => $"{Encoding.UTF8.GetString(one.Item2)}\n{string.Join('\n', sent.Select(response => Cases.Show(response)))}",
            (_, one) => Check(function, one.Item2, one.Item1, sent, refusals));
    }

    private static void Check(FuzzedFunction function, byte[] proxyEvent, ResponseFault[] faults, List<byte[]> sent, int[] refusals)
    {
        sent.Clear();
        function.Storage.RespondWith(request =>
        {
            FakeResponse response = faults[Math.Min(sent.Count, faults.Length - 1)](StandInResponses.To(request).Bytes());
            sent.Add(response.Bytes());
            return response;
        });

        byte[] proxyResponse = function.Invoke(proxyEvent);
        string log = Encoding.UTF8.GetString(function.TakeLog());
        function.Storage.TakeRequests();

        int status = ProxyResponses.Check(proxyResponse, "alice", function.Storage.Address);
        Assert.True(
            status is 200 or 201 or 202 or 204 or 503 || refusals.Contains(status)
            || (status == 500 && s_lasting.Any(type => log.Contains($"\"errorType\":\"{type}\"", StringComparison.Ordinal))),
            $"The status is {status}: {log}");
        LogLines.Check(Encoding.UTF8.GetBytes(log), "JSON", function.RequestId);
    }

    /// <summary>Valid requests of the user alice.</summary>
    private static byte[][] Events(string name)
    {
        JsonObject one = Invoke.Event(name == "ListPhotos" ? "GET" : "DELETE", "/photos/{id}");
        one["pathParameters"] = new JsonObject { ["id"] = Invoke.Id };
        JsonObject list = Invoke.Event("GET", "/photos");
        list["queryStringParameters"] = new JsonObject { ["limit"] = "5" };
        JsonObject taken = Invoke.Event("GET", "/photos");
        taken["queryStringParameters"] = new JsonObject { ["order"] = "taken", ["limit"] = "5" };
        JsonObject write = Invoke.Event("POST", "/photos");
        write["body"] = $$"""{"id":"{{Invoke.Id}}","name":"a"}""";
        JsonObject grant = Invoke.Event("POST", "/photos/uploads");
        grant["body"] = """{"name":"a","contentType":"image/jpeg","size":123456}""";
        JsonObject rename = Invoke.Event("PATCH", "/photos/{id}");
        rename["pathParameters"] = new JsonObject { ["id"] = Invoke.Id };
        rename["body"] = """{"name":"b"}""";
        JsonObject deletions = Invoke.Event("POST", "/photos/deletions");
        deletions["body"] = $$"""{"ids":["{{Invoke.Id}}","0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7b","0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7c"]}""";
        JsonObject[] events = name switch
        {
            "ListPhotos" => [one, list, taken],
            "WritePhoto" => [write, grant, rename],
            _ => [one, deletions, Invoke.Event("DELETE", "/album")],
        };
        return [.. events.Select(each => Encoding.UTF8.GetBytes(each.ToJsonString()))];
    }
}

using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Photos.Aws;
using Photos.Tests.Unit.Functions;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Answers that AWS does not give, to the deployed binaries.</summary>
public sealed class HostileAnswerTests
{
    // The last for a name that is no Unicode.
    private static readonly string[] s_lasting = [nameof(InvalidDataException), nameof(AwsException), nameof(InvalidOperationException)];

    /// <summary>
    /// A garbled answer is a fault that passes, so it is answered with 503. 500 is for what a repeat does not mend: a refusal, or
    /// an item that is no photo. No bad request is blamed on the client, whose request is good.
    /// </summary>
    [Theory]
    [InlineData("ListPhotos", 404)]
    [InlineData("WritePhoto", 400, 409, 413, 415)]
    [InlineData("DeletePhoto", 404)]
    public void NoAnswerOfAWSEndsAFunctionOrKeepsItFromAnswering(string name, params int[] refusals)
    {
        using var function = new FuzzedFunction(name, "JSON");
        byte[][] events = Events(name);
        List<byte[]> sent = [];
        Cases.Run(
            $"answers to {name}",
            Cases.Count(shortRun: 150, longRun: 5000),
            Gen.Select(HostileAnswers.All, Gen.OneOf(events)),
            one => $"{Encoding.UTF8.GetString(one.Item2)}\n{string.Join('\n', sent.Select(answer => Cases.Show(answer)))}",
            (_, one) => Check(function, one.Item2, one.Item1, sent, refusals));
    }

    private static void Check(FuzzedFunction function, byte[] proxyEvent, AnswerFault[] faults, List<byte[]> sent, int[] refusals)
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

        int status = ProxyAnswers.Check(proxyResponse, "alice", function.Storage.Address);
        Assert.True(
            status is 200 or 201 or 204 or 503 || refusals.Contains(status)
            || (status == 500 && s_lasting.Any(type => log.Contains($"\"errorType\":\"{type}\"", StringComparison.Ordinal))),
            $"The answer is {status}: {log}");
        LogLines.Check(Encoding.UTF8.GetBytes(log), "JSON", function.RequestId);
    }

    /// <summary>Good requests of alice.</summary>
    private static byte[][] Events(string name)
    {
        JsonObject one = Invoke.Event(name == "ListPhotos" ? "GET" : "DELETE", "/photos/{id}");
        one["pathParameters"] = new JsonObject { ["id"] = Invoke.Id };
        JsonObject list = Invoke.Event("GET", "/photos");
        list["queryStringParameters"] = new JsonObject { ["limit"] = "5" };
        JsonObject write = Invoke.Event("POST", "/photos");
        write["body"] = $$"""{"id":"{{Invoke.Id}}","name":"a"}""";
        JsonObject[] events = name switch
        {
            "ListPhotos" => [one, list],
            "WritePhoto" => [write],
            _ => [one],
        };
        return [.. events.Select(each => Encoding.UTF8.GetBytes(each.ToJsonString()))];
    }
}

using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Photos.Tests.Routes;

/// <summary>
/// The storage requests of a function that the table's stream invokes, observed on the deployed binary: each kind of record once
/// for every combination of outcomes of the requests that it leads to.
/// </summary>
internal static class StreamObservation
{
    private const string Keys = """{"id":{"S":"alice"},"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"}}""";

    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<StorageRequest>>>> s_functions = new(StringComparer.Ordinal);

    private static readonly (string What, string Record)[] s_records =
    [
        ("a deleted grant", Record("MODIFY", "granted", "deleted")),
        ("a deleted photo", Record("MODIFY", null, "deleted")),
        ("a removed grant", Record("REMOVE", "granted", null)),
        ("a removed tombstone", Record("REMOVE", "deleted", null)),
        ("a listed photo", Record("MODIFY", "granted", null)),
    ];

    /// <summary>Observes a function, once.</summary>
    /// <param name="function">The function's name.</param>
    public static Task<IReadOnlyList<StorageRequest>> OfAsync(string function) => s_functions.GetOrAdd(function, _ => new(() => ObserveAsync(function))).Value;

    /// <summary>All kinds at once, each in a process of its own: the SDK waits between its attempts.</summary>
    private static async Task<IReadOnlyList<StorageRequest>> ObserveAsync(string function) =>
        [.. (await Task.WhenAll(s_records.Select(one => Task.Run(() => ObserveAsync(function, one.What, one.Record))))).SelectMany(sent => sent).Distinct()];

    private static async Task<IReadOnlyList<StorageRequest>> ObserveAsync(string function, string what, string record)
    {
        await using var probe = new ProbedFunction(function, warmUp: null);
        List<StorageRequest> sent = [];
        byte[] payload = Encoding.UTF8.GetBytes($$"""{"Records":[{{record}}]}""");
        foreach (((JsonElement response, IReadOnlyList<SentRequest> requests), string outcomes) in OutcomeSearch.Explore(what, choose => probe.Invoke(payload, choose)))
        {
            JsonElement failures = response.GetProperty("batchItemFailures");
            Assert.True(failures.GetArrayLength() <= 1, $"{function}, {what}, {outcomes}: {response}");
            sent.AddRange(requests.Select(one => one.Request));
        }

        return sent;
    }

    private static string Record(string eventName, string? before, string? after)
    {
        string oldImage = $$""","OldImage":{{Image(before)}}""";
        string newImage = eventName == "MODIFY" ? $$""","NewImage":{{Image(after)}}""" : "";
        return $$$"""{"eventName":"{{{eventName}}}","dynamodb":{"SequenceNumber":"100000000000000000001","Keys":{{{Keys}}}{{{oldImage}}}{{{newImage}}}}}""";
    }

    private static string Image(string? state) =>
        state is null ? Keys : $$$"""{{{Keys[..^1]}}},"state":{"S":"{{{state}}}"}}""";
}

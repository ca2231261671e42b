using System.Text.Json.Nodes;

namespace Photos.Ops;

/// <summary>Records of the table's stream that one function handles.</summary>
internal static class RecordBatch
{
    /// <summary>Invokes the function until each record was tried.</summary>
    /// <param name="functions">Invokes the functions.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="records">The records, which this method removes.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The sequence numbers of the records that failed, or what the function reported when it failed as a whole.</returns>
    public static async Task<(List<string> Failed, string? Error)> InvokeAsync(
        IStreamFunctions functions, string function, List<JsonNode?> records, CancellationToken cancellationToken)
    {
        List<string> failed = [];
        while (records.Count > 0)
        {
            string streamEvent = new JsonObject { ["Records"] = new JsonArray([.. records.Select(record => record?.DeepClone())]) }.ToJsonString();
            FunctionResult result = await functions.InvokeAsync(function, streamEvent, cancellationToken);
            if (result.IsError)
            {
                return (failed, result.Payload);
            }

            string? first = (string?)JsonNode.Parse(result.Payload)?["batchItemFailures"]?.AsArray().FirstOrDefault()?["itemIdentifier"];
            if (first is null)
            {
                break;
            }

            // The function stops at the first record that fails. Those after it have not been tried.
            failed.Add(first);
            int index = records.FindIndex(record => (string?)record?["dynamodb"]?["SequenceNumber"] == first);
            records.RemoveRange(0, index < 0 ? records.Count : index + 1);
        }

        return (failed, null);
    }
}

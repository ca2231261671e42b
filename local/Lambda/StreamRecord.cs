using System.Text;
using System.Text.Json.Nodes;

namespace Photos.Local.Lambda;

/// <summary>A record of a DynamoDB stream.</summary>
/// <param name="SequenceNumber">Identifies the record in its shard.</param>
/// <param name="Created">When the item changed.</param>
/// <param name="Json">The record, as Lambda passes it to a function.</param>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html</remarks>
internal sealed record StreamRecord(string SequenceNumber, DateTimeOffset Created, JsonObject Json)
{
    /// <summary>The length of <see cref="Json"/>, in bytes.</summary>
    public int Bytes { get; } = Encoding.UTF8.GetByteCount(Json.ToJsonString());

    /// <summary>Converts a record of the DynamoDB Streams API.</summary>
    public static StreamRecord From(JsonObject record, string streamArn)
    {
        var json = (JsonObject)record.DeepClone();
        var change = (JsonObject)json["dynamodb"]!;
        var created = DateTimeOffset.FromUnixTimeSeconds((long)change["ApproximateCreationDateTime"]!.GetValue<double>());
        change["ApproximateCreationDateTime"] = created.ToUnixTimeSeconds();
        json["eventSourceARN"] = streamArn;
        if (json["userIdentity"] is JsonObject identity)
        {
            json["userIdentity"] = new JsonObject
            {
                ["principalId"] = identity["PrincipalId"]?.DeepClone(),
                ["type"] = identity["Type"]?.DeepClone(),
            };
        }

        return new StreamRecord(change[nameof(SequenceNumber)]!.GetValue<string>(), created, json);
    }

    /// <summary>The event of a batch of records.</summary>
    public static byte[] Event(IEnumerable<StreamRecord> records) => Encoding.UTF8.GetBytes(
        new JsonObject { ["Records"] = new JsonArray([.. records.Select(record => record.Json.DeepClone())]) }.ToJsonString());
}

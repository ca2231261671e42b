using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Photos.Local.Lambda;

/// <summary>The DynamoDB Streams API. Its records are JSON in nearly the form in which Lambda passes them to a function.</summary>
/// <param name="endpoint">The endpoint of the table's engine.</param>
/// <param name="region">The Region to sign requests for.</param>
/// <param name="credentials">The engine's credentials.</param>
/// <remarks>https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html</remarks>
internal sealed class StreamsClient(Uri endpoint, string region, AWSCredentials credentials) : IDisposable
{
    private const string ContentType = "application/x-amz-json-1.0";

    private readonly HttpClient _http = new();
    private readonly AmazonDynamoDBConfig _configuration = new() { ServiceURL = endpoint.AbsoluteUri, AuthenticationRegion = region };

    public void Dispose() => _http.Dispose();

    /// <summary>The shards of a stream.</summary>
    public async Task<List<StreamShard>> ShardsAsync(string streamArn, CancellationToken cancellationToken)
    {
        var shards = new List<StreamShard>();
        string? last = null;
        do
        {
            var request = new JsonObject { ["StreamArn"] = streamArn, ["ExclusiveStartShardId"] = last };
            JsonNode stream = (await SendAsync("DescribeStream", request, cancellationToken))["StreamDescription"]!;
            shards.AddRange(stream["Shards"]!.AsArray().Select(shard => new StreamShard(Text(shard!, "ShardId")!, Text(shard!, "ParentShardId"))));
            last = Text(stream, "LastEvaluatedShardId");
        }
        while (last is not null);
        return shards;
    }

    /// <summary>An iterator that begins after a record, or with the oldest record of the shard.</summary>
    public async Task<string?> IteratorAsync(string streamArn, string shard, string? after, CancellationToken cancellationToken)
    {
        var request = new JsonObject
        {
            ["StreamArn"] = streamArn,
            ["ShardId"] = shard,
            ["ShardIteratorType"] = after is null ? "TRIM_HORIZON" : "AFTER_SEQUENCE_NUMBER",
            ["SequenceNumber"] = after,
        };
        return Text(await SendAsync("GetShardIterator", request, cancellationToken), "ShardIterator");
    }

    /// <summary>The next records of a shard, and the iterator of those after them; null at the shard's end.</summary>
    public async Task<(List<StreamRecord> Records, string? Next)> RecordsAsync(string iterator, string streamArn, int limit, CancellationToken cancellationToken)
    {
        JsonNode page = await SendAsync("GetRecords", new JsonObject { ["ShardIterator"] = iterator, ["Limit"] = limit }, cancellationToken);
        return ([.. page["Records"]!.AsArray().Select(record => StreamRecord.From((JsonObject)record!, streamArn))], Text(page, "NextShardIterator"));
    }

    private async Task<JsonObject> SendAsync(string operation, JsonObject body, CancellationToken cancellationToken)
    {
        foreach (string absent in body.Where(property => property.Value is null).Select(property => property.Key).ToList())
        {
            body.Remove(absent);
        }

        byte[] content = Encoding.UTF8.GetBytes(body.ToJsonString());
        using HttpRequestMessage request = await SignAsync(operation, content);
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
        byte[] json = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        try
        {
            JsonObject result = JsonNode.Parse(json) as JsonObject ?? throw new JsonException();
            return response.IsSuccessStatusCode
                ? result
                : throw new StreamsException(Text(result, "__type") ?? "", Text(result, "message") ?? Text(result, "Message") ?? "");
        }
        catch (JsonException)
        {
            throw new StreamsException("", $"The response to {operation} with status {(int)response.StatusCode} is not JSON.");
        }
    }

    private async Task<HttpRequestMessage> SignAsync(string operation, byte[] content)
    {
        // The signer signs a request of the SDK. Which one it is does not matter.
        var signed = new DefaultRequest(new ListTablesRequest(), "AmazonDynamoDB")
        {
            HttpMethod = "POST",
            Endpoint = endpoint,
            ResourcePath = "/",
            Content = content,
            OverrideSigningServiceName = "dynamodb",
        };
        signed.Headers["X-Amz-Target"] = $"DynamoDBStreams_20120810.{operation}";
        signed.Headers["Content-Type"] = ContentType;
        ImmutableCredentials keys = await credentials.GetCredentialsAsync();
        if (keys.UseToken)
        {
            signed.Headers["X-Amz-Security-Token"] = keys.Token;
        }

        AWS4SigningResult signature = new AWS4Signer().SignRequest(signed, _configuration, null, keys.AccessKey, keys.SecretKey);
        signed.Headers["Authorization"] = signature.ForAuthorizationHeader;
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        foreach ((string name, string value) in signed.Headers.Where(header => header.Key != "Content-Type"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static string? Text(JsonNode node, string property) => node[property]?.GetValue<string>();
}

/// <summary>A shard of a stream.</summary>
/// <param name="Id">The shard's ID.</param>
/// <param name="Parent">The shard whose records are older; null if there is none.</param>
internal sealed record StreamShard(string Id, string? Parent);

/// <summary>An error response of the DynamoDB Streams API.</summary>
/// <param name="type">The error type, with or without a namespace.</param>
/// <param name="message">What is wrong.</param>
internal sealed class StreamsException(string type, string message) : Exception($"{type} {FirstLine(message)}".Trim())
{
    /// <summary>Whether the records at the iterator are no longer there.</summary>
    public bool IsTrimmed => type.EndsWith("TrimmedDataAccessException", StringComparison.Ordinal);

    /// <summary>An error in a signature repeats the request in the lines after the first, with the session token.</summary>
    private static string FirstLine(string message) => message.Split('\n')[0];
}

using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Photos.Aws;

/// <summary>
/// Sends DynamoDB requests in the SDK's types, written by the SDK's marshallers, without its pipeline. Responses are read as
/// plain JSON: the SDK's unmarshallers never return from some malformed ones, such as one whose list is a string.
/// </summary>
internal sealed class DynamoDbClient(AwsSettings settings)
{
    private readonly AwsClient _client = AwsClient.Create("dynamodb", AwsEndpoints.DynamoDb(settings), settings);

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="marshaller">The SDK's marshaller for this request.</param>
    /// <param name="options">
    /// Members of the request that are enumerations, as JSON with a comma after each. The SDK looks for their values by reflection,
    /// which a function does not need otherwise.
    /// </param>
    /// <param name="cancellationToken">Ends the request early.</param>
    /// <returns>The response.</returns>
    /// <exception cref="AwsException">DynamoDB refused the request.</exception>
    /// <exception cref="IOException">DynamoDB is unreachable, too slow, or sent a malformed response.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public DynamoDbResponse Send(
        AmazonWebServiceRequest request,
        IMarshaller<IRequest, AmazonWebServiceRequest> marshaller,
        ReadOnlySpan<byte> options,
        CancellationToken cancellationToken)
    {
        using IRequest marshalled = marshaller.Marshall(request);
        AwsResponse response = _client.Send(ToAwsRequest(marshalled, options), cancellationToken);
        if (response.IsSuccess)
        {
            return new DynamoDbResponse(Read(response), IsConditionMet: true, response.IsRepeat);
        }

        AwsException refusal = response.ToException();
        return refusal.Code == "ConditionalCheckFailedException"
            ? new DynamoDbResponse(Read(response), IsConditionMet: false, response.IsRepeat)
            : throw refusal;
    }

    private static AwsRequest ToAwsRequest(IRequest marshalled, ReadOnlySpan<byte> options)
    {
        ReadOnlyMemory<byte> body = ((PooledContentStream)marshalled.ContentStream).Content;
        return new(marshalled.HttpMethod, marshalled.ResourcePath)
        {
            ContentType = marshalled.Headers["Content-Type"],
            Target = marshalled.Headers["X-Amz-Target"],
            Body = options.IsEmpty ? body : (byte[])[(byte)'{', .. options, .. body.Span[1..]],
        };
    }

    private static JsonElement Read(AwsResponse response) =>
        Parse(response.Body) is { ValueKind: JsonValueKind.Object } json
            ? json
            : throw new IOException("DynamoDB sent a response that is not a JSON object.");

    private static JsonElement? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            // Not passed on: its message may quote the response, and the log must not.
            return null;
        }
    }
}

/// <summary>DynamoDB's response to a request.</summary>
/// <param name="Json">A JSON object. When the condition is not met, it may have the item that does not meet it.</param>
/// <param name="IsConditionMet">Whether the request's condition holds, and the request was carried out.</param>
/// <param name="IsRepeat"><see cref="AwsResponse.IsRepeat"/></param>
internal readonly record struct DynamoDbResponse(JsonElement Json, bool IsConditionMet, bool IsRepeat)
{
    /// <summary>The item in the response, if it has one.</summary>
    /// <param name="name">The member that has it, such as <c>Item</c>.</param>
    public JsonElement? Item(ReadOnlySpan<byte> name) => Json.TryGetProperty(name, out JsonElement item) ? item : null;
}

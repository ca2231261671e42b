using System.Text.Json;
using Album.Photos;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Album.Storage;

/// <summary>
/// DynamoDB's requests in the SDK's types, written by the SDK's own marshallers, without its pipeline. The responses are plain
/// JSON: the SDK's unmarshallers never return from some that are none of DynamoDB's, as one whose list is a string.
/// </summary>
internal sealed class DynamoDbClient(StorageSettings settings)
{
    private readonly AwsClient _client = AwsClient.Create(
        "dynamodb", settings.DynamoDbEndpoint ?? new Uri($"https://dynamodb.{settings.Region}.{settings.DnsSuffix}"), settings);

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="marshaller">The SDK's, for this request.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>
    /// The response, an object, or <see langword="null"/> when the request's condition does not hold; and <see cref="AwsAnswer.IsRepeat"/>.
    /// </returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    /// <exception cref="AwsException">DynamoDB refuses the request, and would again.</exception>
    public (JsonElement? Response, bool IsRepeat) Send(
        AmazonWebServiceRequest request,
        IMarshaller<IRequest, AmazonWebServiceRequest> marshaller,
        CancellationToken cancellationToken)
    {
        try
        {
            using IRequest marshalled = marshaller.Marshall(request);
            AwsAnswer answer = _client.Send(ToAwsRequest(marshalled), cancellationToken);
            if (answer.IsSuccess)
            {
                return (Read(answer), answer.IsRepeat);
            }

            AwsException refusal = answer.ToException();
            return refusal.Code == "ConditionalCheckFailedException" ? (null, answer.IsRepeat) : throw refusal;
        }
        catch (Exception e) when (StorageFault.From(e) is { } fault)
        {
            throw fault;
        }
    }

    private static AwsRequest ToAwsRequest(IRequest marshalled) => new(marshalled.HttpMethod, marshalled.ResourcePath)
    {
        ContentType = marshalled.Headers["Content-Type"],
        Target = marshalled.Headers["X-Amz-Target"],
        Body = ((PooledContentStream)marshalled.ContentStream).Content,
    };

    private static JsonElement Read(AwsAnswer answer) =>
        Parse(answer.Body) is { ValueKind: JsonValueKind.Object } response
            ? response
            : throw new IOException("DynamoDB sent an answer that is no JSON object.");

    private static JsonElement? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            // Its message may quote the answer into the log.
            return null;
        }
    }
}

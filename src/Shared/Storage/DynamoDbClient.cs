using Album.Photos;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Album.Storage;

/// <summary>
/// DynamoDB's requests and responses in the SDK's types, written and read by the SDK's own marshallers, without the SDK's
/// pipeline in between.
/// </summary>
internal sealed class DynamoDbClient(StorageSettings settings)
{
    private readonly AwsClient _client = AwsClient.Create(
        "dynamodb", settings.DynamoDbEndpoint ?? new Uri($"https://dynamodb.{settings.Region}.{settings.DnsSuffix}"), settings);

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="marshaller">The SDK's, for this request.</param>
    /// <param name="unmarshaller">The SDK's, for this request's response.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The response; <see langword="null"/> when the request's condition does not hold.</returns>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    /// <exception cref="AwsException">DynamoDB refuses the request, and would again.</exception>
    public AmazonWebServiceResponse? Send(
        AmazonWebServiceRequest request,
        IMarshaller<IRequest, AmazonWebServiceRequest> marshaller,
        JsonResponseUnmarshaller unmarshaller,
        CancellationToken cancellationToken)
    {
        try
        {
            using IRequest marshalled = marshaller.Marshall(request);
            AwsAnswer answer = _client.Send(ToAwsRequest(marshalled), cancellationToken);
            if (answer.IsSuccess)
            {
                return Read(answer, unmarshaller);
            }

            AwsException refusal = answer.ToException();
            return refusal.Code == "ConditionalCheckFailedException" ? null : throw refusal;
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

    private static AmazonWebServiceResponse Read(AwsAnswer answer, JsonResponseUnmarshaller unmarshaller)
    {
        ArraySegment<byte> body = answer.Body;
        using var stream = new MemoryStream(body.Array!, body.Offset, body.Count, writable: false);
        using var context = new JsonUnmarshallerContext(stream, maintainResponseBody: false, responseData: null);
        try
        {
            return unmarshaller.Unmarshall(context);
        }
        catch (Exception e)
        {
            // Whatever it is: the answer's bytes are all that the unmarshaller was given.
            throw new IOException("DynamoDB sent an answer that is no JSON of its own.", e);
        }
    }
}

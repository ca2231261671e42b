using System.Text;
using Album.Local.Template;

namespace Album.Local.Gateway;

/// <summary>An answer that API Gateway makes itself.
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html</summary>
/// <param name="ResponseType">Its name among the template's <c>GatewayResponses</c>.</param>
/// <param name="ErrorType">The header <c>x-amzn-ErrorType</c>.</param>
/// <param name="Body">Spaced as AWS spaces it.</param>
internal sealed record GatewayError(int Status, string ResponseType, string ErrorType, string Body)
{
    public static readonly GatewayError NoRoute = new(403, "MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException", """{"message":"Missing Authentication Token"}""");
    public static readonly GatewayError Unauthorized = new(401, "UNAUTHORIZED", "UnauthorizedException", """{"message":"Unauthorized"}""");
    public static readonly GatewayError TokenExpired = new(401, "UNAUTHORIZED", "UnauthorizedException", """{"message":"The incoming token has expired"}""");
    public static readonly GatewayError BadRequest = new(400, "BAD_REQUEST_BODY", "BadRequestException", """{"message":"Bad Request"}""");
    public static readonly GatewayError TooLarge = new(413, "REQUEST_TOO_LARGE", "RequestTooLargeException", """{"message":"Request Too Long"}""");
    public static readonly GatewayError FunctionFailed = new(502, "DEFAULT_5XX", "InternalServerErrorException", """{"message": "Internal server error"}""");
    public static readonly GatewayError TimedOut = new(504, "INTEGRATION_TIMEOUT", "InternalServerErrorException", """{"message": "Endpoint request timed out"}""");

    public async Task WriteAsync(HttpResponse response, StackDefinition stack)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.Headers["x-amzn-ErrorType"] = ErrorType;
        string fallback = Status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
        if (stack.GatewayResponses.TryGetValue(ResponseType, out IReadOnlyDictionary<string, string>? headers)
            || stack.GatewayResponses.TryGetValue(fallback, out headers))
        {
            foreach ((string name, string value) in headers)
            {
                response.Headers[name] = value;
            }
        }

        byte[] body = Encoding.UTF8.GetBytes(Body);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }
}

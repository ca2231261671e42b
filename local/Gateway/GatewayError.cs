using System.Text;
using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>An error response that API Gateway itself returns.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html</remarks>
/// <param name="ResponseType">Its key in the template's <c>GatewayResponses</c>.</param>
/// <param name="ErrorType">The header <c>x-amzn-ErrorType</c>.</param>
/// <param name="Body">The default body, with the white space that AWS sends.</param>
internal sealed record GatewayError(int Status, string ResponseType, string ErrorType, string Body)
{
    public static readonly GatewayError NoRoute = new(403, "MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException", """{"message":"Missing Authentication Token"}""");
    public static readonly GatewayError Unauthorized = new(401, "UNAUTHORIZED", "UnauthorizedException", """{"message":"Unauthorized"}""");
    public static readonly GatewayError TokenExpired = new(401, "UNAUTHORIZED", "UnauthorizedException", """{"message":"The incoming token has expired"}""");
    public static readonly GatewayError BadRequest = new(400, "DEFAULT_4XX", "BadRequestException", """{"message":"Bad Request"}""");
    public static readonly GatewayError TooLarge = new(413, "REQUEST_TOO_LARGE", "RequestTooLargeException", """{"message":"Request Too Long"}""");
    public static readonly GatewayError UnsupportedCoding = new(415, "UNSUPPORTED_MEDIA_TYPE", "UnsupportedMediaTypeException", """{"message":"Unsupported Media Type"}""");
    public static readonly GatewayError FunctionFailed = new(502, "DEFAULT_5XX", "InternalServerErrorException", """{"message": "Internal server error"}""");
    public static readonly GatewayError TimedOut = new(504, "INTEGRATION_TIMEOUT", "InternalServerErrorException", """{"message": "Endpoint request timed out"}""");

    public async Task WriteAsync(HttpResponse response, StackDefinition stack)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.Headers["x-amzn-ErrorType"] = ErrorType;
        string fallback = Status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
        if (stack.GatewayResponses.TryGetValue(ResponseType, out GatewayResponseDefinition? custom)
            || stack.GatewayResponses.TryGetValue(fallback, out custom))
        {
            foreach ((string name, string value) in custom.Headers)
            {
                response.Headers[name] = value;
            }
        }

        byte[] body = Encoding.UTF8.GetBytes(Body);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }
}

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>An error response that API Gateway itself returns.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html</remarks>
/// <param name="ResponseType">Its key in the template's <c>GatewayResponses</c>.</param>
/// <param name="ErrorType">The header <c>x-amzn-ErrorType</c>.</param>
/// <param name="Body">The default body, with the white space that AWS sends.</param>
internal sealed partial record GatewayError(int Status, string ResponseType, string ErrorType, string Body)
{
    public static readonly GatewayError NoRoute = new(403, "MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException", """{"message":"Missing Authentication Token"}""");
    public static readonly GatewayError Unauthorized = new(401, "UNAUTHORIZED", "UnauthorizedException", """{"message":"Unauthorized"}""");
    public static readonly GatewayError TokenExpired = new(401, "UNAUTHORIZED", "UnauthorizedException", """{"message":"The incoming token has expired"}""");
    public static readonly GatewayError BadRequest = new(400, "DEFAULT_4XX", "BadRequestException", """{"message":"Bad Request"}""");
    public static readonly GatewayError TooLarge = new(413, "REQUEST_TOO_LARGE", "RequestTooLargeException", """{"message":"Request Too Long"}""");
    public static readonly GatewayError FunctionFailed = new(502, "DEFAULT_5XX", "InternalServerErrorException", """{"message": "Internal server error"}""");
    public static readonly GatewayError TimedOut = new(504, "INTEGRATION_TIMEOUT", "InternalServerErrorException", """{"message": "Endpoint request timed out"}""");

    /// <summary>The validator's errors, for <c>$context.error.validationErrorString</c>.</summary>
    private string ValidationError { get; init; } = "";

    public static GatewayError MissingParameters(IEnumerable<string> names) => new(
        400, "BAD_REQUEST_PARAMETERS", "BadRequestException", $$"""{"message":"Missing required request parameters: [{{string.Join(", ", names)}}]"}""");

    /// <param name="error">The local validator's message, which differs from AWS's.</param>
    public static GatewayError InvalidBody(string error) =>
        new(400, "BAD_REQUEST_BODY", "BadRequestException", """{"message":"Invalid request body"}""") { ValidationError = $"[{error}]" };

    /// <param name="route">The request's route, if known.</param>
    public async Task WriteAsync(HttpResponse response, StackDefinition stack, RouteDefinition? route = null)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.Headers["x-amzn-ErrorType"] = ErrorType;
        string text = Body;
        string fallback = Status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
        if (stack.GatewayResponses.TryGetValue(ResponseType, out GatewayResponseDefinition? custom)
            || stack.GatewayResponses.TryGetValue(fallback, out custom))
        {
            foreach ((string name, string value) in custom.Headers)
            {
                response.Headers[name] = value;
            }

            text = custom.Template is null ? Body : Substitute(custom.Template, route);
        }

        byte[] body = Encoding.UTF8.GetBytes(text);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    /// <summary>Replaces variables, all that API Gateway supports in a gateway response's template.</summary>
    /// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html</remarks>
    private string Substitute(string template, RouteDefinition? route) => Variable().Replace(template, variable => variable.Value switch
    {
        "$context.error.messageString" => JsonElement.Parse(Body).GetProperty("message").GetRawText(),
        "$context.error.validationErrorString" => JsonEncodedText.Encode(ValidationError).Value,
        "$context.error.responseType" => ResponseType,
        "$context.httpMethod" => route?.Method ?? "-",
        "$context.resourcePath" => route?.Resource ?? "-",
        string other => other,
    });

    [GeneratedRegex(@"\$context(\.[A-Za-z]+)+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();
}

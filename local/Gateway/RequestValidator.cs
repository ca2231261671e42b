using System.Text.Json;
using Microsoft.Net.Http.Headers;
using NJsonSchema;
using NJsonSchema.Validation;
using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>Checks a request before a function is invoked, as API Gateway does.</summary>
/// <remarks>https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html</remarks>
internal static class RequestValidator
{
    /// <returns>The error of an invalid request; null for a valid one.</returns>
    public static GatewayError? Check(ProxyEvent request)
    {
        RouteDefinition route = request.Match.Route;
        Dictionary<string, List<string>> query = request.Query();
        List<string> missing = [.. route.RequiredQuery.Where(name => !query.TryGetValue(name, out List<string>? values) || values[^1].Length == 0)];
        if (missing.Count > 0)
        {
            return GatewayError.MissingParameters(missing);
        }

        return route.BodyModel is null || !IsJson(request.Request.ContentType) ? null : CheckBody(route.BodyModel, request.Body);
    }

    /// <summary>Whether the body is checked. A body of another type has no model and is not checked.</summary>
    private static bool IsJson(string? contentType) =>
        string.IsNullOrEmpty(contentType)
        || (MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase));

    /// <summary>Parses the JSON first, because the schema library accepts invalid JSON.</summary>
    private static GatewayError? CheckBody(JsonSchema model, ReadOnlyMemory<byte> body)
    {
        string text;
        try
        {
            using var json = JsonDocument.Parse(body);
            text = json.RootElement.GetRawText();
        }
        catch (JsonException)
        {
            return GatewayError.InvalidBody("invalid JSON");
        }

        ICollection<ValidationError> errors = model.Validate(text);
        return errors.Count == 0 ? null : GatewayError.InvalidBody(string.Join(", ", errors));
    }
}

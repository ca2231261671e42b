using System.Text.Json;
using Microsoft.Net.Http.Headers;
using NJsonSchema;
using NJsonSchema.Validation;
using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>What API Gateway checks of a request before any function sees it.
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html</summary>
internal static class RequestValidator
{
    /// <summary>The error of a request that the route does not take; null when it takes it.</summary>
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

    /// <summary>A body of any other type passes unchecked: it has no model.</summary>
    private static bool IsJson(string? contentType) =>
        string.IsNullOrEmpty(contentType)
        || (MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase));

    /// <summary>The library itself would take more than JSON.</summary>
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
            return GatewayError.InvalidBody("no JSON");
        }

        ICollection<ValidationError> errors = model.Validate(text);
        return errors.Count == 0 ? null : GatewayError.InvalidBody(string.Join(", ", errors));
    }
}

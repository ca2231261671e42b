using Photos.Aws;

namespace Photos.Tests;

/// <summary>Converts between the functions' endpoints and URLs.</summary>
internal static class ServiceEndpoints
{
    public static ServiceEndpoint ToEndpoint(this Uri url) => ServiceEndpoint.Parse(url.GetLeftPart(UriPartial.Authority))!;

    public static Uri ToUri(this ServiceEndpoint endpoint) => new(endpoint.Origin);
}

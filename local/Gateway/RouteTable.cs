using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>The result of matching a request to the routes.</summary>
internal abstract record RouteMatch
{
    private RouteMatch()
    {
    }

    /// <param name="PathParameters">The path parameters' decoded values.</param>
    internal sealed record Function(RouteDefinition Route, IReadOnlyDictionary<string, string> PathParameters) : RouteMatch;

    internal sealed record Preflight : RouteMatch;

    internal sealed record None : RouteMatch;
}

/// <summary>
/// The API's resources, matched as API Gateway does: first the resource, by path alone and with fixed segments before
/// parameters; then the method of that resource.
/// </summary>
internal sealed class RouteTable
{
    private readonly List<(string[] Segments, List<RouteDefinition> Routes)> _resources;

    public RouteTable(IEnumerable<RouteDefinition> routes) => _resources =
    [
        .. routes
            .GroupBy(route => route.Resource)
            .Select(resource => (Segments: Split(resource.Key), Routes: resource.ToList()))
            .OrderBy(resource => string.Concat(resource.Segments.Select(segment => IsParameter(segment) ? '1' : '0')), StringComparer.Ordinal),
    ];

    /// <param name="path">The path as the client sent it, percent-encoded. One trailing slash is ignored.</param>
    public RouteMatch Match(string method, string path)
    {
        string[] segments = [.. Split(path).Select(Uri.UnescapeDataString)];
        List<RouteDefinition>? routes = null;
        string[] resource = [];
        foreach ((string[] candidate, List<RouteDefinition> there) in _resources)
        {
            if (Fits(candidate, segments))
            {
                (resource, routes) = (candidate, there);
                break;
            }
        }

        if (routes is null)
        {
            return new RouteMatch.None();
        }

        if (routes.Find(route => route.Method == method) is { } found)
        {
            return new RouteMatch.Function(found, resource.Zip(segments)
                .Where(pair => IsParameter(pair.First))
                .ToDictionary(pair => pair.First[1..^1], pair => pair.Second));
        }

        return HttpMethods.IsOptions(method) ? new RouteMatch.Preflight() : new RouteMatch.None();
    }

    private static bool Fits(string[] resource, string[] segments) =>
        resource.Length == segments.Length && resource.Zip(segments).All(pair => IsParameter(pair.First)
            ? pair.Second.Length > 0
            : pair.First == pair.Second);

    private static bool IsParameter(string segment) => segment.StartsWith('{');

    private static string[] Split(string path) =>
        (path.Length > 1 && path.EndsWith('/') ? path[..^1] : path).Split('/');
}

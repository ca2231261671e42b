using Photos.Local.Template;

namespace Photos.Local.Gateway;

/// <summary>Where a request goes.</summary>
internal abstract record RouteMatch
{
    private RouteMatch()
    {
    }

    /// <param name="PathParameters">The parameters' values, percent-decoded.</param>
    internal sealed record Function(RouteDefinition Route, IReadOnlyDictionary<string, string> PathParameters) : RouteMatch;

    internal sealed record Preflight : RouteMatch;

    internal sealed record None : RouteMatch;
}

/// <summary>The API's resources, matched as API Gateway does: the resource is chosen by path alone, a fixed segment
/// before a parameter, and only then the method is looked for on it.</summary>
internal sealed class RouteTable
{
    private readonly List<(string[] Segments, List<RouteDefinition> Routes)> _resources;

    public RouteTable(IEnumerable<RouteDefinition> routes) => _resources =
    [
        .. routes
            .GroupBy(route => route.Resource, StringComparer.Ordinal)
            .Select(resource => (Segments: Split(resource.Key), Routes: resource.ToList()))
            .OrderBy(resource => string.Concat(resource.Segments.Select(segment => IsParameter(segment) ? '1' : '0')), StringComparer.Ordinal),
    ];

    /// <param name="path">As the client sent it, percent-encoded. One slash at its end does not count.</param>
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

        if (routes.Find(route => string.Equals(route.Method, method, StringComparison.Ordinal)) is { } found)
        {
            return new RouteMatch.Function(found, resource.Zip(segments)
                .Where(pair => IsParameter(pair.First))
                .ToDictionary(pair => pair.First[1..^1], pair => pair.Second, StringComparer.Ordinal));
        }

        return HttpMethods.IsOptions(method) ? new RouteMatch.Preflight() : new RouteMatch.None();
    }

    private static bool Fits(string[] resource, string[] segments) =>
        resource.Length == segments.Length && resource.Zip(segments).All(pair => IsParameter(pair.First)
            ? pair.Second.Length > 0
            : string.Equals(pair.First, pair.Second, StringComparison.Ordinal));

    private static bool IsParameter(string segment) => segment.StartsWith('{');

    private static string[] Split(string path) =>
        (path.Length > 1 && path.EndsWith('/') ? path[..^1] : path).Split('/');
}

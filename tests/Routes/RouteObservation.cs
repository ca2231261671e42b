using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Photos.Tests.Template.OpenApi;

namespace Photos.Tests.Routes;

/// <summary>A request that a client sends by a presigned URL.</summary>
/// <param name="Method">Its HTTP method.</param>
/// <param name="Url">The URL.</param>
/// <param name="Headers">The names of the headers to send.</param>
internal sealed record PresignedRequest(string Method, Uri Url, IReadOnlyList<string> Headers)
{
    /// <summary>What it requests of S3, with the permissions of the function that signed it.</summary>
    public StorageRequest Storage => StorageRequest.OfS3(Method, Url.AbsolutePath);
}

/// <summary>One call of a route as the function handled it.</summary>
/// <param name="What">What is special about it, for messages.</param>
/// <param name="Request">The request.</param>
/// <param name="Response">The proxy response.</param>
/// <param name="Sent">The storage requests, in order.</param>
/// <param name="Urls">The requests that the presigned URLs of the response are for.</param>
internal sealed record ObservedCall(
    string What, ExampleRequest Request, JsonElement Response, IReadOnlyList<StorageRequest> Sent, IReadOnlyList<PresignedRequest> Urls)
{
    public int Status => Response.GetProperty("statusCode").GetInt32();

    /// <summary>The body, which is empty or JSON.</summary>
    public string Text => Response.GetProperty("body").GetString()!;

    /// <summary>The error's message; empty for a success.</summary>
    public string Message => Status < 400 ? "" : JsonElement.Parse(Text).GetProperty("message").GetString()!;
}

/// <summary>
/// What a route does, observed on the deployed binary. Its example request is handled once for every combination of
/// outcomes of the storage requests that it leads to, so that no branch of the handler is left out; then again with each
/// field missing or invalid.
/// </summary>
/// <param name="Handled">The example request with each of its queries, one call for each combination of outcomes.</param>
/// <param name="Incomplete">The request without a field of the body or a required query parameter, by the field's name.</param>
/// <param name="Invalid">The request with an invalid value, by the field's or the parameter's name.</param>
/// <param name="Null">The request with null as a field of the body, by the field's name.</param>
/// <param name="Anonymous">The request without a user.</param>
internal sealed record RouteObservation(
    IReadOnlyList<ObservedCall> Handled, ILookup<string, ObservedCall> Incomplete, ILookup<string, ObservedCall> Invalid, ILookup<string, ObservedCall> Null, ObservedCall Anonymous)
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<RouteObservation>>> s_routes = new(StringComparer.Ordinal);

    /// <summary>All calls.</summary>
    public IEnumerable<ObservedCall> Calls => Handled.Concat(Incomplete.SelectMany(calls => calls)).Concat(Invalid.SelectMany(calls => calls)).Concat(Null.SelectMany(calls => calls)).Append(Anonymous);

    /// <summary>Every request for which the function needs permission.</summary>
    public IEnumerable<StorageRequest> Storage => Calls.SelectMany(call => call.Sent.Concat(call.Urls.Select(url => url.Storage))).Distinct();

    /// <summary>Observes a route, once.</summary>
    /// <param name="route">As <see cref="ExampleRequest.NameOf"/> has it.</param>
    public static Task<RouteObservation> OfAsync(string route) => s_routes.GetOrAdd(route, _ => new(() => ObserveAsync(route))).Value;

    private static async Task<RouteObservation> ObserveAsync(string route)
    {
        ExampleRequest example = ExampleRequest.Of(route);
        await using var function = new ProbedFunction(example.Route.Function, warmUp: null);
        List<ObservedCall> handled =
        [
            .. from query in (JsonObject[])[example.Query, .. example.OtherQueries]
               from one in OutcomeSearch.Explore(route, choose => Observe("", function, example with { Query = query }, choose))
               select one.Call with { What = one.Outcomes },
        ];
        Assert.True(handled[0].Status < 300, $"{route}: the request in tests/Routes/ExampleRequest.cs gets {handled[0].Status} {handled[0].Text}. Make it one that succeeds.");

        List<(string Field, ObservedCall Call)> incomplete = [];
        List<(string Field, ObservedCall Call)> invalid = [];
        List<(string Field, ObservedCall Call)> ofNull = [];
        foreach (string field in example.Body?.Select(field => field.Key) ?? [])
        {
            incomplete.Add((field, Call($"without {field}", example with { Body = Without(example.Body!, field) })));
        }

        foreach (string parameter in example.Query.Select(parameter => parameter.Key))
        {
            incomplete.Add((parameter, Call($"without {parameter}", example with { Query = Without(example.Query, parameter) })));
        }

        foreach (string field in ApiDescription.BodyFields(example.Route))
        {
            // A type that no field has, a number above every limit, and text that no rule allows.
            foreach (JsonNode value in (JsonNode[])[new JsonArray(), long.MaxValue, "not/valid"])
            {
                invalid.Add((field, Call($"{field}: {value.ToJsonString()}", example with { Body = With(example.Body ?? [], field, value) })));
            }

            ofNull.Add((field, Call($"{field}: null", example with { Body = With(example.Body ?? [], field, null) })));
        }

        foreach (string parameter in ApiDescription.QueryParameters(example.Route))
        {
            invalid.Add((parameter, Call($"{parameter}=not/valid", example with { Query = With(example.Query, parameter, "not/valid") })));
        }

        foreach (string parameter in example.Path.Select(parameter => parameter.Key))
        {
            invalid.Add((parameter, Call($"{{{parameter}}}=not/valid", example with { Path = With(example.Path, parameter, "not/valid") })));
        }

        return new RouteObservation(
            handled, incomplete.ToLookup(one => one.Field, one => one.Call), invalid.ToLookup(one => one.Field, one => one.Call),
            ofNull.ToLookup(one => one.Field, one => one.Call),
            Call("without a user", example with { IsSignedIn = false }));

        ObservedCall Call(string what, ExampleRequest request) => Observe(what, function, request, (_, outcomes) => outcomes[0]);
    }

    private static ObservedCall Observe(string what, ProbedFunction function, ExampleRequest request, OutcomeChoice choose)
    {
        (JsonElement response, IReadOnlyList<SentRequest> sent) = function.Invoke(request, choose);
        string body = response.GetProperty("body").GetString()!;
        List<PresignedRequest> urls = body.Length == 0 ? [] : [.. Urls(JsonElement.Parse(body), function.S3)];
        return new ObservedCall(what, request, response, [.. sent.Select(one => one.Request)], urls);
    }

    /// <summary>
    /// The presigned URLs in a body: an object's <c>url</c>, with the <c>method</c> and the <c>headers</c> next to it if they differ from a
    /// plain GET, and the members whose names end with <c>Url</c>.
    /// </summary>
    private static IEnumerable<PresignedRequest> Urls(JsonElement json, Uri s3)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            return json.EnumerateArray().SelectMany(item => Urls(item, s3));
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        IEnumerable<PresignedRequest> nested = json.EnumerateObject().SelectMany(member => member.Name.EndsWith("Url", StringComparison.Ordinal)
            ? [new PresignedRequest("GET", S3Url(member.Value, s3), [])]
            : Urls(member.Value, s3));
        return !json.TryGetProperty("url", out JsonElement url) ? nested : nested.Append(new PresignedRequest(
            json.TryGetProperty("method", out JsonElement method) ? method.GetString()! : "GET",
            S3Url(url, s3),
            json.TryGetProperty("headers", out JsonElement headers) ? [.. headers.EnumerateObject().Select(header => header.Name)] : []));
    }

    private static Uri S3Url(JsonElement text, Uri s3)
    {
        var url = new Uri(text.GetString()!);
        Assert.Equal(s3.Authority, url.Authority);
        return url;
    }

    private static JsonObject Without(JsonObject fields, string name)
    {
        var others = (JsonObject)fields.DeepClone();
        others.Remove(name);
        return others;
    }

    private static JsonObject With(JsonObject fields, string name, JsonNode? value)
    {
        var changed = (JsonObject)fields.DeepClone();
        changed[name] = value?.DeepClone();
        return changed;
    }
}

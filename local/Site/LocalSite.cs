using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticFiles;
using Photos.Local.Gateway;
using Photos.Local.Identity;

namespace Photos.Local.Site;

/// <summary>
/// Serves what exists only on this machine: the album page at <c>/</c>, the API's description at <c>/openapi.yaml</c> and,
/// under <c>/local/</c>, the page's configuration, tokens and the list of requests. Passes all other requests to the API.
/// </summary>
internal sealed class LocalSite
{
    private const string FilesPath = "/local/page/";

    private static readonly string[] s_users = ["alice", "bob", "carol"];

    private readonly RequestDelegate _api;
    private readonly string _folder;
    private readonly string _description;
    private readonly string _contentSecurityPolicy;
    private readonly DevelopmentIssuer? _issuer;
    private readonly Configuration _configuration;
    private readonly RequestHistory _history;
    private readonly Func<Task> _retire;

    /// <param name="api">Handles all other requests.</param>
    /// <param name="checkout">The folder that contains <c>local/Page</c> and <c>docs/openapi.yaml</c>.</param>
    /// <param name="s3">The endpoint that presigned URLs lead to.</param>
    /// <param name="issuer">Signs tokens for development users; null when a user pool does.</param>
    /// <param name="signIn">The user pool's sign-in page, if it has one.</param>
    /// <param name="maxPhotoBytes">The largest photo that the API accepts, in bytes.</param>
    /// <param name="history">The API's requests.</param>
    /// <param name="retire">Ends the functions' processes, so that the next request to each is a cold start.</param>
    public LocalSite(
        RequestDelegate api,
        string checkout,
        Uri s3,
        DevelopmentIssuer? issuer,
        HostedSignIn? signIn,
        long? maxPhotoBytes,
        RequestHistory history,
        Func<Task> retire)
    {
        (_api, _issuer, _history, _retire) = (api, issuer, history, retire);
        _folder = Path.Combine(checkout, "local", "Page");
        _description = Path.Combine(checkout, "docs", "openapi.yaml");
        _configuration = new Configuration(issuer is null ? [] : s_users, signIn, maxPhotoBytes);
        string bucket = s3.GetLeftPart(UriPartial.Authority);
        string tokens = signIn is null ? "" : $" {signIn.TokenEndpoint.GetLeftPart(UriPartial.Authority)}";
        _contentSecurityPolicy =
            $"default-src 'self'; connect-src 'self' {bucket}{tokens}; img-src 'self' {bucket} blob:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
    }

    public async Task HandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        string path = RestApi.PathOf(context);
        Func<Task<IResult>>? respond = (request.Method, path) switch
        {
            ("GET", "/") => () => Task.FromResult(PageFile("index.html")),
            ("GET", "/openapi.yaml") => () => DescriptionAsync(context.Connection.LocalPort),
            ("GET", "/local/config") => () => Task.FromResult<IResult>(TypedResults.Json(_configuration)),
            ("GET", "/local/requests") => () => Task.FromResult<IResult>(Requests(request)),
            ("POST", "/local/token") => () => Task.FromResult(Token(request)),
            ("POST", "/local/cold") => MakeColdAsync,
            ("GET", _) when path.StartsWith(FilesPath, StringComparison.Ordinal) =>
                () => Task.FromResult(PageFile(path[FilesPath.Length..])),
            _ => null,
        };
        if (respond is null)
        {
            await _api(context);
            return;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = _contentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Referrer-Policy"] = "same-origin";
        IResult result = IsFromOwnPage(request) ? await respond() : Error(403, "Only this host's own page may request this. Open the page at the address that make run prints.");
        await result.ExecuteAsync(context);
    }

    /// <summary>
    /// These responses contain tokens, so no other site may get them. <c>Host</c> reveals a foreign name that resolves to this
    /// machine (DNS rebinding). <c>Origin</c>, which browsers send with every POST, reveals another site's page.
    /// </summary>
    private static bool IsFromOwnPage(HttpRequest request)
    {
        string host = request.Host.Host.Trim('[', ']');
        bool isLoopback = host is "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
        string origin = request.Headers.Origin.ToString();
        bool isSameOrigin = origin.Length == 0
            ? HttpMethods.IsGet(request.Method)
            : string.Equals(origin, $"http://{request.Host}", StringComparison.OrdinalIgnoreCase);
        return isLoopback && isSameOrigin;
    }

    /// <summary>The description names the default port, and this host may listen on another one.</summary>
    private async Task<IResult> DescriptionAsync(int port)
    {
        string description = await File.ReadAllTextAsync(_description);
        return TypedResults.Text(description.Replace("http://127.0.0.1:3000", $"http://127.0.0.1:{port}", StringComparison.Ordinal), "application/yaml");
    }

    private IResult PageFile(string name)
    {
        // Only files in the folder itself, by their exact names.
        string? file = Directory.EnumerateFiles(_folder).FirstOrDefault(file => Path.GetFileName(file) == name);
        return file is not null && new FileExtensionContentTypeProvider().TryGetContentType(file, out string? type)
            ? TypedResults.PhysicalFile(file, $"{type}; charset=utf-8")
            : Error(404, "The page does not have this file.");
    }

    private ServerSentEventsResult<ShownRequest> Requests(HttpRequest request)
    {
        // A browser that reconnects sends the id of the last event it received.
        _ = long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out long last);
        return TypedResults.ServerSentEvents(_history.WatchAsync(last, request.HttpContext.RequestAborted));
    }

    private IResult Token(HttpRequest request) => (_issuer, request.Query["sub"].ToString()) switch
    {
        (null, _) => Error(404, "This host accepts only the tokens of a user pool. Sign in to the user pool to get one."),
        (_, "") => Error(400, "The query parameter sub is missing. Set it to the user's name."),
        var (issuer, user) => TypedResults.Json(new { token = issuer.CreateToken(user, DevelopmentIssuer.DefaultLifetime) }),
    };

    private async Task<IResult> MakeColdAsync()
    {
        await _retire();
        return TypedResults.NoContent();
    }

    private static JsonHttpResult<ErrorBody> Error(int status, string message) => TypedResults.Json(new ErrorBody(message), statusCode: status);

    private sealed record ErrorBody(string Message);

    /// <param name="Users">The development users to choose from; empty with a user pool.</param>
    private sealed record Configuration(IReadOnlyList<string> Users, HostedSignIn? SignIn, long? MaxPhotoBytes);
}

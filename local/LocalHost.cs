using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Photos.Local.Engines;
using Photos.Local.Gateway;
using Photos.Local.Identity;
using Photos.Local.Lambda;
using Photos.Local.Site;
using Photos.Local.Template;

namespace Photos.Local;

/// <summary>What the command line asks for.</summary>
/// <param name="Port">Where the API listens; S3 and DynamoDB take the next two. 0 for any that are free.</param>
/// <param name="Template">The path of <c>template.yaml</c>.</param>
/// <param name="Functions">The folder that holds <c>FUNCTION/bootstrap</c>.</param>
/// <param name="Data">The folder of the photos, their metadata and the development issuer's key.</param>
/// <param name="EnginesAddress">Where the built-in S3 and DynamoDB listen.</param>
/// <param name="Issuer">The user pool whose tokens are accepted; null for the development issuer's.</param>
/// <param name="Audience">The user pool's app client.</param>
internal sealed record LocalHostOptions(int Port, string Template, string Functions, string Data, IPAddress EnginesAddress, Uri? Issuer, string? Audience);

/// <summary>The whole stack on this machine: the API, the functions, the table and the bucket.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private readonly LocalEngines _engines;
    private readonly Dictionary<string, FunctionPool> _pools;
    private readonly WebApplication _web;

    private LocalHost(
        LocalEngines engines, Dictionary<string, FunctionPool> pools, WebApplication web, Uri address, DevelopmentIssuer? issuer)
    {
        (_engines, _pools, _web) = (engines, pools, web);
        (Address, Issuer) = (address, issuer);
    }

    /// <summary>Where the API answers.</summary>
    public Uri Address { get; }

    /// <summary>Who signs the tokens that the API accepts; null when a user pool does.</summary>
    public DevelopmentIssuer? Issuer { get; }

    /// <summary>Starts everything but the functions, whose processes start with their first requests.</summary>
    /// <param name="output">The log: a line a request, and what the functions print.</param>
    /// <exception cref="LocalHostException">Something is missing, taken or wrong.</exception>
    public static async Task<LocalHost> StartAsync(LocalHostOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        string region = Environment.GetEnvironmentVariable("AWS_REGION") is { Length: > 0 } chosen ? chosen : "us-east-1";
        StackDefinition stack = TemplateReader.Read(options.Template, region);
        foreach (FunctionDefinition function in stack.Functions)
        {
            CheckBuilt(Path.Combine(options.Functions, function.Name, "bootstrap"));
        }

        DevelopmentIssuer? issuer = options.Issuer is null ? DevelopmentIssuer.Open(options.Data) : null;
        TokenVerifier tokens = issuer is null
            ? await TokenVerifier.ForAsync(options.Issuer!, options.Audience!, cancellationToken)
            : TokenVerifier.For(issuer);
        int port = FindPort(options.Port);
        string checkout = CheckoutDirectory();

        var endpoints = EngineEndpoints.FromEnvironment();
        LocalEngines engines = await LocalEngines.StartAsync(
            new EngineOptions(
                stack,
                Path.Combine(checkout, "local", "Engines"),
                options.Data,
                options.EnginesAddress,
                options.Port == 0 ? 0 : port + 1,
                endpoints.DynamoDb,
                endpoints.S3,
                endpoints.Credentials),
            output,
            cancellationToken);

        Dictionary<string, string> environment = FunctionEnvironment(region, engines, endpoints.Credentials);
        Dictionary<string, FunctionPool> pools = stack.Functions.ToDictionary(
            function => function.Name,
            function => new FunctionPool(function, Path.Combine(options.Functions, function.Name), environment, output),
            StringComparer.Ordinal);

        var history = new RequestHistory();
        var api = new RestApi(stack, tokens, (function, payload) => pools[function].InvokeAsync(payload, CancellationToken.None), output)
        {
            Answered = history.Add,
        };
        var site = new LocalSite(
            api.HandleAsync,
            checkout,
            engines.S3,
            issuer,
            tokens.HostedSignIn,
            MaxPhotoBytes(stack),
            history,
            () => Task.WhenAll(pools.Values.Select(pool => pool.RetireAsync())));
        WebApplication web = Listener.Create(site.HandleAsync, port);
        var host = new LocalHost(engines, pools, web, new Uri($"http://127.0.0.1:{port}"), issuer);
        try
        {
            await web.StartAsync(cancellationToken);
            return host;
        }
        catch (IOException)
        {
            await host.DisposeAsync();
            throw PortTaken(port);
        }
        catch (OperationCanceledException)
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs until it is cancelled.</summary>
    /// <exception cref="LocalHostException">An engine ended by itself.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            throw new LocalHostException(await _engines.Failure.WaitAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await Task.WhenAll(_pools.Values.Select(pool => pool.DisposeAsync().AsTask()));
        await _engines.DisposeAsync();
    }

    private static Dictionary<string, string> FunctionEnvironment(string region, LocalEngines engines, AWSCredentials credentials)
    {
        ImmutableCredentials keys = credentials.GetCredentials();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_REGION"] = region,
            ["AWS_ACCESS_KEY_ID"] = keys.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = keys.SecretKey,
            ["AWS_ENDPOINT_URL_DYNAMODB"] = engines.DynamoDb.AbsoluteUri.TrimEnd('/'),
            ["AWS_ENDPOINT_URL_S3"] = engines.S3.AbsoluteUri.TrimEnd('/'),
        };
        if (keys.UseToken)
        {
            environment["AWS_SESSION_TOKEN"] = keys.Token;
        }

        if (Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_LEVEL") is { Length: > 0 } level)
        {
            environment["AWS_LAMBDA_LOG_LEVEL"] = level;
        }

        return environment;
    }

    private static void CheckBuilt(string bootstrap)
    {
        if (!File.Exists(bootstrap))
        {
            throw new LocalHostException($"{bootstrap} is missing; build the functions with ./build.sh, or name their folder with --functions.");
        }
    }

    /// <summary>The limit that the functions are given; null in a template that gives them none.</summary>
    private static long? MaxPhotoBytes(StackDefinition stack) => stack.Functions
        .Select(function => function.Environment.GetValueOrDefault("MAX_PHOTO_BYTES"))
        .Where(limit => limit is not null)
        .Select(limit => (long?)long.Parse(limit!, CultureInfo.InvariantCulture))
        .FirstOrDefault();

    /// <summary>The engines and the page are plain JavaScript beside the sources, above the folder that this program was
    /// built into.</summary>
    private static string CheckoutDirectory()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "local", "Engines", "engines.mjs")))
            {
                return folder;
            }
        }

        throw new LocalHostException($"No folder above {AppContext.BaseDirectory} holds local/Engines; run the local host from a checkout of Photos.");
    }

    /// <summary>Finds out before anything starts that somebody else has the port.</summary>
    private static int FindPort(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException)
        {
            throw PortTaken(port);
        }
    }

    private static LocalHostException PortTaken(int port) =>
        new($"Port {port} on 127.0.0.1 cannot be had; end the program that has it, or choose another with --port.");
}

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

/// <summary>The command line's options.</summary>
/// <param name="Port">The port of the API; S3 and DynamoDB use the next two. 0 chooses free ports.</param>
/// <param name="Template">The path of <c>template.yaml</c>.</param>
/// <param name="Functions">The folder that contains <c>FUNCTION/bootstrap</c>.</param>
/// <param name="Data">The folder for photos, metadata and the development issuer's key.</param>
/// <param name="EnginesAddress">The address on which the built-in S3 and DynamoDB listen.</param>
/// <param name="Issuer">The URL of the user pool whose tokens are accepted; null to use the development issuer.</param>
/// <param name="Audience">The id of the user pool's app client.</param>
internal sealed record LocalHostOptions(int Port, string Template, string Functions, string Data, IPAddress EnginesAddress, Uri? Issuer, string? Audience);

/// <summary>The whole stack on this machine: the API, the functions, their event sources, the table and the bucket.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private readonly LocalEngines _engines;
    private readonly Dictionary<string, FunctionPool> _pools;
    private readonly EventSources _eventSources;
    private readonly WebApplication _web;

    private LocalHost(
        LocalEngines engines,
        Dictionary<string, FunctionPool> pools,
        EventSources eventSources,
        WebApplication web,
        Uri address,
        DevelopmentIssuer? issuer)
    {
        (_engines, _pools, _eventSources, _web) = (engines, pools, eventSources, web);
        (Address, Issuer) = (address, issuer);
    }

    /// <summary>The API's address.</summary>
    public Uri Address { get; }

    /// <summary>Signs the tokens that the API accepts; null when a user pool does.</summary>
    public DevelopmentIssuer? Issuer { get; }

    /// <summary>Starts the engines and the API. A function's process starts with its first request.</summary>
    /// <param name="output">Receives the log: one line for each request, and what the functions print.</param>
    /// <exception cref="LocalHostException">A file is missing, a port is in use, or an option or the template is invalid.</exception>
    public static async Task<LocalHost> StartAsync(LocalHostOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        string region = Environment.GetEnvironmentVariable("AWS_REGION") is { Length: > 0 } chosen ? chosen : "us-east-1";
        StackDefinition stack = TemplateReader.Read(options.Template, region);
        foreach (FunctionDefinition function in stack.Functions)
        {
            CheckBuilt(Path.Combine(options.Functions, function.Name, "bootstrap"));
        }

        long? maxPhotoBytes = MaxPhotoBytes(stack);

        DevelopmentIssuer? issuer = options.Issuer is null ? DevelopmentIssuer.Open(options.Data) : null;
        TokenVerifier tokens = issuer is null
            ? await TokenVerifier.CreateAsync(options.Issuer!, options.Audience!, cancellationToken)
            : TokenVerifier.Create(issuer);
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

        Dictionary<string, string> variables = SharedVariables(region, engines.DynamoDb, engines.S3, endpoints.Credentials);
        Dictionary<string, FunctionPool> pools = stack.Functions.ToDictionary(
            function => function.Name,
            function => new FunctionPool(function, Path.Combine(options.Functions, function.Name), variables, output));

        var history = new RequestHistory();
        var api = new RestApi(stack, tokens, (function, payload) => pools[function].InvokeAsync(payload, CancellationToken.None), output)
        {
            Completed = history.Add,
            LogsRefusedTokens = Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_LEVEL")?.ToUpperInvariant() is "DEBUG" or "TRACE",
        };
        var site = new LocalSite(
            api.HandleAsync,
            checkout,
            engines.S3,
            issuer,
            tokens.HostedSignIn,
            maxPhotoBytes,
            history,
            () => Task.WhenAll(pools.Values.Select(pool => pool.RetireAsync())));
        WebApplication web = Listener.Create(site.HandleAsync, port);
        EventSources eventSources = await StartEventSourcesAsync(
            new EventSourceOptions(
                stack.EventSources,
                engines.DynamoDb,
                engines.S3,
                endpoints.Credentials,
                region,
                engines.StreamArn,
                Path.Combine(options.Data, "event-sources"),
                (function, payload, cancel) => pools[function].InvokeAsync(payload, cancel),
                (function, records, result) => history.Add(FromStream(function, records, result))),
            engines,
            output);
        var host = new LocalHost(engines, pools, eventSources, web, new Uri($"http://127.0.0.1:{port}"), issuer);
        try
        {
            await web.StartAsync(cancellationToken);
            return host;
        }
        catch (IOException)
        {
            await host.DisposeAsync();
            throw PortUnavailable(port);
        }
        catch (OperationCanceledException)
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs until it is canceled.</summary>
    /// <exception cref="LocalHostException">The built-in engines have ended and cannot be started again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            throw new LocalHostException(await _engines.Failure.WaitAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C or SIGTERM.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _eventSources.StopAsync();
        await Task.WhenAll(_pools.Values.Select(pool => pool.DisposeAsync().AsTask()));
        await _eventSources.DisposeAsync();
        await _engines.DisposeAsync();
    }

    /// <exception cref="LocalHostException">A filter pattern is not valid, or the table has no stream.</exception>
    private static async Task<EventSources> StartEventSourcesAsync(EventSourceOptions options, LocalEngines engines, TextWriter output)
    {
        try
        {
            return EventSources.Start(options, output);
        }
        catch
        {
            await engines.DisposeAsync();
            throw;
        }
    }

    /// <summary>An invocation for records of the stream, as the page shows it.</summary>
    private static CompletedRequest FromStream(string function, int records, InvocationResult result) => new(
        "stream",
        string.Create(CultureInfo.InvariantCulture, $"{function}, {records} {(records == 1 ? "record" : "records")}"),
        result is InvocationResult.Succeeded ? 200 : 500,
        result.Report.DurationMs + (result.Report.InitMs ?? 0),
        result.Report);

    /// <summary>The environment variables that every function gets in addition to its own.</summary>
    public static Dictionary<string, string> SharedVariables(string region, Uri dynamoDb, Uri s3, AWSCredentials credentials)
    {
        ImmutableCredentials keys = credentials.GetCredentials();
        var variables = new Dictionary<string, string>
        {
            ["AWS_REGION"] = region,
            ["AWS_ACCESS_KEY_ID"] = keys.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = keys.SecretKey,
            ["AWS_ENDPOINT_URL_DYNAMODB"] = dynamoDb.AbsoluteUri.TrimEnd('/'),
            ["AWS_ENDPOINT_URL_S3"] = s3.AbsoluteUri.TrimEnd('/'),
        };
        if (keys.UseToken)
        {
            variables["AWS_SESSION_TOKEN"] = keys.Token;
        }

        if (Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_LEVEL") is { Length: > 0 } level)
        {
            variables["AWS_LAMBDA_LOG_LEVEL"] = level;
        }

        return variables;
    }

    private static void CheckBuilt(string bootstrap)
    {
        if (!File.Exists(bootstrap))
        {
            throw new LocalHostException($"{bootstrap} is missing. Build the functions with ./build.sh, or give their folder with --functions.");
        }
    }

    /// <summary>The functions' limit for a photo's size, in bytes; null when the template does not set one.</summary>
    /// <exception cref="LocalHostException">The limit is not a size.</exception>
    private static long? MaxPhotoBytes(StackDefinition stack)
    {
        string? text = stack.Functions
            .Select(function => function.Environment.GetValueOrDefault("MAX_PHOTO_BYTES"))
            .FirstOrDefault(limit => limit is not null);
        return text is null ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes > 0 ? bytes
            : throw new LocalHostException(
                $"The functions' MAX_PHOTO_BYTES is '{text}', which is not a whole number from 1 up. Correct the default of the template's parameter MaxPhotoBytes.");
    }

    /// <summary>
    /// The folder of the sources, which contains the engines and the page. It is above the folder that this program was built into.
    /// </summary>
    public static string CheckoutDirectory()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "local", "Engines", "engines.mjs")))
            {
                return folder;
            }
        }

        throw new LocalHostException($"No folder above {AppContext.BaseDirectory} contains local/Engines. Run the local host from a clone of the Photos repository.");
    }

    /// <summary>Checks that the port is free before anything starts.</summary>
    /// <returns>The port, or a free one for 0.</returns>
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
            throw PortUnavailable(port);
        }
    }

    private static LocalHostException PortUnavailable(int port) =>
        new($"Port {port} on 127.0.0.1 is not available. End the program that uses it, or choose another port with --port (make: PORT=).");
}

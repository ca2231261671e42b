using System.CommandLine;
using System.Net;
using Photos.Local;
using Photos.Local.Identity;

var port = new Option<int>("--port") { Description = "The port of the API. S3 and DynamoDB use the next two ports. 0 chooses free ports.", DefaultValueFactory = _ => 3000 };
var template = new Option<string>("--template") { Description = "The path of the SAM template.", DefaultValueFactory = _ => "template.yaml" };
var functions = new Option<string>("--functions") { Description = "The folder with the built functions, as FUNCTION/bootstrap.", Required = true };
var data = new Option<string>("--data") { Description = "The folder for photos, metadata and the key that signs tokens.", DefaultValueFactory = _ => ".data" };
var enginesAddress = new Option<string>("--engines-address")
{
    Description = "The IP address on which S3 and DynamoDB listen. Containers cannot reach 127.0.0.1.",
    DefaultValueFactory = _ => "127.0.0.1",
};
var issuer = new Option<string?>("--issuer") { Description = "The URL of a Cognito user pool. The API then accepts only its tokens. Requires --audience." };
var audience = new Option<string?>("--audience") { Description = "The id of the user pool's app client. Requires --issuer." };
var subject = new Argument<string>("SUB") { Description = "The user: the token's claim sub." };
var expiresIn = new Option<int>("--expires-in")
{
    Description = "How long the token is valid, in seconds. A negative number creates an expired token.",
    DefaultValueFactory = _ => (int)DevelopmentIssuer.DefaultLifetime.TotalSeconds,
};

var run = new Command("run", "Runs the API, the functions, the table and the bucket on this machine.") { port, template, functions, data, enginesAddress, issuer, audience };
run.SetAction(RunAsync);
var token = new Command("token", "Prints an ID token that the local API accepts.") { subject, data, expiresIn };
token.SetAction(arguments => Console.WriteLine(DevelopmentIssuer.Open(arguments.GetRequiredValue(data))
    .CreateToken(arguments.GetRequiredValue(subject), TimeSpan.FromSeconds(arguments.GetRequiredValue(expiresIn)))));
var root = new RootCommand("Runs the Photos back end on this machine.") { run, token };

bool isRun = args.Length == 0 || (args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?" or "--version"));
try
{
    // After Ctrl+C or SIGTERM the functions and engines need a moment to end; the exit code is then the command's own.
    return await root.Parse(isRun ? ["run", .. args] : args).InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
}
catch (LocalHostException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
{
    try
    {
        await using LocalHost host = await LocalHost.StartAsync(Options(arguments), Console.Out, cancellationToken);
        Console.WriteLine(ReadyMessage.Create(host.Address, host.Issuer?.CreateToken("alice", DevelopmentIssuer.DefaultLifetime)));
        await host.RunAsync(cancellationToken);
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        // Canceled before it was ready.
    }

    return 0;
}

LocalHostOptions Options(ParseResult arguments)
{
    if (arguments.GetRequiredValue(port) is < 0 or >= ushort.MaxValue - 1)
    {
        throw new LocalHostException("--port must be a number from 0 to 65533, because S3 and DynamoDB use the next two ports.");
    }

    if (!IPAddress.TryParse(arguments.GetRequiredValue(enginesAddress), out IPAddress? address))
    {
        throw new LocalHostException("--engines-address must be an IP address of this machine, such as 172.17.0.1.");
    }

    Uri? userPool = null;
    if (arguments.GetValue(issuer) is { } url && !Uri.TryCreate(url, UriKind.Absolute, out userPool))
    {
        throw new LocalHostException("--issuer must be the URL of the user pool, which its tokens have in the claim iss.");
    }

    if (userPool is null != arguments.GetValue(audience) is null)
    {
        throw new LocalHostException("--issuer and --audience require each other. Give both the user pool's URL and the id of its app client.");
    }

    return new LocalHostOptions(
        arguments.GetRequiredValue(port),
        arguments.GetRequiredValue(template),
        arguments.GetRequiredValue(functions),
        arguments.GetRequiredValue(data),
        address,
        userPool,
        arguments.GetValue(audience));
}

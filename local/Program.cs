using System.CommandLine;
using System.Net;
using Photos.Local;
using Photos.Local.Identity;

var port = new Option<int>("--port") { Description = "Where the API listens; S3 and DynamoDB take the next two. 0 for any that are free.", DefaultValueFactory = _ => 3000 };
var template = new Option<string>("--template") { Description = "The template that is deployed.", DefaultValueFactory = _ => "template.yaml" };
var functions = new Option<string>("--functions") { Description = "The folder that holds FUNCTION/bootstrap.", Required = true };
var data = new Option<string>("--data") { Description = "The folder for photos, metadata and the signing key.", DefaultValueFactory = _ => ".data" };
var enginesAddress = new Option<string>("--engines-address")
{
    Description = "Where S3 and DynamoDB listen. 127.0.0.1 is out of reach for containers.",
    DefaultValueFactory = _ => "127.0.0.1",
};
var issuer = new Option<string?>("--issuer") { Description = "The URL of a Cognito user pool, to accept its tokens and no others." };
var audience = new Option<string?>("--audience") { Description = "The id of the user pool's app client." };
var subject = new Argument<string>("SUB") { Description = "The user, the claim sub." };
var expiresIn = new Option<int>("--expires-in")
{
    Description = "Until the token expires, in seconds; negative for one that has expired.",
    DefaultValueFactory = _ => (int)DevelopmentIssuer.DefaultLifetime.TotalSeconds,
};

var run = new Command("run", "Runs the API, the functions, the table and the bucket on this machine.") { port, template, functions, data, enginesAddress, issuer, audience };
run.SetAction(RunAsync);
var token = new Command("token", "Prints an ID token that the local API accepts.") { subject, data, expiresIn };
token.SetAction(arguments => Console.WriteLine(DevelopmentIssuer.Open(arguments.GetRequiredValue(data))
    .CreateToken(arguments.GetRequiredValue(subject), TimeSpan.FromSeconds(arguments.GetRequiredValue(expiresIn)))));
var root = new RootCommand("The Photos back end on this machine.") { run, token };

bool isRun = args.Length == 0 || (args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?" or "--version"));
try
{
    // What was started takes a moment to end after Ctrl-C or SIGTERM; the exit code is then the command's own.
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
        // Ended before it was ready, as asked.
    }

    return 0;
}

LocalHostOptions Options(ParseResult arguments)
{
    if (arguments.GetRequiredValue(port) is < 0 or >= ushort.MaxValue - 1)
    {
        throw new LocalHostException("--port takes a number from 0 to 65533; S3 and DynamoDB take the next two.");
    }

    if (!IPAddress.TryParse(arguments.GetRequiredValue(enginesAddress), out IPAddress? address))
    {
        throw new LocalHostException("--engines-address takes an IP address of this machine, as in 172.17.0.1.");
    }

    Uri? userPool = null;
    if (arguments.GetValue(issuer) is { } url && !Uri.TryCreate(url, UriKind.Absolute, out userPool))
    {
        throw new LocalHostException("--issuer takes the URL that the user pool's tokens name as iss.");
    }

    if (userPool is null != arguments.GetValue(audience) is null)
    {
        throw new LocalHostException("--issuer and --audience go together: the user pool's URL and the id of its app client.");
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

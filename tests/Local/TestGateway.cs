using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Photos.Local.Gateway;
using Photos.Local.Identity;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Tests.Local;

/// <summary>The gateway on a free port, with a fake function that records its events.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private static readonly InvocationReport s_report = new("", 0, 0, null, 0);
    private readonly WebApplication _web;
    private readonly StringWriter _log = new();

    public TestGateway(StackDefinition? stack = null, TimeSpan? integrationTimeout = null, bool logsRefusedTokens = false)
    {
        var api = new RestApi(stack ?? Stack, TokenVerifier.Create(Issuer), InvokeAsync, TextWriter.Synchronized(_log))
        {
            IntegrationTimeout = integrationTimeout ?? TimeSpan.FromSeconds(29),
            LogsRefusedTokens = logsRefusedTokens,
        };
        _web = Listener.Create(api.HandleAsync, port: 0);
        _web.Start();
        Client = new HttpClient { BaseAddress = new Uri(_web.Urls.Single()) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Issuer.CreateToken("alice", TimeSpan.FromHours(1)));
    }

    /// <summary>The template that is deployed.</summary>
    public static StackDefinition Stack { get; } = TemplateReader.Read(Repository.Template, "us-east-1");

    /// <summary>One for all tests, because creating its key is slow.</summary>
    public static DevelopmentIssuer Issuer { get; } = OpenIssuer();

    /// <summary>Sends alice's token with each request.</summary>
    public HttpClient Client { get; }

    /// <summary>The invocations so far, in order.</summary>
    public List<(string Function, string Event)> Events { get; } = [];

    /// <summary>What the next invocation returns.</summary>
    public Func<Task<InvocationResult>> Invoke { get; set; } = () => Task.FromResult(Succeeded("""{"statusCode":200}"""));

    public string Log => _log.ToString();

    public JsonElement LastEvent => JsonElement.Parse(Events[^1].Event);

    public static InvocationResult Succeeded(string response) =>
        new InvocationResult.Succeeded(s_report, Encoding.UTF8.GetBytes(response));

    public static InvocationResult Failed(string how) => how switch
    {
        "error" => new InvocationResult.FunctionError(s_report, "{}"u8.ToArray()),
        "crash" => new InvocationResult.Crashed(s_report, "Runtime.ExitError", "exit status 1"),
        "init" => new InvocationResult.InitFailed(s_report, "Runtime.ExitError", "exit status 1"),
        _ => new InvocationResult.TimedOut(s_report, "Task timed out"),
    };

    /// <summary>Sends bytes without changing them, and returns everything received until the connection is closed.</summary>
    public async Task<string> SendAsync(string request, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Client.BaseAddress!.Port, cancellationToken);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Waits for the log. The gateway writes a request's line after it has sent the response.</summary>
    public async Task<string> WaitForLogAsync(CancellationToken cancellationToken)
    {
        for (long end = Environment.TickCount64 + 10_000; Log.Length == 0 && Environment.TickCount64 < end;)
        {
            await Task.Delay(10, cancellationToken);
        }

        return Log;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _web.DisposeAsync();
    }

    private static DevelopmentIssuer OpenIssuer()
    {
        string data = Directory.CreateTempSubdirectory("photos-gateway-").FullName;
        try
        {
            return DevelopmentIssuer.Open(data);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private Task<InvocationResult> InvokeAsync(string function, ReadOnlyMemory<byte> payload)
    {
        Events.Add((function, Encoding.UTF8.GetString(payload.Span)));
        return Invoke();
    }
}

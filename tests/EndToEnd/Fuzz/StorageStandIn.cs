using Photos.Tests.Unit.Net;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>DynamoDB and S3 for one function. It records the requests and sends the responses that the test chooses.</summary>
internal sealed class StorageStandIn : IDisposable
{
    private readonly FakeHttpServer _server;
    private readonly Lock _lock = new();
    private Func<HttpRequest, FakeResponse> _respond = _ => FakeResponse.HangUp;

    public StorageStandIn() => _server = new FakeHttpServer((request, _) => ValueTask.FromResult(Respond(request)));

    public string Address => $"http://{_server.Address}";

    /// <summary>Sets the responses to the next requests. One request at a time is handed to <paramref name="respond"/>.</summary>
    public void RespondWith(Func<HttpRequest, FakeResponse> respond)
    {
        lock (_lock)
        {
            _respond = respond;
        }
    }

    /// <inheritdoc cref="FakeHttpServer.TakeRequests"/>
    public List<HttpRequest> TakeRequests() => _server.TakeRequests();

    public void Dispose() => _server.Dispose();

    private FakeResponse Respond(HttpRequest request)
    {
        lock (_lock)
        {
            return _respond(request);
        }
    }
}

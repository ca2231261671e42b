using System.Threading.Channels;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.RuntimeContract;

/// <summary>
/// A Lambda Runtime API that sends the responses that the test scripts, valid or not. It accepts a post without a script with
/// 202. A <c>next</c> without a script waits for one, as it does in Lambda.
/// </summary>
internal sealed class FakeRuntimeApi : IAsyncDisposable
{
    private readonly Channel<HttpRequest> _arrivals = Channel.CreateUnbounded<HttpRequest>();
    private readonly Channel<FakeResponse> _next = Channel.CreateUnbounded<FakeResponse>();
    private readonly Channel<FakeResponse> _response = Channel.CreateUnbounded<FakeResponse>();
    private readonly Channel<FakeResponse> _error = Channel.CreateUnbounded<FakeResponse>();
    private readonly FakeHttpServer _server;

    public FakeRuntimeApi() => _server = new FakeHttpServer(RespondAsync);

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string Address => _server.Address;

    /// <inheritdoc cref="FakeHttpServer.ConnectionCount"/>
    public int ConnectionCount => _server.ConnectionCount;

    public IReadOnlyList<HttpRequest> Requests => _server.Requests;

    /// <summary>Scripts the response to the next <c>/invocation/next</c>.</summary>
    public void RespondToNext(FakeResponse response) => _next.Writer.TryWrite(response);

    /// <summary>Scripts the response to the next post of a response.</summary>
    public void RespondToResponse(FakeResponse response) => _response.Writer.TryWrite(response);

    /// <summary>Scripts the response to the next post of an error, including <c>/init/error</c>.</summary>
    public void RespondToError(FakeResponse response) => _error.Writer.TryWrite(response);

    /// <summary>Waits for the first request that no earlier call has returned.</summary>
    public async Task<HttpRequest> NextRequestAsync(TimeSpan timeout) =>
        await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(timeout);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async ValueTask<FakeResponse> RespondAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        _arrivals.Writer.TryWrite(request);
        if (request.Target.EndsWith("/next", StringComparison.Ordinal))
        {
            return await _next.Reader.ReadAsync(cancellationToken);
        }

        Channel<FakeResponse> script = request.Target.EndsWith("/response", StringComparison.Ordinal) ? _response : _error;
        return script.Reader.TryRead(out FakeResponse? response) ? response : FakeResponse.Status(202);
    }
}

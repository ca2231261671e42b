using System.Threading.Channels;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.RuntimeContract;

/// <summary>
/// A Lambda Runtime API. It answers what it was told to, right or wrong. Posts that nobody scripted are answered 202. A
/// <c>next</c> beyond the script waits, as Lambda's does, for more of it.
/// </summary>
internal sealed class FakeRuntimeApi : IAsyncDisposable
{
    private readonly Channel<RecordedRequest> _arrivals = Channel.CreateUnbounded<RecordedRequest>();
    private readonly Channel<FakeAnswer> _next = Channel.CreateUnbounded<FakeAnswer>();
    private readonly Channel<FakeAnswer> _response = Channel.CreateUnbounded<FakeAnswer>();
    private readonly Channel<FakeAnswer> _error = Channel.CreateUnbounded<FakeAnswer>();
    private readonly FakeHttpServer _server;

    public FakeRuntimeApi() => _server = new FakeHttpServer(AnswerToAsync).Start();

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string Address => _server.Address;

    public int ConnectionCount => _server.ConnectionCount;

    public IReadOnlyList<RecordedRequest> Requests => _server.Requests;

    public void AnswerNext(FakeAnswer answer) => _next.Writer.TryWrite(answer);

    public void AnswerResponse(FakeAnswer answer) => _response.Writer.TryWrite(answer);

    /// <summary>Also answers <c>/init/error</c>.</summary>
    public void AnswerError(FakeAnswer answer) => _error.Writer.TryWrite(answer);

    /// <summary>Waits for the first request that no call has returned yet.</summary>
    public async Task<RecordedRequest> NextRequestAsync(TimeSpan timeout) =>
        await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(timeout);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async ValueTask<FakeAnswer> AnswerToAsync(RecordedRequest request, CancellationToken cancellationToken)
    {
        _arrivals.Writer.TryWrite(request);
        if (request.Path.EndsWith("/next", StringComparison.Ordinal))
        {
            return await _next.Reader.ReadAsync(cancellationToken);
        }

        Channel<FakeAnswer> script = request.Path.EndsWith("/response", StringComparison.Ordinal) ? _response : _error;
        return script.Reader.TryRead(out FakeAnswer? answer) ? answer : FakeAnswer.Status(202);
    }
}

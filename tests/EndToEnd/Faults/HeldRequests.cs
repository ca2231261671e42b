using System.Threading.Channels;
using Photos.Tests.Routes;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Holds each storage request of a user until a test says what becomes of it.</summary>
internal sealed class HeldRequests
{
    private readonly Channel<HeldRequest> _arrivals = Channel.CreateUnbounded<HeldRequest>();
    private volatile bool _isOpen;

    /// <inheritdoc cref="Interceptor"/>
    public async Task<FakeResponse> HoldAsync(HttpRequest request, Func<Task<FakeResponse>> forward, CancellationToken cancellationToken)
    {
        var held = new HeldRequest(request, forward);

        // WritePhoto's GetObject, of one byte, tells a missing bucket from a missing object, and nothing about the photo.
        bool isProbe = held.Operation == "GetObject" && request.Header("range", StringComparison.OrdinalIgnoreCase) is not null;
        if (_isOpen || isProbe || !_arrivals.Writer.TryWrite(held))
        {
            return await forward();
        }

        return await held.Response.WaitAsync(cancellationToken);
    }

    /// <summary>Waits for the next request of a call, which must be the only one that is not held.</summary>
    /// <returns><see langword="null"/> when the call has ended.</returns>
    public async Task<HeldRequest?> NextAsync(Task call)
    {
        await Task.WhenAny(call, _arrivals.Reader.WaitToReadAsync().AsTask());
        return _arrivals.Reader.TryRead(out HeldRequest? held) ? held : null;
    }

    /// <summary>Forwards every request from now on, and those that are held.</summary>
    public async Task OpenAsync()
    {
        _isOpen = true;
        _arrivals.Writer.TryComplete();
        await foreach (HeldRequest held in _arrivals.Reader.ReadAllAsync())
        {
            held.Respond(await held.ForwardAsync());
        }
    }
}

/// <summary>A storage request that has not reached the engine yet.</summary>
internal sealed class HeldRequest(HttpRequest request, Func<Task<FakeResponse>> forward)
{
    private readonly TaskCompletionSource<FakeResponse> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<FakeResponse> Response => _response.Task;

    /// <summary><see cref="StorageRequest.Operation"/></summary>
    public string Operation { get; } = request.Method == "PUT"
        ? StorageRequest.OfS3(request.Method, request.Target.Split('?')[0]).Operation // An upload, whose URL has a signature.
        : StorageRequest.Of(request).Operation;

    /// <summary>The connection that it arrived on, by the ports of its client and its server.</summary>
    public (int Client, int Server) Ports =>
        (request.ClientPort, new Uri($"http://{request.Header("host", StringComparison.OrdinalIgnoreCase)}").Port);

    /// <summary>Has the engine execute the request, each time.</summary>
    public Task<FakeResponse> ForwardAsync() => forward();

    /// <summary>Sends the response to the function.</summary>
    public void Respond(FakeResponse response) => _response.TrySetResult(response);
}

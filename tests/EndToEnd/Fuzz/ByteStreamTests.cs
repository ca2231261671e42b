using System.Buffers;
using System.Diagnostics;
using Photos.Net;
using Photos.Runtime;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Sends the Runtime API client bytes that no Runtime API sends.</summary>
[Collection(nameof(LambdaRuntime))]
public sealed class ByteStreamTests : IDisposable
{
    private const string Base = "/2018-06-01/runtime/invocation/";

    // The client reserves the announced length, up to 16 MiB, and doubles its buffer until then.
    private const int MostBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(4);

    // The server closes the connection of a client that waits for bytes that never come, and the case fails by its duration.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private static readonly FakeResponse s_end = FakeResponse.Status(500) with { Close = true };

    private readonly FakeHttpServer _api;
    private FakeResponse _next = s_end;
    private FakeResponse _post = s_end;

    public ByteStreamTests() =>
        _api = new FakeHttpServer((request, _) => ValueTask.FromResult(Respond(request)), patience: s_patience);

    public void Dispose() => _api.Dispose();

    [Fact]
    public void AnyBytesGiveTheInvocationOfTheModelOrEndTheProcess() => Cases.Run(
        "byte streams", Cases.Count(shortRun: 3000, longRun: 100_000), ByteStreams.Hostile, Show, (_, script) => Check(script));

    [Fact]
    public void AnyLegalEncodingOfAnInvocationGivesThatInvocation() => Cases.Run(
        "legal encodings",
        Cases.Count(shortRun: 1000, longRun: 50_000),
        ByteStreams.Legal,
        one => Show(one.Script),
        (_, one) =>
        {
            Invocation invocation = Assert.Single(Check(one.Script));
            Assert.Equal(one.RequestId, invocation.RequestId);
            Assert.Equal(one.Payload, invocation.Payload.ToArray());
        });

    internal static string Show(RuntimeScript script) =>
        $"next: {string.Join(" | ", script.Next.Select(piece => Cases.Show(piece)))}\npost: {Cases.Show(script.Post)}\ncloses: {script.Closes}";

    private List<Invocation> Check(RuntimeScript script)
    {
        byte[] sent = [.. script.Next.SelectMany(piece => piece)];
        ModelResponse? next = HttpResponseModel.Read(sent);
        ModelResponse? post = HttpResponseModel.Read(script.Post);
        List<Invocation> seen = [];

        _next = new FakeResponse(script.Next, script.Closes) { Pause = TimeSpan.Zero };
        _post = new FakeResponse([script.Post], script.Closes);
        long start = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        int exitCode = LambdaRuntime.Run(
            name => name == "AWS_LAMBDA_RUNTIME_API" ? _api.Address : null,
            (_, _) => (invocation, response, _) =>
            {
                seen.Add(new Invocation { RequestId = invocation.RequestId, Payload = invocation.Payload.ToArray() });
                response.Write(invocation.Payload.Span);
            },
            Stream.Null);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        List<HttpRequest> requests = _api.TakeRequests();

        Assert.Equal(1, exitCode);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, s_bound);
        Assert.InRange(allocated, 0, MostBytes);
        bool isInvocation = next is { Status: 200, RequestId: not null, LongestHead: <= ResponseParser.MaxLineBytes };
        Assert.Equal(isInvocation ? 1 : 0, seen.Count);
        if (seen.Count == 0)
        {
            Assert.All(requests, request => Assert.Equal($"GET {Base}next", $"{request.Method} {request.Target}"));
            return seen;
        }

        Assert.Equal(next!.RequestId, seen[0].RequestId);
        Assert.Equal(next.Body, seen[0].Payload.ToArray());

        // Bytes after a response may be taken for the response to the post.
        if (next.Length == sent.Length)
        {
            CheckPosts(requests, next, post);
        }

        return seen;
    }

    /// <summary>Only the first request for an invocation gets one. The next gets the error that ends the client.</summary>
    private FakeResponse Respond(HttpRequest request) => request.Method == "POST" ? _post : Interlocked.Exchange(ref _next, s_end);

    private static void CheckPosts(List<HttpRequest> requests, ModelResponse next, ModelResponse? post)
    {
        HttpRequest response = requests[1];
        Assert.Equal($"POST {Base}{next.RequestId}/response", $"{response.Method} {response.Target}");
        Assert.Equal(next.Body, response.Body.ToArray());
        foreach (HttpRequest request in requests.Skip(2))
        {
            Assert.Contains($"{request.Method} {request.Target}", (string[])[$"POST {Base}{next.RequestId}/response", $"POST {Base}{next.RequestId}/error", $"GET {Base}next"]);
        }

        // The client continues after every response except a 5xx or a malformed one.
        Assert.Equal(post is { Status: < 500 } ? "GET" : "POST", requests[^1].Method);
    }
}

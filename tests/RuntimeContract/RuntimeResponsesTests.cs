using System.Text;
using Photos.Runtime;

namespace Photos.Tests.RuntimeContract;

/// <summary>Point 2 of the contract: every form of HTTP response in which an invocation can arrive.</summary>
[Collection(nameof(LambdaRuntime))]
public sealed class RuntimeResponsesTests
{
    private const string Payload = """{"path":"/photos/ä"}""";
    private static readonly byte[] s_payload = Encoding.UTF8.GetBytes(Payload);

    [Fact]
    public async Task AnInvocationSplitAnywhereIsTheSameInvocation()
    {
        await using var api = new FakeRuntimeApi();
        FakeResponse response = FakeResponse.Invocation("id-1", Payload);
        int positions = response.Bytes().Length;
        for (int i = 1; i < positions; i++)
        {
            api.RespondToNext(response.SplitAt(i));
        }

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        AssertResponses(api, positions - 1);
    }

    [Fact]
    public async Task AChunkedInvocationSplitAnywhereIsTheSameInvocation()
    {
        await using var api = new FakeRuntimeApi();
        FakeResponse response = FakeResponse.Chunked(200, ["Lambda-Runtime-Aws-Request-Id: id-1"], s_payload, 7);
        int positions = response.Bytes().Length;
        for (int i = 1; i < positions; i++)
        {
            api.RespondToNext(response.SplitAt(i));
        }

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        AssertResponses(api, positions - 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public async Task ChunksOfAnySizeMakeOneBody(int chunkSize)
    {
        await using var api = new FakeRuntimeApi();
        byte[] sent = FakeResponse.Chunked(200, ["Lambda-Runtime-Aws-Request-Id: id-1"], s_payload, chunkSize).Bytes();
        api.RespondToNext(new FakeResponse([.. sent.Select(one => new[] { one })]));

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        AssertResponses(api, 1);
    }

    [Fact]
    public async Task ChunkExtensionsUpperCaseSizesAndTrailersAreNotPartOfTheBody()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(new FakeResponse(["HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\nlambda-runtime-aws-request-id: id-1\r\n\r\nA;x=y\r\n0123456789\r\n1\r\na\r\n0\r\nTrailer: t\r\n\r\n"u8.ToArray()]));
        api.RespondToNext(FakeResponse.Invocation("id-2", "second"));

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        Assert.Equal("0123456789a", RuntimeRun.Only(api, "/id-1/response").Text);
        Assert.Equal("second", RuntimeRun.Only(api, "/id-2/response").Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ABodyOf6MiBArrivesWholeAndTheNextSmallOneToo(bool chunked)
    {
        byte[] large = new byte[6 * 1024 * 1024];
        new Random(1).NextBytes(large);
        string[] headers = ["Lambda-Runtime-Aws-Request-Id: id-1"];
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(chunked ? FakeResponse.Chunked(200, headers, large, 65_000) : FakeResponse.Http(200, headers, large));
        api.RespondToNext(FakeResponse.Invocation("id-2", "small"));

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        Assert.Equal(large, RuntimeRun.Only(api, "/id-1/response").Body);
        Assert.Equal("small", RuntimeRun.Only(api, "/id-2/response").Text);
    }

    [Fact]
    public async Task AnEmptyBodyIsAnEmptyPayload()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", ""));

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        Assert.Equal("", RuntimeRun.Only(api, "/id-1/response").Text);
    }

    [Theory]
    [InlineData("Lambda-Runtime-Aws-Request-Id: id-1", "Lambda-Runtime-Deadline-Ms: 4102444800000", "Lambda-Runtime-Invoked-Function-Arn: arn:1")]
    [InlineData("lambda-runtime-aws-request-id:id-1", "lambda-runtime-deadline-ms:4102444800000", "lambda-runtime-invoked-function-arn:arn:1")]
    [InlineData("LAMBDA-RUNTIME-AWS-REQUEST-ID: \t id-1 \t", "LAMBDA-RUNTIME-DEADLINE-MS:  4102444800000 ", "LAMBDA-RUNTIME-INVOKED-FUNCTION-ARN:\tarn:1")]
    public async Task HeaderNamesAreCaseInsensitiveAndValuesAreTrimmed(string id, string deadline, string arn)
    {
        Invocation invocation = await ReceiveAsync(id, deadline, arn);

        Assert.Equal("id-1", invocation.RequestId);
        Assert.Equal("arn:1", invocation.FunctionArn);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(4102444800000), invocation.Deadline);
    }

    [Fact]
    public async Task EveryHeaderReachesTheInvocation()
    {
        Invocation invocation = await ReceiveAsync(
            "Lambda-Runtime-Aws-Request-Id: id-1",
            "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1",
            """Lambda-Runtime-Client-Context: {"client":{}}""",
            """Lambda-Runtime-Cognito-Identity: {"cognitoIdentityId":"x"}""",
            "Lambda-Runtime-Aws-Tenant-Id: tenant");

        Assert.Equal("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1", invocation.TraceId);
        Assert.Equal("""{"client":{}}""", invocation.ClientContext);
        Assert.Equal("""{"cognitoIdentityId":"x"}""", invocation.CognitoIdentity);
        Assert.Equal("tenant", invocation.TenantId);
    }

    [Theory]
    [InlineData()]
    [InlineData(
        "Lambda-Runtime-Deadline-Ms: ", "Lambda-Runtime-Invoked-Function-Arn:", "Lambda-Runtime-Trace-Id:",
        "Lambda-Runtime-Client-Context:", "Lambda-Runtime-Cognito-Identity: ", "Lambda-Runtime-Aws-Tenant-Id:")]
    public async Task HeadersThatAreAbsentOrEmptyAreNull(params string[] headers)
    {
        Invocation invocation = await ReceiveAsync(["Lambda-Runtime-Aws-Request-Id: id-1", .. headers]);

        Assert.Null(invocation.Deadline);
        Assert.Null(invocation.FunctionArn);
        Assert.Null(invocation.TraceId);
        Assert.Null(invocation.ClientContext);
        Assert.Null(invocation.CognitoIdentity);
        Assert.Null(invocation.TenantId);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a/../b\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Length: -1\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Length: 99999999999\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\n 2\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id : id-1\r\nLambda-Runtime-Aws-Request-Id: id-2\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 2000 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\nX: y\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nLambda-Runtime-Trace-Id: a\nb\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nLambda-Runtime-Trace-Id: a\0b\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nno colon\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Length: +2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Length:\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("220 smtp.example.org ESMTP\r\n\r\n")]
    public async Task AResponseThatIsNotAnInvocationEndsTheProcess(string response)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(new FakeResponse([Encoding.ASCII.GetBytes(response)]));

        int exitCode = await RuntimeRun.StartAsync(api, RuntimeRun.Echo);

        Assert.NotEqual(0, exitCode);
        Assert.Equal(["/invocation/next"], RuntimeRun.Paths(api));
    }

    [Fact]
    public async Task ChunksAreNotBufferedWithoutALimit()
    {
        byte[] chunk = [.. "400000\r\n"u8, .. new byte[4 * 1024 * 1024], .. "\r\n"u8];
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(new FakeResponse(
        [
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(),
            .. Enumerable.Repeat(chunk, 8),
            "0\r\n\r\n"u8.ToArray(),
        ]));

        int exitCode = await RuntimeRun.StartAsync(api, RuntimeRun.Echo);

        Assert.NotEqual(0, exitCode);
        Assert.Equal(["/invocation/next"], RuntimeRun.Paths(api));
    }

    private static void AssertResponses(FakeRuntimeApi api, int count)
    {
        HttpRequest[] responses = [.. api.Requests.Where(request => request.Method == "POST")];
        Assert.Equal(count, responses.Length);
        Assert.All(responses, response => Assert.Equal(Payload, response.Text));
        Assert.Equal(1, api.ConnectionCount);
    }

    private static async Task<Invocation> ReceiveAsync(params string[] headers)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Http(200, headers, s_payload));
        Invocation? received = null;
        await RuntimeRun.ToTheEndAsync(api, (invocation, _, _) => received = invocation);
        return received!;
    }
}

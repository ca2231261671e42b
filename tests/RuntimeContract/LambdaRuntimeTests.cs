using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Photos.Aws;
using Photos.Runtime;

namespace Photos.Tests.RuntimeContract;

/// <summary>The contract, point by point. <see cref="RuntimeResponsesTests"/> has point 2.</summary>
[Collection(nameof(LambdaRuntime))]
public sealed class LambdaRuntimeTests
{
    private const string TraceIdVariable = "_X_AMZN_TRACE_ID";

    [Fact]
    public async Task Point1NextWaitsAndItsRequestHasTheseBytes()
    {
        await using var api = new FakeRuntimeApi();
        Task<int> run = RuntimeRun.StartAsync(api, RuntimeRun.Echo);
        HttpRequest next = await api.NextRequestAsync(RuntimeRun.Soon);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.Single(api.Requests);

        api.RespondToNext(FakeResponse.Invocation("id-1", "late"));
        api.RespondToNext(FakeResponse.Status(500));
        await run;

        Assert.Equal(
            $"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {api.Address}\r\nUser-Agent: {next.Header("User-Agent")}\r\n\r\n",
            Encoding.ASCII.GetString(next.Raw));
        Assert.Equal("late", RuntimeRun.Only(api, "/id-1/response").Text);
        Assert.Equal(1, api.ConnectionCount);
    }

    [Theory]
    [InlineData(201)]
    [InlineData(204)]
    [InlineData(301)]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Point1AnythingBut200ToNextEndsTheProcess(int status)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Status(status));

        int exitCode = await RuntimeRun.StartAsync(api, RuntimeRun.Echo);

        Assert.NotEqual(0, exitCode);
        Assert.Equal(["/invocation/next"], RuntimeRun.Paths(api));
    }

    [Fact]
    public async Task Point3TheTokenFiresHalfASecondBeforeTheDeadline()
    {
        await using var api = new FakeRuntimeApi();
        DateTimeOffset deadline = DateTimeOffset.UtcNow.AddSeconds(2.5);
        api.RespondToNext(FakeResponse.Invocation("id-1", "", DeadlineHeader(deadline)));
        TimeSpan left = default;

        await RuntimeRun.ToTheEndAsync(api, (_, response, token) =>
        {
            Assert.True(token.WaitHandle.WaitOne(RuntimeRun.Soon));
            left = deadline - DateTimeOffset.UtcNow;
            response.Write("in time"u8);
        });

        Assert.InRange(left.TotalMilliseconds, 100, 505);
        Assert.Equal("in time", RuntimeRun.Only(api, "/id-1/response").Text);
    }

    [Theory]
    [InlineData(-10_000)]
    [InlineData(400)]
    public async Task Point3TheTokenFiresAtOnceWhenLessThanTheMarginIsLeft(int milliseconds)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "", DeadlineHeader(DateTimeOffset.UtcNow.AddMilliseconds(milliseconds))));

        await RuntimeRun.ToTheEndAsync(api, (_, _, token) => Assert.True(token.WaitHandle.WaitOne(TimeSpan.FromSeconds(10))));

        RuntimeRun.Only(api, "/id-1/response");
    }

    [Theory]
    [InlineData()]
    [InlineData("Lambda-Runtime-Deadline-Ms: 253402300799999")]
    [InlineData("Lambda-Runtime-Deadline-Ms: 9223372036854775807")]
    [InlineData("Lambda-Runtime-Deadline-Ms: soon")]
    public async Task Point3WithoutADeadlineSoonTheTokenDoesNotFire(params string[] headers)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "", headers));
        bool? fired = null;

        await RuntimeRun.ToTheEndAsync(api, (_, _, token) => fired = token.WaitHandle.WaitOne(200));

        Assert.False(fired);
        RuntimeRun.Only(api, "/id-1/response");
    }

    [Fact]
    public async Task Point14TheInvocationIdIsSentBackWithItsOwnInvocation()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "", "lambda-runtime-invocation-id: A+b/9=="));
        api.RespondToNext(FakeResponse.Invocation("id-2", "", "Lambda-Runtime-Invocation-Id: second"));
        api.RespondToNext(FakeResponse.Invocation("id-3", ""));
        api.RespondToNext(FakeResponse.Invocation("id-4", "", "Lambda-Runtime-Invocation-Id: "));
        api.RespondToNext(FakeResponse.Invocation("id-5", "", "Lambda-Runtime-Invocation-Id: caf\u00e9"));

        await RuntimeRun.ToTheEndAsync(api, (invocation, _, _) =>
        {
            if (invocation.RequestId == "id-2")
            {
                throw new InvalidOperationException("Broken.");
            }
        });

        Assert.Equal("A+b/9==", RuntimeRun.Only(api, "/id-1/response").Header("Lambda-Runtime-Invocation-Id"));
        Assert.Equal("second", RuntimeRun.Only(api, "/id-2/error").Header("Lambda-Runtime-Invocation-Id"));
        Assert.All(["id-3", "id-4", "id-5"], id => Assert.Null(RuntimeRun.Only(api, $"/{id}/response").Header("Lambda-Runtime-Invocation-Id")));
    }

    [Theory]
    [InlineData("/ListPhotos", "/ListPhotos")]
    [InlineData("/a/b/", "/a/b")]
    [InlineData("/", "")]
    public async Task Point15APathOfTheAddressPrecedesThePathsOfTheApi(string path, string prefix)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "event"));
        api.RespondToNext(FakeResponse.Status(500));

        await RuntimeRun.StartAsync(name => name == "AWS_LAMBDA_RUNTIME_API" ? api.Address + path : null, (_, _) => RuntimeRun.Echo);

        string[] expected = ["/2018-06-01/runtime/invocation/next", "/2018-06-01/runtime/invocation/id-1/response", "/2018-06-01/runtime/invocation/next"];
        Assert.Equal(expected.Select(target => prefix + target), api.Requests.Select(request => request.Target));
        Assert.All(api.Requests, request => Assert.Equal(api.Address, request.Header("Host")));
    }

    [Fact]
    public async Task Point4TheTraceIdIsSetForItsInvocationAndRemovedAfter()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", ""));
        api.RespondToNext(FakeResponse.Invocation("id-2", "", "Lambda-Runtime-Trace-Id: Root=1-2"));
        api.RespondToNext(FakeResponse.Invocation("id-3", "", "Lambda-Runtime-Trace-Id: Root=1-3"));
        api.RespondToNext(FakeResponse.Invocation("id-4", "", "Lambda-Runtime-Trace-Id:"));
        Environment.SetEnvironmentVariable(TraceIdVariable, "from before");
        List<string?> seen = [];

        await RuntimeRun.ToTheEndAsync(api, (_, _, _) => seen.Add(Environment.GetEnvironmentVariable(TraceIdVariable)));

        Assert.Equal([null, "Root=1-2", "Root=1-3", null], seen);
    }

    [Fact]
    public async Task Point5AResponseHasTheseBytes()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("8476a536-e9f4-11e8-9739-2dfe598c3fcd", """{"a":"ä"}"""));

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        HttpRequest response = RuntimeRun.Only(api, "/response");
        Assert.Equal("POST", response.Method);
        Assert.Equal("/2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response", response.Target);
        Assert.Equal(api.Address, response.Header("Host"));
        Assert.Equal("application/json", response.Header("Content-Type"));
        Assert.Equal("10", response.Header("Content-Length"));
        Assert.Equal("""{"a":"ä"}"""u8.ToArray(), response.Body);
    }

    [Fact]
    public async Task Point5TheResponseToAPostIsReadToItsEndInEveryForm()
    {
        byte[] body = new byte[100_000];
        body.AsSpan().Fill((byte)'x');
        await using var api = new FakeRuntimeApi();
        FakeResponse[] responses =
        [
            FakeResponse.Http(202, [], []),
            FakeResponse.Http(202, [], body),
            FakeResponse.Chunked(202, [], body, 999),
            FakeResponse.Http(202, [], body).SplitAt(60_000),
            new(["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"u8.ToArray()]),
        ];
        for (int i = 0; i < responses.Length; i++)
        {
            api.RespondToNext(FakeResponse.Invocation($"id-{i}", $"payload {i}"));
            api.RespondToResponse(responses[i]);
        }

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        for (int i = 0; i < responses.Length; i++)
        {
            Assert.Equal($"payload {i}", RuntimeRun.Only(api, $"/id-{i}/response").Text);
        }

        Assert.Equal(1, api.ConnectionCount);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(410)]
    public async Task Point5ARejectedResponseLosesOnlyItsInvocation(int status)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "one"));
        api.RespondToResponse(FakeResponse.Status(status));
        api.RespondToNext(FakeResponse.Invocation("id-2", "two"));
        var log = new MemoryStream();

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo, log);

        Assert.Equal(
            ["/invocation/next", "/invocation/id-1/response", "/invocation/next", "/invocation/id-2/response", "/invocation/next"],
            RuntimeRun.Paths(api));
        string line = Encoding.UTF8.GetString(log.ToArray()).Split('\n')[0];
        Assert.Contains($"\"level\":\"ERROR\",\"message\":\"The Runtime API responded {status} to the response; the invocation is lost.\",\"requestId\":\"id-1\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Point5AResponseRejectedWith413BecomesAnError()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "one"));
        api.RespondToResponse(FakeResponse.Status(413));

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        Assert.Equal(
            ["/invocation/next", "/invocation/id-1/response", "/invocation/id-1/error", "/invocation/next"], RuntimeRun.Paths(api));
        AssertError(RuntimeRun.Only(api, "/error"), "ResponseSizeTooLarge");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Point5A500ToAResponseOrAnErrorEndsTheProcess(bool succeeds)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "one"));
        api.RespondToResponse(FakeResponse.Status(500));
        api.RespondToError(FakeResponse.Status(500));

        int exitCode = await RuntimeRun.StartAsync(api, succeeds ? RuntimeRun.Echo : (_, _, _) => throw new InvalidOperationException());

        Assert.NotEqual(0, exitCode);
        Assert.Equal(["/invocation/next", succeeds ? "/invocation/id-1/response" : "/invocation/id-1/error"], RuntimeRun.Paths(api));
    }

    [Theory]
    [InlineData(6_291_556, true)]
    [InlineData(6_291_557, false)]
    public async Task Point6AResponseOverTheLimitIsNeverSent(int size, bool isSent)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", ""));
        api.RespondToNext(FakeResponse.Invocation("id-2", "small"));

        await RuntimeRun.ToTheEndAsync(api, (invocation, response, token) =>
        {
            if (invocation.RequestId == "id-2")
            {
                RuntimeRun.Echo(invocation, response, token);
                return;
            }

            response.GetSpan(size)[..size].Fill((byte)'x');
            response.Advance(size);
        });

        Assert.Equal("small", RuntimeRun.Only(api, "/id-2/response").Text);
        if (isSent)
        {
            Assert.Equal(size, RuntimeRun.Only(api, "/id-1/response").Body.Length);
        }
        else
        {
            AssertError(RuntimeRun.Only(api, "/id-1/error"), "ResponseSizeTooLarge");
            Assert.DoesNotContain("/invocation/id-1/response", RuntimeRun.Paths(api));
        }
    }

    [Fact]
    public async Task Point7AnExceptionIsReportedAndTheNextInvocationIsClean()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "one"));
        api.RespondToNext(FakeResponse.Invocation("id-2", "two"));

        await RuntimeRun.ToTheEndAsync(api, (invocation, response, token) =>
        {
            RuntimeRun.Echo(invocation, response, token);
            if (invocation.RequestId == "id-1")
            {
                throw new Odd2_Exception("Line\n\"quoted\" ä");
            }
        });

        Assert.Equal(
            ["/invocation/next", "/invocation/id-1/error", "/invocation/next", "/invocation/id-2/response", "/invocation/next"],
            RuntimeRun.Paths(api));
        HttpRequest error = RuntimeRun.Only(api, "/id-1/error");
        Assert.Equal("Function.OddException", error.Header("Lambda-Runtime-Function-Error-Type"));
        Assert.Equal("application/vnd.aws.lambda.error+json", error.Header("Content-Type"));
        Assert.Equal(error.Body.Length.ToString(CultureInfo.InvariantCulture), error.Header("Content-Length"));
        JsonElement body = JsonElement.Parse(error.Body.Span);
        Assert.Equal(["errorMessage", "errorType", "stackTrace"], body.EnumerateObject().Select(property => property.Name));
        Assert.Equal("Line\n\"quoted\" ä", body.GetProperty("errorMessage").GetString());
        Assert.Equal(nameof(Odd2_Exception), body.GetProperty("errorType").GetString());
        Assert.Contains(body.GetProperty("stackTrace").EnumerateArray(), line => line.GetString()!.Contains(nameof(LambdaRuntimeTests), StringComparison.Ordinal));
        Assert.Equal("two", RuntimeRun.Only(api, "/id-2/response").Text);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\u0001")]
    [InlineData("a\ud83d\ude00")]
    public async Task Point7AnErrorIsTruncatedTo512KiBAndStaysJson(string repeated)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", ""));

        await RuntimeRun.ToTheEndAsync(api, (_, _, _) => Deep(2000, string.Concat(Enumerable.Repeat(repeated, 1_000_000))));

        HttpRequest error = RuntimeRun.Only(api, "/error");
        Assert.InRange(error.Body.Length, 1, 512 * 1024);
        AssertError(error, nameof(InvalidOperationException));
        Assert.StartsWith(repeated, JsonElement.Parse(error.Body.Span).GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Point8AFailedInitIsReportedBeforeAnyNextAndEndsTheProcess()
    {
        await using var api = new FakeRuntimeApi();

        int exitCode = await RuntimeRun.StartAsync(RuntimeRun.Environment(api), (_, _) => throw new InvalidOperationException("no table"));

        Assert.NotEqual(0, exitCode);
        HttpRequest error = Assert.Single(api.Requests);
        Assert.Equal("POST", error.Method);
        Assert.Equal("/2018-06-01/runtime/init/error", error.Target);
        Assert.Equal("application/vnd.aws.lambda.error+json", error.Header("Content-Type"));
        AssertError(error, nameof(InvalidOperationException));
        Assert.Equal("no table", JsonElement.Parse(error.Body.Span).GetProperty("errorMessage").GetString());
    }

    [Theory]
    [InlineData(403)]
    [InlineData(500)]
    public async Task Point8ARejectedInitErrorAlsoEndsTheProcess(int status)
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToError(FakeResponse.Status(status));

        int exitCode = await RuntimeRun.StartAsync(RuntimeRun.Environment(api), (_, _) => throw new InvalidOperationException("no table"));

        Assert.NotEqual(0, exitCode);
        Assert.Equal(["/init/error"], RuntimeRun.Paths(api));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Connection: close\r\n")]
    public async Task Point9AConnectionClosedBetweenInvocationsIsOpenedAgain(string header)
    {
        await using var api = new FakeRuntimeApi();
        for (int i = 1; i <= 3; i++)
        {
            api.RespondToNext(FakeResponse.Invocation($"id-{i}", $"payload {i}"));
            api.RespondToResponse(new FakeResponse([Encoding.ASCII.GetBytes($"HTTP/1.1 202 Accepted\r\n{header}Content-Length: 0\r\n\r\n")], Close: true));
        }

        await RuntimeRun.ToTheEndAsync(api, RuntimeRun.Echo);

        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal($"payload {i}", RuntimeRun.Only(api, $"/id-{i}/response").Text);
        }

        Assert.Equal(4, api.ConnectionCount);
    }

    [Fact]
    public async Task Point9ASecondFailureEndsTheProcess()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.HangUp);
        api.RespondToNext(FakeResponse.HangUp);

        int exitCode = await RuntimeRun.StartAsync(api, RuntimeRun.Echo);

        Assert.NotEqual(0, exitCode);
        Assert.Equal(2, api.ConnectionCount);
        Assert.Equal(["/invocation/next", "/invocation/next"], RuntimeRun.Paths(api));
    }

    [Fact]
    public async Task Point9AResponseThatIsCutAnywhereEndsTheProcess()
    {
        byte[] whole = FakeResponse.Invocation("id-1", "payload").Bytes();
        for (int length = 1; length < whole.Length; length++)
        {
            await using var api = new FakeRuntimeApi();
            api.RespondToNext(new FakeResponse([whole[..length]], Close: true));

            int exitCode = await RuntimeRun.StartAsync(api, RuntimeRun.Echo);

            Assert.NotEqual(0, exitCode);
            Assert.Equal(["/invocation/next"], RuntimeRun.Paths(api));
        }
    }

    [Fact]
    public async Task Point9ARefusedConnectionEndsTheProcess()
    {
        string address;
        await using (var closed = new FakeRuntimeApi())
        {
            address = closed.Address;
        }

        int exitCode = await RuntimeRun.StartAsync(name => name == "AWS_LAMBDA_RUNTIME_API" ? address : null, (_, _) => RuntimeRun.Echo);

        Assert.NotEqual(0, exitCode);
    }

    [Fact]
    public async Task Point11TheLogHasTheRequestIdOnlyDuringTheInvocation()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", ""));
        api.RespondToNext(FakeResponse.Invocation("id-2", ""));
        api.RespondToNext(FakeResponse.Status(500));
        List<string?> seen = [];
        Photos.Runtime.FunctionLog? used = null;

        await RuntimeRun.StartAsync(RuntimeRun.Environment(api), (_, log) =>
        {
            used = log;
            seen.Add(log.RequestId);
            return (_, _, _) => seen.Add(log.RequestId);
        });

        Assert.Equal([null, "id-1", "id-2"], seen);
        Assert.Null(used!.RequestId);
    }

    [Fact]
    public async Task Point12EveryRequestNamesTheRuntimeInAtMost128Characters()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", ""));
        api.RespondToNext(FakeResponse.Invocation("id-2", ""));

        await RuntimeRun.ToTheEndAsync(
            api,
            (invocation, _, _) =>
            {
                if (invocation.RequestId != "id-1")
                {
                    throw new InvalidOperationException();
                }
            });

        Assert.Equal(5, api.Requests.Count);
        string agent = Assert.Single(api.Requests.Select(request => request.Header("User-Agent")!).Distinct());
        Assert.Matches("^[a-z-]+/[0-9.]+ dotnet/[0-9.]+$", agent);
        Assert.InRange(agent.Length, 1, 128);
    }

    /// <summary>Lambda gives fresh credentials to a new process only.</summary>
    [Fact]
    public async Task ExpiredCredentialsEndTheProcessAfterTheResponse()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", "event"));
        (string, string)[] variables = [("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        var log = new MemoryStream();

        int exitCode = await RuntimeRun.StartAsync(
            RuntimeRun.Environment(api, variables),
            (environment, _) =>
            {
                SigningState signing = AwsEnvironment.Read(environment).Signing;
                return (_, response, _) =>
                {
                    signing.Expire();
                    response.Write("503"u8);
                };
            },
            log);

        Assert.Equal(1, exitCode);
        Assert.Equal(["/invocation/next", "/invocation/id-1/response"], RuntimeRun.Paths(api));
        Assert.Equal("503", RuntimeRun.Only(api, "/id-1/response").Text);
        Assert.Contains("The credentials have expired.", Encoding.UTF8.GetString(log.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AWS_LAMBDA_LOG_LEVEL", "LOUD")]
    [InlineData("AWS_LAMBDA_LOG_FORMAT", "XML")]
    [InlineData("PHOTO_TABLE", "")]
    public async Task Point13AWrongVariableIsAnInitErrorThatNamesIt(string name, string value)
    {
        await using var api = new FakeRuntimeApi();

        int exitCode = await RuntimeRun.StartAsync(RuntimeRun.Environment(api, (name, value)), (environment, _) =>
            {
                environment.Required("PHOTO_TABLE");
                return RuntimeRun.Echo;
            });

        Assert.NotEqual(0, exitCode);
        HttpRequest error = Assert.Single(api.Requests);
        Assert.Equal("/2018-06-01/runtime/init/error", error.Target);
        Assert.Contains(name, JsonElement.Parse(error.Body.Span).GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData(":8080")]
    [InlineData("localhost:http")]
    [InlineData("localhost:70000")]
    public async Task Point13WithoutAnAddressTheProcessEnds(string? address)
    {
        int exitCode = await RuntimeRun.StartAsync(name => name == "AWS_LAMBDA_RUNTIME_API" ? address : null, (_, _) => RuntimeRun.Echo);

        Assert.NotEqual(0, exitCode);
    }

    [Fact]
    public async Task Point13TheEnvironmentIsReadOnceBeforeTheFirstNext()
    {
        await using var api = new FakeRuntimeApi();
        api.RespondToNext(FakeResponse.Invocation("id-1", ""));
        api.RespondToNext(FakeResponse.Status(500));
        Func<string, string?> inner = RuntimeRun.Environment(api);
        List<(string Name, int Requests)> reads = [];

        await RuntimeRun.StartAsync(
            name =>
            {
                reads.Add((name, api.Requests.Count));
                return inner(name);
            },
            (_, _) => RuntimeRun.Echo);

        Assert.NotEmpty(reads);
        Assert.All(reads, read => Assert.Equal(0, read.Requests));
        Assert.Equal(reads.Count, reads.DistinctBy(read => read.Name).Count());
    }

    private static string DeadlineHeader(DateTimeOffset deadline) =>
        $"Lambda-Runtime-Deadline-Ms: {deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}";

    private static void AssertError(HttpRequest request, string type)
    {
        Assert.Equal("Function." + type, request.Header("Lambda-Runtime-Function-Error-Type"));
        Assert.Equal(type, JsonElement.Parse(request.Body.Span).GetProperty("errorType").GetString());
    }

    private static int Deep(int depth, string message) =>
        depth == 0 ? throw new InvalidOperationException(message) : Deep(depth - 1, message) + 1;

    // The name has a digit and an underscore, which the header must not have.
    private sealed class Odd2_Exception(string message) : Exception(message);
}

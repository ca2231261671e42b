using Photos.Bench;

namespace Photos.Tests.Bench;

public sealed class ColdStartTests : IDisposable
{
    private const string Bootstrap = """
        const { request } = require('node:http');
        const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/`;
        function call(method, path, body) {
          return new Promise(resolve => request(api + path, { method }, response => response.resume().on('end', () => resolve(response.headers))).end(body));
        }
        (async () => {
          for (;;) {
            const id = (await call('GET', 'next'))['lambda-runtime-aws-request-id'];
            await new Promise(resolve => setTimeout(resolve, 20));
            await call('POST', id + process.env.POST_PATH, process.env.POST_BODY);
          }
        })();
        """;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void ABootstrapIsMeasured()
    {
        ColdStart start = Measure("""{"statusCode":200}""");
        Assert.InRange(start.FirstInvokeMs, 20, 5000);
        Assert.InRange(start.WarmMs, 19, 1000);
        Assert.InRange(start.CpuMs, 1, 10_000);
        Assert.InRange(start.WarmP99Ms, start.WarmMs, 5000);
        Assert.InRange(start.MinorFaults, 1000, 100_000);
        Assert.InRange(start.MaxMemoryMiB, 10, 500);
        Assert.Equal(start.StartToFirstMs, start.InitMs + start.FirstInvokeMs);
    }

    [Fact]
    public void AnErrorResponseIsNotMeasured()
    {
        FunctionFailedException e = Assert.Throws<FunctionFailedException>(() => Measure("""{"statusCode":500}"""));
        Assert.Contains("""responded with {"statusCode":500}""", e.Message);
    }

    [Fact]
    public void AReportedErrorIsInTheMessage()
    {
        FunctionFailedException e = Assert.Throws<FunctionFailedException>(() => Measure("out of luck", "/error"));
        Assert.Contains("/error: out of luck", e.Message);
    }

    [Fact]
    public void AnEarlyExitIsReportedWithTheExitCodeAndTheLastLines()
    {
        FunctionFailedException e = Assert.Throws<FunctionFailedException>(() =>
            ColdStart.Measure("ListPhotos", Node("console.error('no table'); process.exit(3)"), Environment("", ""), share: null));
        Assert.Contains("ended with exit code 3. It wrote: no table", e.Message);
    }

    [Fact]
    public void EachSystemCallIsCounted()
    {
        long few = CountSystemCalls("");
        long many = CountSystemCalls("for (let i = 0; i < 5000; i++) require('node:fs').existsSync('/');");
        Assert.InRange(many - few, 4500, 5500);
    }

    [Fact]
    public void TheSystemCallsOfAFailureAreNotCounted()
    {
        FunctionFailedException e = Assert.Throws<FunctionFailedException>(() => CountSystemCalls("process.exit(3);"));
        Assert.Contains("ended with exit code 3", e.Message);
    }

    public void Dispose() => _folder.Dispose();

    private long CountSystemCalls(string script) =>
        SystemCalls.Count("ListPhotos", Node(script + Bootstrap), Environment("""{"statusCode":200}""", "/response"))
            ?? throw new InvalidOperationException("The test requires strace. Install the package strace.");

    private ColdStart Measure(string body, string path = "/response") =>
        ColdStart.Measure("DeletePhoto", Node(Bootstrap), Environment(body, path), share: null);

    private Launch Node(string script)
    {
        string file = Path.Combine(_folder.Path, "bootstrap.cjs");
        File.WriteAllText(file, script);
        return new Launch([CommandLineTool.Run("node", "-p", "process.execPath").Output, file], _folder.Path, new Dictionary<string, string>());
    }

    private static Dictionary<string, string> Environment(string body, string path) => new() { ["POST_BODY"] = body, ["POST_PATH"] = path };
}

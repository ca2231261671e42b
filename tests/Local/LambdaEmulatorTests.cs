using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Photos.Local;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Tests.Local;

/// <summary>Tests the emulator with a short JavaScript function that does what its event says.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class LambdaEmulatorTests : IDisposable
{
    private const string Function = """
        const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
        const post = async (path, body, headers) => (await fetch(api + path, { method: 'POST', body, headers })).status;
        let earlier = 'none';
        const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        if (process.env.FAKE_INIT === 'error') {
          await post('/init/error', JSON.stringify({ errorType: 'Function.NoTable', errorMessage: 'PHOTO_TABLE is missing' }));
          process.exit(1);
        }
        if (process.env.FAKE_INIT === 'exit') {
          console.error('no such region');
          process.exit(3);
        }
        for (;;) {
          const next = await fetch(`${api}/invocation/next`);
          const event = await next.json();
          const delivery = next.headers.get('lambda-runtime-invocation-id');
          const path = `/invocation/${next.headers.get('lambda-runtime-aws-request-id')}`;
          console.log(`the event says ${event.do}`);
          let response = { pid: process.pid };
          switch (event.do) {
            case 'crash': process.exit(7);
            case 'hang': await delay(60_000);
            case 'sleep': await delay(200); break;
            case 'describe': response = { environment: process.env, directory: process.cwd(), headers: [...next.headers] }; break;
            case 'error': await post(`${path}/error`, JSON.stringify({ errorType: 'Function.Odd', errorMessage: 'odd' })); continue;
            case 'deliver': {
              const ids = { earlier: await post(`${path}/response`, '{}', { 'Lambda-Runtime-Invocation-Id': earlier }), delivery };
              earlier = delivery;
              await post(`${path}/response`, JSON.stringify(ids), { 'Lambda-Runtime-Invocation-Id': delivery });
              continue;
            }
            case 'misuse':
              response = {
                unknown: await post('/invocation/unknown/response', '{}'),
                tooLarge: await post(`${path}/response`, 'x'.repeat(6_291_557)),
                lateInitError: await post('/init/error', '{}'),
                nextTooEarly: (await fetch(`${api}/invocation/next`)).status,
              };
          }
          const status = await post(`${path}/response`, JSON.stringify(response));
          if (event.do === 'misuse') {
            console.log(`response ${status}, again ${await post(`${path}/response`, '{}')}`);
          }
        }
        """;

    private static readonly Dictionary<string, string> s_noVariables = [];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("photos-lambda-").FullName;
    private readonly StringWriter _output = new();

    public LambdaEmulatorTests()
    {
        File.WriteAllText(Path.Combine(_directory, "function.mjs"), Function);
        string bootstrap = Path.Combine(_directory, "bootstrap");
        File.WriteAllText(bootstrap, $"#!/bin/sh\nexec '{FindNode()}' function.mjs\n");
        File.SetUnixFileMode(bootstrap, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private string Log
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task AFunctionReceivesTheVariablesAndHeadersThatLambdaSetsAndNoOthers()
    {
        await using FunctionPool pool = Pool();
        using JsonDocument response = Json(await InvokeAsync(pool, "describe"));
        JsonElement environment = response.RootElement.GetProperty("environment");
        Assert.Equal("Fake", environment.GetProperty("AWS_LAMBDA_FUNCTION_NAME").GetString());
        Assert.Equal("128", environment.GetProperty("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").GetString());
        Assert.Equal(_directory, environment.GetProperty("LAMBDA_TASK_ROOT").GetString());
        Assert.Equal("eu-west-1", environment.GetProperty("AWS_REGION").GetString());
        Assert.Equal("photos", environment.GetProperty("PHOTO_TABLE").GetString());
        Assert.Equal(Path.Combine(_directory, "roots.pem"), environment.GetProperty("FAKE_ROOTS").GetString());
        Assert.False(environment.TryGetProperty("HOME", out _));

        // On macOS the temporary folder is a symbolic link.
        Assert.EndsWith(_directory, response.RootElement.GetProperty("directory").GetString(), StringComparison.Ordinal);
        Dictionary<string, string> headers = response.RootElement.GetProperty("headers").EnumerateArray()
            .ToDictionary(header => header[0].GetString()!, header => header[1].GetString()!, StringComparer.OrdinalIgnoreCase);
        Assert.Equal("arn:aws:lambda:eu-west-1:123456789012:function:Fake", headers["lambda-runtime-invoked-function-arn"]);
        Assert.StartsWith("Root=1-", headers["lambda-runtime-trace-id"], StringComparison.Ordinal);
        TimeSpan left = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(headers["lambda-runtime-deadline-ms"], CultureInfo.InvariantCulture))
            - DateTimeOffset.UtcNow;
        Assert.InRange(left, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task AWarmProcessIsReused()
    {
        await using FunctionPool pool = Pool();
        InvocationResult first = await InvokeAsync(pool, "echo");
        InvocationResult second = await InvokeAsync(pool, "echo");
        Assert.Equal(ProcessId(first), ProcessId(second));
        Assert.True(first.Report.IsCold);
        Assert.False(second.Report.IsCold);
        Assert.InRange(first.Report.MaxMemoryMegabytes, 1, 1000);
    }

    [Fact]
    public async Task RetiredProcessesEndAtOnceOrAfterTheirInvocation()
    {
        await using FunctionPool pool = Pool();
        InvocationResult idle = await InvokeAsync(pool, "echo");
        await pool.RetireAsync();
        Task<InvocationResult> running = InvokeAsync(pool, "sleep");
        await WaitForLogAsync("the event says sleep");

        await pool.RetireAsync();
        InvocationResult after = await InvokeAsync(pool, "echo");
        InvocationResult retired = await running;

        Assert.True(retired.Report.IsCold);
        Assert.True(after.Report.IsCold);
        Assert.Distinct([ProcessId(idle), ProcessId(retired), ProcessId(after)]);
        Assert.False(IsRunning(ProcessId(idle)));
        Assert.False(IsRunning(ProcessId(retired)));
        Assert.False((await InvokeAsync(pool, "echo")).Report.IsCold);
    }

    [Fact]
    public async Task TheLogHasLambdasFormat()
    {
        string id;
        await using (FunctionPool pool = Pool())
        {
            id = (await InvokeAsync(pool, "echo")).Report.RequestId;
            await InvokeAsync(pool, "echo");
        }

        string[] lines = Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(8, lines.Length);
        Assert.Equal($"START RequestId: {id} Version: $LATEST", lines[0]);
        Assert.Equal("the event says echo", lines[1]);
        Assert.Equal($"END RequestId: {id}", lines[2]);
        Assert.StartsWith($"REPORT RequestId: {id}\t", lines[3], StringComparison.Ordinal);
        Assert.Matches(ColdReport, lines[3]);
        Assert.Matches(WarmReport, lines[7]);
    }

    [Fact]
    public async Task ATimeoutKillsTheProcessAndTheNextInvocationStartsANewOne()
    {
        await using FunctionPool pool = Pool(timeout: TimeSpan.FromSeconds(2));
        int before = ProcessId(await InvokeAsync(pool, "echo"));
        InvocationResult.TimedOut timedOut = Assert.IsType<InvocationResult.TimedOut>(await InvokeAsync(pool, "hang"));
        Assert.EndsWith($" {timedOut.Report.RequestId} Task timed out after 2.00 seconds", timedOut.Message, StringComparison.Ordinal);
        Assert.Contains(timedOut.Message, Log, StringComparison.Ordinal);
        Assert.False(IsRunning(before));
        InvocationResult after = await InvokeAsync(pool, "echo");
        Assert.NotEqual(before, ProcessId(after));
        Assert.True(after.Report.IsCold);
    }

    [Fact]
    public async Task AnExitDuringAnInvocationIsACrash()
    {
        await using FunctionPool pool = Pool();
        InvocationResult.Crashed crashed = Assert.IsType<InvocationResult.Crashed>(await InvokeAsync(pool, "crash"));
        Assert.Equal("Runtime.ExitError", crashed.ErrorType);
        Assert.Equal($"RequestId: {crashed.Report.RequestId} Error: Runtime exited with error: exit status 7", crashed.Message);
        Assert.IsType<InvocationResult.Succeeded>(await InvokeAsync(pool, "echo"));
    }

    [Fact]
    public async Task AFunctionErrorKeepsTheProcessWarm()
    {
        await using FunctionPool pool = Pool();
        InvocationResult.FunctionError error = Assert.IsType<InvocationResult.FunctionError>(await InvokeAsync(pool, "error"));
        Assert.Equal("""{"errorType":"Function.Odd","errorMessage":"odd"}""", Encoding.UTF8.GetString(error.Error.Span));
        Assert.False((await InvokeAsync(pool, "echo")).Report.IsCold);
    }

    [Fact]
    public async Task AReportedInitErrorFailsTheInvocation()
    {
        await using FunctionPool pool = Pool("error");
        InvocationResult.InitFailed failed = Assert.IsType<InvocationResult.InitFailed>(await InvokeAsync(pool, "echo"));
        Assert.Equal("Function.NoTable", failed.ErrorType);
        Assert.Equal("PHOTO_TABLE is missing", failed.Message);
        Assert.Contains("Phase: init\tStatus: error\tError Type: Function.NoTable\t\nPHOTO_TABLE is missing\n", Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExitDuringInitFailsTheInvocation()
    {
        await using FunctionPool pool = Pool("exit");
        InvocationResult.InitFailed failed = Assert.IsType<InvocationResult.InitFailed>(await InvokeAsync(pool, "echo"));
        Assert.Equal("Runtime.ExitError", failed.ErrorType);
        Assert.EndsWith("exit status 3", failed.Message, StringComparison.Ordinal);
        Assert.Contains("no such region\n", Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMissingBootstrapIsReportedWithWhatToDo()
    {
        await using var pool = new FunctionPool(Definition(TimeSpan.FromSeconds(1)), Path.Combine(_directory, "missing"), s_noVariables, _output);
        LocalHostException exception = await Assert.ThrowsAsync<LocalHostException>(() => InvokeAsync(pool, "echo"));
        Assert.Contains("Build the functions", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MisuseOfTheRuntimeApiIsRejected()
    {
        await using FunctionPool pool = Pool();
        using JsonDocument response = Json(await InvokeAsync(pool, "misuse"));
        Assert.Equal(
            """{"unknown":400,"tooLarge":413,"lateInitError":403,"nextTooEarly":403}""",
            response.RootElement.GetRawText());
        Assert.Contains("response 202, again 400", Log, StringComparison.Ordinal);
    }

    /// <summary>A late response to an earlier delivery must not become the response to this one.</summary>
    [Fact]
    public async Task AResponseToAnEarlierDeliveryIsRejected()
    {
        await using FunctionPool pool = Pool();
        using JsonDocument first = Json(await InvokeAsync(pool, "deliver"));
        using JsonDocument second = Json(await InvokeAsync(pool, "deliver"));

        Assert.Equal(400, first.RootElement.GetProperty("earlier").GetInt32());
        Assert.Equal(400, second.RootElement.GetProperty("earlier").GetInt32());
        Assert.NotEqual(first.RootElement.GetProperty("delivery").GetString(), second.RootElement.GetProperty("delivery").GetString());
    }

    [Fact]
    public async Task ConcurrentInvocationsHaveAProcessEach()
    {
        await using FunctionPool pool = Pool();
        InvocationResult[] results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => InvokeAsync(pool, "sleep")));
        Assert.Equal(4, results.Select(ProcessId).Distinct().Count());
    }

    [Fact]
    public async Task TwoHundredConcurrentInvocationsShareAtMostTenProcesses()
    {
        int[] processes;
        await using (FunctionPool pool = Pool(timeout: TimeSpan.FromSeconds(60)))
        {
            processes = [.. (await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => InvokeAsync(pool, "echo")))).Select(ProcessId).Distinct()];
        }

        Assert.InRange(processes.Length, 1, 10);
        Assert.DoesNotContain(processes, IsRunning);
        Assert.Equal(800, Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => Line.IsMatch(line)));
    }

    [Fact]
    public async Task AProcessThatExitsWhileIdleIsReplaced()
    {
        await using FunctionPool pool = Pool();
        int before = ProcessId(await InvokeAsync(pool, "echo"));
        using (Process process = Process.GetProcessById(before))
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.NotEqual(before, ProcessId(await InvokeAsync(pool, "echo")));
    }

    [Fact]
    public async Task DisposingThePoolEndsARunningInvocation()
    {
        FunctionPool pool = Pool();
        int idle = ProcessId(await InvokeAsync(pool, "echo"));
        Task<InvocationResult> hanging = InvokeAsync(pool, "hang");
        await WaitForLogAsync("the event says hang");

        await pool.DisposeAsync();
        Assert.IsType<InvocationResult.Crashed>(await hanging);
        Assert.False(IsRunning(idle));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => InvokeAsync(pool, "echo"));
    }

    [GeneratedRegex(@"\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ColdReport { get; }

    [GeneratedRegex(@"\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WarmReport { get; }

    [GeneratedRegex(@"^(START RequestId: [-0-9a-f]{36} Version: \$LATEST|END RequestId: [-0-9a-f]{36}|REPORT RequestId: [-0-9a-f]{36}\t.*\t|the event says echo)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line { get; }

    private static FunctionDefinition Definition(TimeSpan timeout, string? init = null)
    {
        var environment = new Dictionary<string, string> { ["PHOTO_TABLE"] = "photos", ["FAKE_ROOTS"] = "/var/task/roots.pem" };
        if (init is not null)
        {
            environment["FAKE_INIT"] = init;
        }

        return new FunctionDefinition("Fake", timeout, 128, environment);
    }

    private async Task WaitForLogAsync(string text)
    {
        while (!Log.Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private FunctionPool Pool(string? init = null, TimeSpan? timeout = null) => new(
        Definition(timeout ?? TimeSpan.FromSeconds(20), init),
        _directory,
        new Dictionary<string, string> { ["AWS_REGION"] = "eu-west-1" },
        _output);

    private static Task<InvocationResult> InvokeAsync(FunctionPool pool, string what) =>
        pool.InvokeAsync(Encoding.UTF8.GetBytes($$"""{"do":"{{what}}"}"""), TestContext.Current.CancellationToken)
            .WaitAsync(s_limit, TestContext.Current.CancellationToken);

    private static JsonDocument Json(InvocationResult result) =>
        JsonDocument.Parse(Assert.IsType<InvocationResult.Succeeded>(result).Response);

    private static int ProcessId(InvocationResult result)
    {
        using JsonDocument response = Json(result);
        return response.RootElement.GetProperty("pid").GetInt32();
    }

    private static bool IsRunning(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string FindNode() => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "node"))
        .First(File.Exists);
}

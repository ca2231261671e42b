using System.Text;
using Photos.Aws;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Answers in an engine's stead.</summary>
/// <param name="request">What the function asks for.</param>
/// <param name="forward">Asks the engine, which then has done it.</param>
/// <param name="cancellationToken">Fires at the end of the test.</param>
internal delegate Task<FakeResponse> Interceptor(HttpRequest request, Func<Task<FakeResponse>> forward, CancellationToken cancellationToken);

/// <summary>What goes wrong between a function and an engine.</summary>
/// <param name="Name">For a failure's message.</param>
/// <param name="Answer">What the function gets.</param>
internal sealed record Fault(string Name, Interceptor Answer)
{
    /// <summary>Longer than a function waits for an answer, and than its time-out of 10 s.</summary>
    private static readonly TimeSpan s_tooLate = TimeSpan.FromSeconds(12);

    /// <summary>Just in time for one request, though not for all four of a write.</summary>
    private static readonly TimeSpan s_lag = AwsClient.AttemptTimeout - TimeSpan.FromMilliseconds(100);

    public static Fault CutBefore { get; } = new("cut before the engine has it", (_, _, _) => Task.FromResult(FakeResponse.HangUp));

    public static Fault CutAfter { get; } = new("cut before the answer", async (_, forward, _) =>
    {
        await forward();
        return FakeResponse.HangUp;
    });

    public static Fault CutHalf { get; } = new("cut in the middle of the answer", async (_, forward, _) =>
    {
        byte[] answer = (await forward()).Bytes();
        return new FakeResponse([answer[..(answer.Length / 2)]], Close: true);
    });

    public static Fault Throttled { get; } = new("throttled", (request, _, _) => Task.FromResult(IsDynamoDb(request)
        ? Json(400, """{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"Too fast."}""")
        : Xml(request, 503, "SlowDown", "")));

    public static Fault Error { get; } = new("an error of the engine", (request, _, _) => Task.FromResult(IsDynamoDb(request)
        ? Json(500, """{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Ours."}""")
        : Xml(request, 500, "InternalError", "")));

    public static Fault ErrorAfter { get; } = new("an error though it was done", async (request, forward, cancellationToken) =>
    {
        await forward();
        return await Error.Answer(request, forward, cancellationToken);
    });

    public static Fault Expired { get; } = new("credentials that have expired", (request, _, _) => Task.FromResult(IsDynamoDb(request)
        ? Json(400, """{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token included in the request is expired"}""")
        : Xml(request, 400, "ExpiredToken", $"<Token-0>{request.Header("x-amz-security-token")}</Token-0>")));

    /// <summary>The end of an answer is missing though its length is right; where there is no body, it is no HTTP.</summary>
    public static Fault Garbled { get; } = new("a garbled answer", async (request, forward, _) =>
    {
        await forward();
        return IsDynamoDb(request) ? Json(200, "{\"Items\":[{") : new FakeResponse(["\0\0\0\0\0\0\0\0\r\n\r\n"u8.ToArray()], Close: true);
    });

    public static Fault LateBefore { get; } = new("too late to be done", async (_, _, cancellationToken) =>
    {
        await Task.Delay(s_tooLate, cancellationToken);
        return FakeResponse.HangUp;
    });

    public static Fault LateAfter { get; } = new("done, and too late to be known", async (_, forward, cancellationToken) =>
    {
        FakeResponse answer = await forward();
        await Task.Delay(s_tooLate, cancellationToken);
        return answer;
    });

    public static Fault Lagging { get; } = new("an engine that lags", async (_, forward, cancellationToken) =>
    {
        await Task.Delay(s_lag, cancellationToken);
        return await forward();
    });

    /// <summary>Each byte comes in time, and the last of them never.</summary>
    public static Fault Trickling { get; } = new("an answer that trickles", async (_, forward, _) =>
        new FakeResponse([.. (await forward()).Bytes().Select(one => (byte[])[one])]) { Pause = TimeSpan.FromSeconds(1) });

    /// <summary>Those that are over at once.</summary>
    public static IReadOnlyList<Fault> Quick { get; } = [CutBefore, CutAfter, CutHalf, Throttled, Error, ErrorAfter, Expired, Garbled];

    /// <summary>Those that a function waits for.</summary>
    public static IReadOnlyList<Fault> Slow { get; } = [LateBefore, LateAfter, Lagging, Trickling];

    public override string ToString() => Name;

    private static bool IsDynamoDb(HttpRequest request) => request.Header("x-amz-target") is not null;

    private static FakeResponse Json(int status, string body) =>
        FakeResponse.Http(status, ["Content-Type: application/x-amz-json-1.0"], Encoding.UTF8.GetBytes(body));

    private static FakeResponse Xml(HttpRequest request, int status, string code, string more) => FakeResponse.Http(
        status,
        ["Content-Type: application/xml"],
        request.Method == "HEAD" ? [] : Encoding.UTF8.GetBytes($"<Error><Code>{code}</Code><Message>Later.</Message>{more}</Error>"));
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Photos.Aws;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>Responds in place of a storage engine.</summary>
/// <param name="request">The function's request.</param>
/// <param name="forward">Forwards the request to the engine, which then executes it.</param>
/// <param name="cancellationToken">Fires at the end of the test.</param>
internal delegate Task<FakeResponse> Interceptor(HttpRequest request, Func<Task<FakeResponse>> forward, CancellationToken cancellationToken);

/// <summary>A fault between a function and a storage engine.</summary>
/// <param name="Name">The name, for messages.</param>
/// <param name="Inject">Responds to the function.</param>
internal sealed record Fault(string Name, Interceptor Inject)
{
    /// <summary>Longer than a function waits for a response, and longer than its timeout of 10 s.</summary>
    private static readonly TimeSpan s_tooLate = TimeSpan.FromSeconds(12);

    /// <summary>In time for one request, but not for all of a call.</summary>
    private static readonly TimeSpan s_lag = AwsClient.AttemptTimeout - TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the engine executes the request before the function gets an error.</summary>
    public bool IsDone { get; init; }

    public static Fault CutBefore { get; } = new("connection cut before the engine has the request", (_, _, _) => Task.FromResult(FakeResponse.HangUp));

    public static Fault CutAfter { get; } = new("connection cut before the response", async (_, forward, _) =>
    {
        await forward();
        return FakeResponse.HangUp;
    })
    {
        IsDone = true,
    };

    public static Fault CutHalf { get; } = new("connection cut in the middle of the response", async (_, forward, _) =>
    {
        byte[] response = (await forward()).Bytes();
        return new FakeResponse([response[..(response.Length / 2)]], Close: true);
    })
    {
        IsDone = true,
    };

    public static Fault Throttled { get; } = new("throttled", (request, _, _) => Task.FromResult(IsDynamoDb(request)
        ? Json(400, """{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"Throttled."}""")
        : Xml(request, 503, "SlowDown", "")));

    public static Fault Error { get; } = new("server error", (request, _, _) => Task.FromResult(IsDynamoDb(request)
        ? Json(500, """{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Internal error."}""")
        : Xml(request, 500, "InternalError", "")));

    public static Fault Conflict { get; } = new("conflict with another request", (request, _, _) => Task.FromResult(IsDynamoDb(request)
        ? Json(400, """{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","message":"In progress."}""")
        : Xml(request, 409, "OperationAborted", "")));

    public static Fault ErrorAfter { get; } = new("server error after the request was done", async (request, forward, cancellationToken) =>
    {
        await forward();
        return await Error.Inject(request, forward, cancellationToken);
    })
    {
        IsDone = true,
    };

    public static Fault Expired { get; } = new("expired credentials", (request, _, _) => Task.FromResult(IsDynamoDb(request)
        ? Json(400, """{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token included in the request is expired"}""")
        : Xml(request, 400, "ExpiredToken", $"<Token-0>{request.Header("x-amz-security-token")}</Token-0>")));

    /// <summary>The clock of the service is ahead. It carries out requests that are signed with its time.</summary>
    public static Fault Skewed { get; } = new("clock 10 minutes ahead", (request, forward, _) =>
    {
        DateTime now = DateTime.UtcNow.AddMinutes(10);
        return request.Header("x-amz-date") is not string time || (now - SignedAt(time)).Duration() < TimeSpan.FromMinutes(5)
            ? forward()
            : Task.FromResult(IsDynamoDb(request)
                ? Json(400, """{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired."}""", $"Date: {now:r}")
                : Xml(request, 403, "RequestTimeTooSkewed", "", $"Date: {now:r}"));
    });

    /// <summary>DynamoDB may end a page early: at 1 MB, or for reasons of its own. Other requests are not affected.</summary>
    public static Fault ShortPage { get; } = new("page of one item", async (request, forward, _) =>
    {
        FakeResponse response = await forward();
        if (request.Header("x-amz-target")?.EndsWith(".Query", StringComparison.Ordinal) != true)
        {
            return response;
        }

        byte[] bytes = response.Bytes();
        JsonNode page = JsonNode.Parse(bytes.AsSpan(bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4))!;
        if (page["Items"]!.AsArray() is not [JsonObject item, ..])
        {
            return response;
        }

        JsonObject key = new() { ["id"] = item["id"]!.DeepClone(), ["photoId"] = item["photoId"]!.DeepClone() };
        return Json(200, new JsonObject { ["Items"] = new JsonArray(item.DeepClone()), ["Count"] = 1, ["LastEvaluatedKey"] = key }.ToJsonString());
    });

    /// <summary>A response of the right length that is not valid JSON; from S3, whose responses have no body, one that is not HTTP.</summary>
    public static Fault Garbled { get; } = new("garbled response", async (request, forward, _) =>
    {
        await forward();
        return IsDynamoDb(request) ? Json(200, "{\"Items\":[{") : new FakeResponse(["\0\0\0\0\0\0\0\0\r\n\r\n"u8.ToArray()], Close: true);
    })
    {
        IsDone = true,
    };

    public static Fault LateBefore { get; } = new("no response, not done", async (_, _, cancellationToken) =>
    {
        await Task.Delay(s_tooLate, cancellationToken);
        return FakeResponse.HangUp;
    });

    public static Fault LateAfter { get; } = new("no response, but done", async (_, forward, cancellationToken) =>
    {
        FakeResponse response = await forward();
        await Task.Delay(s_tooLate, cancellationToken);
        return response;
    })
    {
        IsDone = true,
    };

    public static Fault Lagging { get; } = new("slow engine", async (_, forward, cancellationToken) =>
    {
        await Task.Delay(s_lag, cancellationToken);
        return await forward();
    })
    {
        IsDone = true,
    };

    /// <summary>Each byte arrives in time, but the response does not.</summary>
    public static Fault Trickling { get; } = new("response one byte at a time", async (_, forward, _) =>
        new FakeResponse([.. (await forward()).Bytes().Select(one => (byte[])[one])]) { Pause = TimeSpan.FromSeconds(1) })
    {
        IsDone = true,
    };

    /// <summary>Faults that end at once.</summary>
    public static IReadOnlyList<Fault> Quick { get; } = [CutBefore, CutAfter, CutHalf, Throttled, Conflict, Error, ErrorAfter, Expired, Skewed, ShortPage, Garbled];

    /// <summary>Faults that a function waits for.</summary>
    public static IReadOnlyList<Fault> Slow { get; } = [LateBefore, LateAfter, Lagging, Trickling];

    public override string ToString() => Name;

    // The functions write this header in lower case, the SDK does not.
    private static bool IsDynamoDb(HttpRequest request) => request.Header("x-amz-target", StringComparison.OrdinalIgnoreCase) is not null;

    private static DateTime SignedAt(string time) => DateTime.ParseExact(
        time, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    private static FakeResponse Json(int status, string body, params string[] headers) =>
        FakeResponse.Http(status, ["Content-Type: application/x-amz-json-1.0", .. headers], Encoding.UTF8.GetBytes(body));

    private static FakeResponse Xml(HttpRequest request, int status, string code, string more, params string[] headers) => FakeResponse.Http(
        status,
        ["Content-Type: application/xml", .. headers],
        request.Method == "HEAD" ? [] : Encoding.UTF8.GetBytes($"<Error><Code>{code}</Code><Message>Later.</Message>{more}</Error>"));
}

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Photos.Tests.Local;
using Photos.Tests.Unit.Functions;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.EndToEnd.Album;

/// <summary>No log line contains a secret: not at the TRACE level, and not when AWS's errors repeat it.</summary>
public sealed partial class SecretsTests
{
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRETSTESTKEY";
    private const string SessionToken = "IQoJb3JpZ2luX2VjE+/SecretsTestsSessionToken==";

    /// <summary>The photo of <see cref="Record"/>.</summary>
    private const string Swept = "0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7b";

    /// <summary>A record of the stream, for SweepPhoto.</summary>
    private const string Record = """
        {"eventID":"1","eventName":"MODIFY","dynamodb":{"ApproximateCreationDateTime":4102444800,"SequenceNumber":"1",
        "Keys":{"id":{"S":"secrets-alice"},"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7b"}},"NewImage":{"state":{"S":"deleted"}}}}
        """;

    private readonly HashSet<string> _secrets = [SecretKey, SessionToken, Uri.EscapeDataString(SessionToken)];
    private Func<HttpRequest, FakeResponse?> _fault = _ => null;
    private int _records;

    [Fact]
    public async Task NoLogLineContainsASecret()
    {
        using var data = new TemporaryFolder();
        await using var aws = new FakeHttpServer((request, _) => ValueTask.FromResult(_fault(request) ?? Respond(request)));
        await using LocalHost host = await LocalHost.StartAsync(data.Path, new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL_DYNAMODB"] = $"http://{aws.Address}",
            ["AWS_ENDPOINT_URL_S3"] = $"http://{aws.Address}",
            ["AWS_ACCESS_KEY_ID"] = "AKIDSECRETSTESTS",
            ["AWS_SECRET_ACCESS_KEY"] = SecretKey,
            ["AWS_SESSION_TOKEN"] = SessionToken,
            ["AWS_LAMBDA_LOG_LEVEL"] = "TRACE",
        });
        _secrets.UnionWith(host.IssuerPem.Split('\n').Where(line => line.Length > 20 && !line.StartsWith('-')));

        await UseEveryRouteAsync(host, expected: status => status is 200 or 201 or 204);
        await SweepAsync(aws);
        await MisuseEveryRouteAsync(host);
        (string Code, Func<HttpRequest, FakeResponse?> Fault)[] faults =
        [
            ("ExpiredToken", request => IsS3(request) ? S3Error(400, "ExpiredToken", $"<Token-0>{SessionToken}</Token-0>") : null),
            ("InvalidToken", request => IsS3(request) ? S3Error(400, "InvalidToken", $"<Token-0>{SessionToken}</Token-0>") : null),
            ("SignatureDoesNotMatch", request => IsS3(request)
                ? S3Error(403, "SignatureDoesNotMatch", $"<SignatureProvided>{Signature(request)}</SignatureProvided><CanonicalRequest>{CanonicalRequest(request)}</CanonicalRequest>")
                : null),
            ("InvalidSignatureException", request => IsS3(request) ? null : DynamoDbError(
                "InvalidSignatureException", $"The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'{CanonicalRequest(request)}'\n")),
            ("SlowDown", _ => S3Error(503, "SlowDown", $"<Token-0>{SessionToken}</Token-0>")),
            ("", request => FakeResponse.Http(200, ["Content-Type: application/x-amz-json-1.0"], Encoding.UTF8.GetBytes($"{{\"{CanonicalRequest(request)}"))),
            ("", _ => FakeResponse.HangUp),
        ];
        foreach ((_, Func<HttpRequest, FakeResponse?> fault) in faults)
        {
            _fault = fault;
            await UseEveryRouteAsync(host, expected: status => status is not (502 or 504));
        }

        _secrets.UnionWith(aws.Requests.Select(Signature).Where(signature => signature.Length > 0));
        await host.StopAsync();

        // The log has all levels, and AWS's error codes.
        Assert.Contains(host.Output, line => line.Contains("\"DEBUG\"", StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.Contains(host.Output, line => line.Contains(fault.Code, StringComparison.Ordinal)));
        Assert.True(_secrets.Count > 100, $"Only {_secrets.Count} secrets were collected.");
        Assert.All(host.Output, line => Assert.DoesNotContain(_secrets, secret => line.Contains(secret, StringComparison.Ordinal)));
    }

    [GeneratedRegex("""X-Amz-Signature=(?<secret>[0-9a-f]{64})|"next":"(?<secret>[^"]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Issued();

    private async Task UseEveryRouteAsync(LocalHost host, Func<int, bool> expected)
    {
        AlbumClient alice = SignIn(host);
        ApiResponse[] responses =
        [
            await alice.SendAsync("GET", "/photos?limit=5"),
            await alice.SendAsync("GET", $"/photos/{Invoke.Id}"),
            await alice.GrantAsync(4),
            await alice.WriteAsync(Invoke.Id),
            await alice.SendAsync("DELETE", $"/photos/{Invoke.Id}"),
            await alice.SendAsync("DELETE", $"/photos?id={Invoke.Id}"),
        ];
        AddIssued(responses, expected);
    }

    /// <summary>Has the stream send a record to each of its readers, until SweepPhoto handles it.</summary>
    private async Task SweepAsync(FakeHttpServer aws)
    {
        Volatile.Write(ref _records, 1);
        for (long end = Environment.TickCount64 + 20_000; !aws.Requests.Any(request => request.Text.Contains(Swept, StringComparison.Ordinal));)
        {
            Assert.True(Environment.TickCount64 < end, "SweepPhoto did not handle the record.");
            await Task.Delay(50);
        }

        Volatile.Write(ref _records, 0);
    }

    /// <summary>Sends secrets in the wrong places. Every route refuses them, or ignores them in an unknown field.</summary>
    private async Task MisuseEveryRouteAsync(LocalHost host)
    {
        AlbumClient alice = SignIn(host);
        ApiResponse photo = await alice.SendAsync("GET", $"/photos/{Invoke.Id}");
        AddIssued([photo], expected: status => status == 200);
        string url = photo.Json.GetProperty("url").GetString()!;
        using var forged = new ForgedTokens(host.IssuerPem);
        foreach ((_, string token) in forged.All())
        {
            AddToken(token);
            Assert.Equal(401, (await alice.SendAsync("GET", "/photos", authorization: token)).Status);
        }

        foreach (string secret in (string[])[alice.Token!, url, SessionToken])
        {
            string escaped = Uri.EscapeDataString(secret);
            string[] bodies =
            [
                secret,
                JsonSerializer.Serialize(secret),
                JsonSerializer.Serialize(new { id = secret, name = "a", contentType = "image/jpeg", size = 4 }),
                JsonSerializer.Serialize(new { id = Invoke.Id, name = secret + "/", contentType = "image/jpeg", size = 4 }),
                JsonSerializer.Serialize(new { id = "", name = "a", contentType = secret, size = 4 }),
                JsonSerializer.Serialize(new { id = "", name = "a", contentType = "image/jpeg", size = secret }),
                $"{{\"{secret}",
            ];
            ApiResponse[] responses =
            [
                await alice.SendAsync("GET", $"/photos?next={escaped}&token={escaped}&Authorization={escaped}"),
                await alice.SendAsync("GET", $"/photos?limit={escaped}"),
                await alice.SendAsync("DELETE", $"/photos?id={escaped}"),
                .. await Task.WhenAll(
                    from path in (string[])["/photos", "/photos/uploads"]
                    from body in bodies
                    from type in (string[])["application/json", "application/x-www-form-urlencoded"]
                    select alice.SendAsync("POST", path, body, contentType: type)),
            ];
            AddIssued(responses, expected: status => status is 201 or 400 or 415);
        }
    }

    private void AddIssued(ApiResponse[] responses, Func<int, bool> expected) => Assert.All(responses, response =>
    {
        Assert.True(expected(response.Status), $"{response.Status} {response.Text}");
        _secrets.UnionWith(Issued().Matches(response.Text).Select(match => match.Groups["secret"].Value));
    });

    private AlbumClient SignIn(LocalHost host)
    {
        AlbumClient alice = host.SignIn("secrets-alice");
        AddToken(alice.Token!);
        return alice;
    }

    /// <summary>Adds the signature too, because the rest of a token is not secret and could be reconstructed.</summary>
    private void AddToken(string token)
    {
        _secrets.Add(token);
        _secrets.UnionWith(token.Split('.').Skip(2).Where(part => part.Length > 20));
    }

    private FakeResponse Respond(HttpRequest request) => Header(request, "x-amz-target").Split('.')[^1] switch
    {
        "DescribeTable" => Json("""{"Table":{"TableStatus":"ACTIVE","StreamSpecification":{"StreamEnabled":true},"LatestStreamArn":"arn:stream","GlobalSecondaryIndexes":[{"IndexName":"ByTaken","IndexStatus":"ACTIVE"}]}}"""),
        "DescribeTimeToLive" => Json("""{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED"}}"""),
        "DescribeStream" => Json("""{"StreamDescription":{"Shards":[{"ShardId":"shard"}]}}"""),
        "GetShardIterator" => Json("""{"ShardIterator":"iterator"}"""),
        "GetRecords" => Json($$"""{"Records":[{{(Volatile.Read(ref _records) == 0 ? "" : Record)}}],"NextShardIterator":"iterator"}"""),
        _ => StandInResponses.To(request),
    };

    private static FakeResponse Json(string body) =>
        FakeResponse.Http(200, ["Content-Type: application/x-amz-json-1.0"], Encoding.UTF8.GetBytes(body));

    private static string Header(HttpRequest request, string name) =>
        request.Header(name, StringComparison.OrdinalIgnoreCase) ?? "";

    private static string Signature(HttpRequest request) => Header(request, "authorization").Split("Signature=")[^1];

    /// <summary>The canonical request, which AWS repeats in its errors.</summary>
    private static string CanonicalRequest(HttpRequest request) =>
        $"{request.Method}\n{request.Target}\n\nhost:{Header(request, "host")}\nx-amz-security-token:{Header(request, "x-amz-security-token")}\n";

    /// <summary>Whether an S3 error response to it has a body; one to HEAD does not.</summary>
    private static bool IsS3(HttpRequest request) => Header(request, "x-amz-target").Length == 0 && request.Method != "HEAD";

    /// <remarks>https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html</remarks>
    private static FakeResponse S3Error(int status, string code, string details) => FakeResponse.Http(status, ["Content-Type: application/xml"], Encoding.UTF8.GetBytes(
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>No.</Message>{details}<RequestId>4442587FB7D0A2F9</RequestId></Error>"));

    /// <remarks>https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html</remarks>
    private static FakeResponse DynamoDbError(string code, string message) => FakeResponse.Http(
        400, ["Content-Type: application/x-amz-json-1.0"], JsonSerializer.SerializeToUtf8Bytes(new { __type = $"com.amazon.coral.service#{code}", message }));
}

using System.Text.Json;
using Photos.Local.Template;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.Routes;

/// <summary>A storage request and how it ended.</summary>
/// <param name="Request">The request.</param>
/// <param name="Connection">The connection that it came on, counted from 1 for each service.</param>
/// <param name="Outcome">How it ended.</param>
internal sealed record SentRequest(StorageRequest Request, int Connection, string Outcome);

/// <summary>Chooses how a storage request ends.</summary>
/// <param name="request">The request.</param>
/// <param name="outcomes">As <see cref="StorageOutcome.All"/> has them.</param>
internal delegate StorageOutcome OutcomeChoice(StorageRequest request, IReadOnlyList<StorageOutcome> outcomes);

/// <summary>A function's deployed binary, with the template's variables, on a storage whose outcomes the test chooses.</summary>
internal sealed class ProbedFunction : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    // In the Region of DeployedStack, for the names of the table and the bucket.
    private static readonly StackDefinition s_stack = TemplateReader.Read(Repository.Template, "eu-central-1");

    private readonly FakeHttpServer _dynamoDb;
    private readonly FakeHttpServer _s3;
    private readonly RunningFunction _function;
    private readonly Lock _lock = new();
    private OutcomeChoice _choose;
    private List<SentRequest> _sent = [];
    private InvalidOperationException? _unknown;

    /// <summary>Starts the function and waits until it has initialized.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="warmUp">Chooses the outcomes of its warm-up; <see langword="null"/> to switch the warm-up off.</param>
    public ProbedFunction(string name, OutcomeChoice? warmUp)
    {
        _choose = warmUp ?? ((_, outcomes) => outcomes[0]);
        _dynamoDb = new FakeHttpServer(RespondAsync);
        _s3 = new FakeHttpServer(RespondAsync);
        S3 = new Uri($"http://{_s3.Address}");
        var environment = new Dictionary<string, string>(s_stack.Functions.Single(function => function.Name == name).Environment)
        {
            ["AWS_REGION"] = "eu-central-1",
            ["AWS_ACCESS_KEY_ID"] = "AKIDPROBE",
            ["AWS_SECRET_ACCESS_KEY"] = "secret",
            ["AWS_SESSION_TOKEN"] = "session",
            ["AWS_ENDPOINT_URL_DYNAMODB"] = $"http://{_dynamoDb.Address}",
            ["AWS_ENDPOINT_URL_S3"] = S3.GetLeftPart(UriPartial.Authority),
            ["PHOTOS_WARMUP"] = warmUp is null ? "off" : "on",

            // The stand-ins speak plain HTTP, and this machine has no /var/task.
            ["PHOTOS_ROOTS"] = "",
        };
        string binary = Path.Combine(Repository.Functions, name, "bootstrap");
        _function = new RunningFunction(name, [binary], Path.GetDirectoryName(binary)!, environment, s_limit);
        WarmUp = TakeSent();
    }

    /// <summary>The origin of its presigned URLs.</summary>
    public Uri S3 { get; }

    /// <summary>The storage requests of its initialization.</summary>
    public IReadOnlyList<SentRequest> WarmUp { get; }

    /// <summary>Hands it a request.</summary>
    /// <returns>The proxy response, and the storage requests that it sent.</returns>
    public (JsonElement Response, IReadOnlyList<SentRequest> Sent) Invoke(ExampleRequest request, OutcomeChoice choose) => Invoke(request.ToEvent(), choose);

    /// <summary>Hands it an event.</summary>
    /// <returns>The response, and the storage requests that it sent.</returns>
    public (JsonElement Response, IReadOnlyList<SentRequest> Sent) Invoke(byte[] payload, OutcomeChoice choose)
    {
        lock (_lock)
        {
            _choose = choose;
        }

        _function.Invoke(payload);
        return (JsonElement.Parse(_function.Response), TakeSent());
    }

    public async ValueTask DisposeAsync()
    {
        _function.Dispose();
        await _dynamoDb.DisposeAsync();
        await _s3.DisposeAsync();
    }

    private List<SentRequest> TakeSent()
    {
        lock (_lock)
        {
            if (_unknown is not null)
            {
                throw _unknown;
            }

            List<SentRequest> taken = _sent;
            _sent = [];
            return taken;
        }
    }

    private ValueTask<FakeResponse> RespondAsync(HttpRequest recorded, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            try
            {
                var request = StorageRequest.Of(recorded);
                StorageOutcome outcome = _choose(request, StorageOutcome.All(request, recorded.Body.ToArray()));
                _sent.Add(new SentRequest(request, recorded.Connection, outcome.Name));
                return ValueTask.FromResult(outcome.Response);
            }
            catch (InvalidOperationException e)
            {
                // For the test to throw: here it would only end the connection.
                _unknown = e;
                return ValueTask.FromResult(FakeResponse.HangUp);
            }
        }
    }
}

using System.Diagnostics;
using System.Text.Json;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.RuntimeContract;

/// <summary>A binary that <c>build.sh</c> made, started anew for one event.</summary>
internal static class PublishedFunction
{
    /// <summary>What every function needs. The endpoints listen nowhere, since no test may reach AWS.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AWS_REGION"] = "eu-central-1",
        ["AWS_ACCESS_KEY_ID"] = "local",
        ["AWS_SECRET_ACCESS_KEY"] = "local",
        ["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:9",
        ["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:9",
        ["PHOTO_TABLE"] = "photos",
        ["PHOTO_BUCKET"] = "photos",
        ["ALLOWED_ORIGIN"] = "*",
        ["MAX_PHOTO_BYTES"] = "1000",
        ["PHOTOS_WARMUP"] = "off",
    };

    /// <summary>Starts the command, hands it the event, and ends it when it has answered.</summary>
    /// <returns>The proxy response.</returns>
    public static async Task<JsonElement> InvokeAsync(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, string proxyEvent)
    {
        await using var api = new FakeRuntimeApi();
        api.AnswerNext(FakeAnswer.Invocation("id-1", proxyEvent));
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false };
        start.Environment.Clear();
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["AWS_LAMBDA_RUNTIME_API"] = api.Address;
        using Process process = Process.Start(start)!;
        try
        {
            Assert.EndsWith("/next", (await api.NextRequestAsync(RuntimeRun.Soon)).Path, StringComparison.Ordinal);
            RecordedRequest response = await api.NextRequestAsync(RuntimeRun.Soon);
            Assert.EndsWith("/id-1/response", response.Path, StringComparison.Ordinal);
            return JsonElement.Parse(response.Body);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}

using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Local;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>A whole component fails: a function is killed, or DynamoDB and S3 are unreachable.</summary>
[Collection<FaultyAlbumTests>]
public sealed class OutageTests(FaultyAlbum album)
{
    private readonly FaultScenarios _scenarios = new(album);

    [Fact]
    public async Task NothingIsLostWhenAFunctionIsKilled()
    {
        int count = 0;
        foreach (Call call in Call.All)
        {
            foreach ((int step, bool isDone) in Enumerable.Range(0, call.Requests.Count).SelectMany(step => ((int, bool)[])[(step, false), (step, true)]))
            {
                var kill = new Fault(isDone ? "killed after it was done" : "killed before it was done", async (_, forward, _) =>
                {
                    if (isDone)
                    {
                        await forward();
                    }

                    await album.KillFunctionsAsync();
                    return FakeResponse.HangUp;
                });

                // API Gateway responds 502 when Lambda reports that the function has died.
                await _scenarios.RunAsync(
                    $"{call.Requests[step]}, request {step}: {kill}", $"kill-{count++}-", call, number => number == step ? kill : null,
                    response => response.Status == 502 && response.Json.TryGetProperty("message", out _));
            }
        }

        await _scenarios.AssertAllSurvivedAsync(least: count);
    }

    [Fact]
    public async Task AFunctionWorksAfterItsWarmUpFailed()
    {
        // SweepPhoto has no warm-up, because no user waits for it.
        int functions = TestGateway.Stack.Routes.Select(route => route.Function).Distinct().Count();
        foreach (Fault fault in LongRun.IsOn ? Fault.Quick.Concat(Fault.Slow) : Fault.Quick)
        {
            await album.KillFunctionsAsync();
            int injected = 0;
            album.Intercept("warm-up", (request, forward, cancellationToken) =>
            {
                Interlocked.Increment(ref injected);
                return fault.Inject(request, forward, cancellationToken);
            });
            AlbumClient client = album.Host.SignIn($"start-{Fault.Quick.Concat(Fault.Slow).ToList().IndexOf(fault)}-");

            string id = await client.AddPhotoAsync("photo.jpg");
            Assert.Equal([id], await client.ListAllAsync());
            Assert.Equal(204, (await client.SendAsync("DELETE", $"/photos/{id}")).Status);

            await album.ClearFaultsAsync("warm-up");
            Assert.True(injected >= functions, $"{fault}: it was injected into {injected} warm-up requests of {functions} functions.");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NothingIsLostWhileStorageIsUnreachable(bool startsMeanwhile)
    {
        AlbumClient client = album.Host.SignIn($"unreachable-{startsMeanwhile}");
        string id = await client.AddPhotoAsync("photo.jpg");
        string uploaded = await Call.UploadAsync(client);
        await album.StopEnginesAsync();
        try
        {
            if (startsMeanwhile)
            {
                await album.KillFunctionsAsync();
            }

            foreach (Call call in Call.All)
            {
                ApiResponse response = await call.SendAsync(client, call == Call.Write ? uploaded : id);
                Assert.True(FaultScenarios.IsUnavailable(response), $"{call} got {response.Status} {response.Text}");
            }
        }
        finally
        {
            album.StartEngines();
        }

        Assert.Equal([id], await client.ListAllAsync());
        Assert.Equal(201, (await Call.Write.SendAsync(client, uploaded)).Status);
        Assert.Equal(204, (await Call.Delete.SendAsync(client, id)).Status);
        Assert.Equal([uploaded], await client.ListAllAsync());
        Assert.Empty(await album.AuditAsync());
    }
}

using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>A whole part goes: a function is killed, the engines are away.</summary>
[Collection<FaultyAlbumTests>]
public sealed class OutageTests(FaultyAlbum album)
{
    private readonly Trials _trials = new(album);

    [Fact]
    public async Task NothingIsLostWhenAFunctionIsKilledAtItsWork()
    {
        int count = 0;
        foreach (Call call in Call.All)
        {
            foreach ((int step, bool isDone) in Enumerable.Range(0, call.Requests.Count).SelectMany(step => ((int, bool)[])[(step, false), (step, true)]))
            {
                var kill = new Fault(isDone ? "killed when it was done" : "killed before it was done", async (_, forward, _) =>
                {
                    if (isDone)
                    {
                        await forward();
                    }

                    await album.KillFunctionsAsync();
                    return FakeResponse.HangUp;
                });

                // What Lambda says of a function that has died, which the gateway makes a 502 of.
                await _trials.RunAsync(
                    $"{call.Requests[step]} no. {step} {kill}", $"kill-{count++}-", call, number => number == step ? kill : null,
                    answer => answer.Status == 502 && answer.Json.TryGetProperty("message", out _));
            }
        }

        await _trials.AssertAllSurvivedAsync(least: count);
    }

    [Fact]
    public async Task AFunctionServesThoughAwsFailedItWhenItStarted()
    {
        foreach (Fault fault in LongRun.IsOn ? Fault.Quick.Concat(Fault.Slow) : Fault.Quick)
        {
            await album.KillFunctionsAsync();
            int struck = 0;
            album.Intercept("warm-up", (request, forward, cancellationToken) =>
            {
                Interlocked.Increment(ref struck);
                return fault.Answer(request, forward, cancellationToken);
            });
            AlbumClient client = album.Host.SignIn($"start-{Fault.Quick.Concat(Fault.Slow).ToList().IndexOf(fault)}-");

            string id = await client.AddPhotoAsync("photo.jpg");
            Assert.Equal([id], await client.ListAllAsync());
            Assert.Equal(204, (await client.SendAsync("DELETE", $"/photos/{id}")).Status);

            await album.MendAsync("warm-up");
            Assert.True(struck >= 3, $"{fault} struck {struck} warm-ups of three functions.");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NothingIsLostWhileTheEnginesAreAway(bool startsMeanwhile)
    {
        AlbumClient client = album.Host.SignIn($"away-{startsMeanwhile}");
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
                HttpAnswer answer = await call.SendAsync(client, call == Call.Write ? uploaded : id);
                Assert.True(Trials.IsUnavailable(answer), $"{call} answered {answer.Status} {answer.Text}");
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

namespace Photos.Tests.EndToEnd.Album;

public class RestartTests
{
    [Fact]
    public async Task APhotoSurvivesARestartAndTheHostStopsCleanly()
    {
        using var data = new TemporaryFolder();
        string id;
        await using (LocalHost first = await LocalHost.StartAsync(data.Path))
        {
            id = await first.SignIn("alice").AddPhotoAsync("kept.jpg");
            Assert.Equal(0, await first.StopAsync());
        }

        await using LocalHost second = await LocalHost.StartAsync(data.Path);
        AlbumClient alice = second.SignIn("alice");

        Assert.Equal([id], await alice.ListAllAsync());
        string url = (await alice.SendAsync("GET", $"/photos/{id}")).Json.GetProperty("url").GetString()!;
        Assert.Equal(AlbumClient.SmallJpeg, await AlbumClient.GetBytesAsync(url));
        Assert.Contains(second.Output, line => line.StartsWith("REPORT RequestId: ", StringComparison.Ordinal) && line.Contains("Init Duration: ", StringComparison.Ordinal));
    }
}

using System.Diagnostics;

namespace Photos.Tests.EndToEnd.Album;

public class ReadyMessageTests
{
    /// <summary>Runs the commands in bash, in a folder that contains <c>beach.jpg</c>.</summary>
    [Fact(Timeout = 120_000)]
    public async Task TheCommandsUploadListAndDeleteAPhoto()
    {
        CancellationToken canceled = TestContext.Current.CancellationToken;
        using var data = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "beach.jpg"), AlbumClient.SmallJpeg, canceled);
        await using LocalHost host = await LocalHost.StartAsync(data.Path);
        while (!host.Output.Any(line => line.Contains(" -X DELETE ", StringComparison.Ordinal)))
        {
            await Task.Delay(10, canceled);
        }

        string commands = string.Join('\n', host.Output.SkipWhile(line => !line.StartsWith("ready ", StringComparison.Ordinal)).Skip(1));

        using Process process = Process.Start(new ProcessStartInfo("bash", ["-euc", commands])
        {
            WorkingDirectory = folder.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        string printed = await process.StandardOutput.ReadToEndAsync(canceled);
        await process.WaitForExitAsync(canceled);

        string[] lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("{\"id\":", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"name\":\"beach.jpg\"", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("{\"id\":\"alice\",\"photos\":[", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"name\":\"beach.jpg\"", lines[1], StringComparison.Ordinal);
        Assert.Equal("204", lines[2]);
        Assert.Empty(await host.SignIn("alice").ListAllAsync());
    }
}

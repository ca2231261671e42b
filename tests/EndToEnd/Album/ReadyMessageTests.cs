using System.Diagnostics;

namespace Photos.Tests.EndToEnd.Album;

public class ReadyMessageTests
{
    /// <summary>Runs the commands in bash. They are README's.</summary>
    [Fact(Timeout = 120_000)]
    public async Task TheCommandsUploadListAndDeleteAPhoto()
    {
        CancellationToken canceled = TestContext.Current.CancellationToken;
        using var data = new TemporaryFolder();
        await using LocalHost host = await LocalHost.StartAsync(data.Path);
        while (!host.Output.Any(line => line.Contains(" -X DELETE ", StringComparison.Ordinal)))
        {
            await Task.Delay(10, canceled);
        }

        string commands = string.Join('\n', host.Output.SkipWhile(line => !line.StartsWith("ready ", StringComparison.Ordinal)).Skip(1));

        string readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), canceled);
        Assert.Contains(commands.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^4..].Aggregate("", (text, line) => $"{text}{line}\n"), readme, StringComparison.Ordinal);
        using Process process = Process.Start(new ProcessStartInfo("bash", ["-euc", commands])
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        string printed = await process.StandardOutput.ReadToEndAsync(canceled);
        await process.WaitForExitAsync(canceled);

        string[] lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("{\"id\":", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"name\":\"album.png\"", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("{\"id\":\"alice\",\"photos\":[", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"name\":\"album.png\"", lines[1], StringComparison.Ordinal);
        Assert.Equal("204", lines[2]);
        Assert.Empty(await host.SignIn("alice").ListAllAsync());
    }
}

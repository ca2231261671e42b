using System.Diagnostics;
using System.Globalization;

namespace Photos.Tests.Render;

/// <summary>The function's credentials are in its memory and environment, where a decoder that was taken over could look for them.</summary>
public sealed class HiddenMemoryTests
{
    private const string Secret = "HIDDEN-MEMORY-SECRET";

    /// <summary>Without the capabilities of root, which may read everything and which no function has in Lambda.</summary>
    private static readonly string[] s_unprivileged = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];

    [Theory]
    [InlineData("environ")]
    [InlineData("maps")]
    [InlineData("mem")]
    [InlineData("fd/0")]
    public void AProcessOfTheSameUserCannotReadTheFunctions(string file)
    {
        Dictionary<string, string> environment = LambdaEnvironment.Create(
            "RenderPhoto", LambdaEnvironment.Unreachable, ("AWS_SECRET_ACCESS_KEY", Secret));
        using var function = new RunningFunction(
            "RenderPhoto", [.. s_unprivileged, PictureFolder.Binary], Path.GetDirectoryName(PictureFolder.Binary)!, environment, TimeSpan.FromSeconds(10));

        CommandLineTool read = Read(function.ProcessId, file);

        Assert.NotEqual(0, read.ExitCode);
        Assert.EndsWith("Permission denied", read.Output, StringComparison.Ordinal);
    }

    /// <summary>So the test above does not pass because the reader may not read anything.</summary>
    [Fact]
    public void ItCanReadTheEnvironmentOfAnyOtherProcess()
    {
        string[] command = [.. s_unprivileged, "sleep", "600"];
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false };
        start.Environment["AWS_SECRET_ACCESS_KEY"] = Secret;
        using Process process = Process.Start(start)!;
        try
        {
            // Until setpriv has started it, the process still has capabilities.
            while (File.ReadAllText($"/proc/{process.Id}/comm").Trim() != "sleep")
            {
                Thread.Sleep(10);
            }

            CommandLineTool read = Read(process.Id, "environ");

            Assert.Equal(0, read.ExitCode);
            Assert.Contains(Secret, read.Output, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    private static CommandLineTool Read(int processId, string file)
    {
        string[] command = [.. s_unprivileged, "head", "-c", "100000", string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/{file}")];
        return CommandLineTool.Run(command[0], command[1..]);
    }
}

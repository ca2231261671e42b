using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Photos.RenderPhoto;

namespace Photos.Tests.Render;

/// <summary>The process that decodes, its limits, and what its end means.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RendererTests : IDisposable
{
    private readonly PictureFolder _folder = new([.. "GIF89a"u8]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("kill -9 $$", "ended by signal 9.")]
    [InlineData("kill -11 $$", "ended by signal 11.")]
    [InlineData("exit 3", "ended with exit code 3.")]
    [InlineData("exit 0", "wrote no result.")]
    [InlineData("echo null", "wrote no result.")]
    [InlineData("echo '{\"width\":1,\"height\":1'", "wrote no result.")]
    [InlineData("echo '{\"width\":1,\"height\":1}{}'", "wrote no result.")]
    [InlineData("echo '{\"width\":1,\"height\":1,\"taken\":1}'", "wrote no result.")]
    [InlineData("echo '{\"refusal\":\"it is ugly.\"}'", "it is ugly.")]
    [InlineData("head -c 1000000 /dev/zero", "wrote no result.")]
    [InlineData("echo a warning >&2; exit 1", "ended with exit code 1. The decoder wrote: a warning")]
    [InlineData("head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1", "The decoder wrote: xxxx")]
    public void ADecoderThatFailsMakesThePictureUnsupported(string script, string reason)
    {
        Assert.Null(_folder.Render(Script(script)));

        Assert.Contains($"The picture is unsupported: ", _folder.Log, StringComparison.Ordinal);
        Assert.Contains(reason, _folder.Log, StringComparison.Ordinal);
        Assert.InRange(_folder.Log.Length, 1, 8192);
    }

    /// <summary>The second is one that its output keeps busy.</summary>
    [Theory]
    [InlineData("echo $$ > pid; exec sleep 600")]
    [InlineData("echo $$ > pid; exec yes")]
    public void ADecoderThatDoesNotEndIsKilled(string script)
    {
        Assert.Null(_folder.Render(Script(script), limit: TimeSpan.FromSeconds(1)));

        Assert.Contains("did not end within 1 s", _folder.Log, StringComparison.Ordinal);
        AssertHasEnded();
    }

    /// <summary>The process that it left behind holds the pipe open that the renderer reads.</summary>
    [Fact]
    public void ADecoderThatLeavesAProcessBehindIsNotWaitedFor()
    {
        Assert.Null(_folder.Render(Script("sleep 600 & echo $! > pid; exit 3")));

        Assert.Contains("ended with exit code 3.", _folder.Log, StringComparison.Ordinal);
        using var left = Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(_folder.Path, "pid")), CultureInfo.InvariantCulture));
        left.Kill();
    }

    /// <summary>A fault of the function is not one of the picture: Lambda retries.</summary>
    [Fact]
    public async Task CancellationKillsTheDecoderAndIsReported()
    {
        using var cancellation = new CancellationTokenSource();
        Task<RenderedPicture?> render = Task.Run(
            () => _folder.RenderUnless(Script("echo $$ > pid.new; mv pid.new pid; exec sleep 600"), limit: null, cancellation.Token), TestContext.Current.CancellationToken);
        while (!File.Exists(Path.Combine(_folder.Path, "pid")))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => render);
        AssertHasEnded();
        Assert.Equal("", _folder.Log);
    }

    [Fact]
    public void ADecoderThatDoesNotStartIsAFaultOfTheFunction() =>
        Assert.Throws<Win32Exception>(() => _folder.Render(Path.Combine(_folder.Path, "missing")));

    /// <summary>The tests' own environment has a variable like the function's credentials.</summary>
    [Fact]
    public void TheDecoderGetsNoVariableOfTheFunction()
    {
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY_OF_THIS_TEST", "secret");

        Assert.Null(_folder.Render(Script("cat /proc/$$/environ | tr '\\0' '\\n' > environment")));

        Assert.Equal(
            ["DOTNET_GCHeapHardLimit", "TMPDIR", "VIPS_CONCURRENCY"],
            File.ReadAllLines(Path.Combine(_folder.Path, "environment")).Select(line => line.Split('=')[0]).Order(StringComparer.Ordinal));
    }

    /// <summary>The binary waits for the other end of a pipe that it takes for the picture, and is looked at meanwhile.</summary>
    [Fact]
    public async Task TheDecoderHasLimitsBeforeItReadsThePicture()
    {
        File.Delete(_folder.Original);
        Assert.Equal(0, CommandLineTool.Run("mkfifo", _folder.Original).ExitCode);
        string script = Script($"echo $$ > pid.new; mv pid.new pid; exec '{PictureFolder.Binary}' \"$@\"");
        using var cancellation = new CancellationTokenSource();
        Task<RenderedPicture?> render = Task.Run(() => _folder.RenderUnless(script, limit: null, cancellation.Token), TestContext.Current.CancellationToken);

        string[] limits;
        do
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            limits = TryRead("limits");
        }
        while (limits.Length == 0 || Limit("Max core file size") != "0" || Limit("Max address space") == "unlimited");

        Assert.Equal("30", Limit("Max cpu time"));
        Assert.Equal("33554432", Limit("Max file size"));
        Assert.Equal("1073741824", Limit("Max data size"));
        Assert.Equal("2147483648", Limit("Max address space"));
        Assert.Contains("NoNewPrivs:\t1", TryRead("status"));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => render);
        AssertHasEnded();

        // The name, the soft limit, the hard limit and the unit.
        string Limit(string name) => limits.Single(line => line.StartsWith(name, StringComparison.Ordinal))[26..46].Trim();

        string[] TryRead(string file)
        {
            try
            {
                return File.ReadAllLines($"/proc/{File.ReadAllText(Path.Combine(_folder.Path, "pid")).Trim()}/{file}");
            }
            catch (IOException)
            {
                return [];
            }
        }
    }

    private void AssertHasEnded() =>
        Assert.False(Directory.Exists($"/proc/{File.ReadAllText(Path.Combine(_folder.Path, "pid")).Trim()}"));

    /// <summary>A program that stands in for the decoder.</summary>
    private string Script(string commands)
    {
        string file = Path.Combine(_folder.Path, "script");
        File.WriteAllText(file, $"#!/bin/sh\nPATH=/usr/bin:/bin\n{commands}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }
}

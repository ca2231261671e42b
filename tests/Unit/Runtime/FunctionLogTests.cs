using System.Globalization;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using Photos.Runtime;

namespace Photos.Tests.Unit.Runtime;

/// <summary>Point 11 of the Runtime API contract.</summary>
public sealed class FunctionLogTests
{
    [Fact]
    public void ALineIsOneJsonObjectWithTimeLevelMessageAndRequest()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;

        JsonElement line = JsonElement.Parse(Assert.Single(Lines(log =>
        {
            log.RequestId = "id-1";
            log.Write(LogLevel.Warn, "two\nlines, \"quotes\" and ä");
        })));

        Assert.Equal(["timestamp", "level", "message", "requestId"], line.EnumerateObject().Select(property => property.Name));
        string time = line.GetProperty("timestamp").GetString()!;
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", time);
        Assert.InRange(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture), before.AddMilliseconds(-1), DateTimeOffset.UtcNow);
        Assert.Equal("WARN", line.GetProperty("level").GetString());
        Assert.Equal("two\nlines, \"quotes\" and ä", line.GetProperty("message").GetString());
        Assert.Equal("id-1", line.GetProperty("requestId").GetString());
    }

    [Fact]
    public void ALineOutsideAnInvocationHasNoRequestId()
    {
        string line = Assert.Single(Lines(log => log.Write(LogLevel.Info, "starting")));

        Assert.False(JsonElement.Parse(line).TryGetProperty("requestId", out _));
    }

    [Fact]
    public void AnExceptionIsPartOfTheLine()
    {
        string line = Assert.Single(Lines(log => log.Write(LogLevel.Error, "failed", new InvalidOperationException("why\nso"))));

        JsonElement json = JsonElement.Parse(line);
        Assert.Equal("failed", json.GetProperty("message").GetString());
        Assert.Equal(nameof(InvalidOperationException), json.GetProperty("errorType").GetString());
        Assert.Equal("why\nso", json.GetProperty("errorMessage").GetString());
    }

    [Theory]
    [InlineData("", "INFO WARN ERROR FATAL")]
    [InlineData("TRACE", "TRACE DEBUG INFO WARN ERROR FATAL")]
    [InlineData("DEBUG", "DEBUG INFO WARN ERROR FATAL")]
    [InlineData("INFO", "INFO WARN ERROR FATAL")]
    [InlineData("WARN", "WARN ERROR FATAL")]
    [InlineData("ERROR", "ERROR FATAL")]
    [InlineData("FATAL", "FATAL")]
    public void LinesBelowTheLevelAreNotWritten(string level, string written)
    {
        string[] lines = Lines(
            log =>
            {
                foreach (LogLevel one in Enum.GetValues<LogLevel>())
                {
                    log.Write(one, "message");
                }
            },
            ("AWS_LAMBDA_LOG_LEVEL", level));

        Assert.Equal(written.Split(' '), lines.Select(line => JsonElement.Parse(line).GetProperty("level").GetString()));
    }

    [Fact]
    public void ATextEntryIsOneLineThatNoMessageCanForge()
    {
        string line = Assert.Single(Lines(
            log =>
            {
                log.RequestId = "id-1";
                log.Write(LogLevel.Info, "one\r\n2026-01-01T00:00:00.000Z\tid-2\tFATAL\tforged");
            },
            ("AWS_LAMBDA_LOG_FORMAT", "Text")));

        string[] fields = line.Split('\t');
        Assert.Equal(4, fields.Length);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", fields[0]);
        Assert.Equal("id-1", fields[1]);
        Assert.Equal("INFO", fields[2]);
        Assert.StartsWith("one", fields[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\v")]
    [InlineData("\f")]
    [InlineData("\u001b[31m")]
    [InlineData("\0")]
    [InlineData("\u007f")]
    [InlineData("\u0085")]
    [InlineData("\u009b31m")]
    [InlineData("\u2028")]
    [InlineData("\u2029")]
    public void NoLineHasAControlCharacter(string text)
    {
        foreach (string format in (string[])["JSON", "Text"])
        {
            string line = Assert.Single(Lines(
                log => log.Write(LogLevel.Error, $"a{text}b", new InvalidOperationException(text)), ("AWS_LAMBDA_LOG_FORMAT", format)));

            Assert.DoesNotContain(text[0], line);
        }
    }

    [Fact]
    public void ALineIsWrittenInOneCallAndFlushed()
    {
        using var output = new CountingStream();
        var log = FunctionLog.Create(new FunctionEnvironment(_ => null), output);

        log.Write(LogLevel.Info, new string('x', 100_000));

        Assert.Equal(1, output.Writes);
        Assert.Equal(1, output.Flushes);
        Assert.Equal((byte)'\n', output.ToArray()[^1]);
    }

    [Fact]
    public void ALogThatCannotBeWrittenDoesNotFailTheRequest()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        pipe.DisposeLocalCopyOfClientHandle();
        Assert.Throws<IOException>(() => pipe.Write("x"u8));

        FunctionLog.CreateDefault(pipe).Write(LogLevel.Error, "The handler failed.");
    }

    private static string[] Lines(Action<FunctionLog> write, params (string Name, string Value)[] variables)
    {
        using var output = new MemoryStream();
        write(FunctionLog.Create(
            new FunctionEnvironment(name => variables.FirstOrDefault(variable => variable.Name == name).Value), output));
        string text = Encoding.UTF8.GetString(output.ToArray());
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return text[..^1].Split('\n');
    }

    private sealed class CountingStream : MemoryStream
    {
        public int Writes { get; private set; }

        public int Flushes { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Writes++;
            base.Write(buffer);
        }

        public override void Flush() => Flushes++;
    }
}
